import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, GB_SHOP, type Json, MINUTE_MS, SG_SHOP, START } from './sandbox-world.ts';

const NOW = START / 1000;
const ROYAL_MAIL = '7117858858072010001';
const DPD = '7117858858072010002';
const SHIPPED_ORDER = 21011020;
const CANCELLED = 21011041;

const tracking = { tracking_number: 'GB123', shipping_provider_id: ROYAL_MAIL };

function openWorld() {
  const world = createWorld();
  return {
    world,
    mark: (orderId: string, body: Json = tracking, shop = 0) =>
      world.call(`/fulfillment/202309/orders/${orderId}/packages`, { body, shop }),
    ship: (packageId: string, body: Json = { self_shipment: tracking }, shop = 1) =>
      world.call(`/fulfillment/202309/packages/${packageId}/ship`, { body, shop }),
    correct: (packageId: string, body: Json, shop = 0) =>
      world.call(`/fulfillment/202309/packages/${packageId}/shipping_info/update`, { body, shop }),
    package: async (packageId: string, shop = 0) =>
      (await world.call(`/fulfillment/202309/packages/${packageId}`, { shop })).body,
  };
}

test('providers are listed for the delivery option that orders name', async () => {
  const { world } = openWorld();
  const { delivery_option_id } = await world.order(world.place().orderId);
  const list = (id: string) => world.call(`/logistics/202309/delivery_options/${id}/shipping_providers`);
  const { shipping_providers } = (await list(delivery_option_id)).body.data;
  assert.deepEqual(shipping_providers.slice(0, 2), [
    { id: ROYAL_MAIL, name: 'Royal Mail' },
    { id: DPD, name: 'DPD' },
  ]);
  assert.equal((await list('1')).body.code, 21008116);
});

test('where orders have no packages, marking one as shipped makes it and ships the order', async () => {
  const { world, mark } = openWorld();
  const { orderId } = world.place();
  assert.deepEqual((await world.order(orderId)).packages, []);
  await world.advance(MINUTE_MS);
  const { body } = await mark(orderId);
  assert.equal(body.code, 0);
  const order = await world.order(orderId);
  assert.deepEqual([order.status, order.update_time], ['IN_TRANSIT', NOW + 60]);
  assert.deepEqual(order.packages, [{ id: body.data.package_id }]);
  assert.deepEqual(
    body.data.order_line_item_ids,
    order.line_items.map((unit: Json) => unit.id),
  );
  const { carrier, trackingNumber } = world.sandbox.books.orders.get(orderId)!.shipment!;
  assert.deepEqual([carrier, trackingNumber], ['Royal Mail', 'GB123']);
});

test('an order may leave in several packages, and is shipped with the last of them', async () => {
  const { world, mark, package: read } = openWorld();
  const { orderId } = world.place();
  const units = (await world.order(orderId)).line_items.map((unit: Json) => unit.id);
  await world.advance(MINUTE_MS);
  const first = await mark(orderId, { ...tracking, order_line_item_ids: [units[1], units[3]] });
  const partly = await world.order(orderId);
  assert.deepEqual([partly.status, partly.update_time], ['PARTIALLY_SHIPPING', NOW + 60]);
  assert.deepEqual(
    partly.line_items.map((unit: Json) => [unit.display_status, unit.tracking_number]),
    [
      ['AWAITING_SHIPMENT', undefined],
      ['IN_TRANSIT', 'GB123'],
      ['AWAITING_SHIPMENT', undefined],
      ['IN_TRANSIT', 'GB123'],
    ],
  );
  assert.equal(world.sandbox.books.orders.get(orderId)!.status, 'placed');
  const found = await world.search({ sort_field: 'update_time' }, { update_time_ge: NOW + 60 });
  assert.equal(found.body.data.orders[0].status, 'PARTIALLY_SHIPPING');

  assert.equal((await mark(orderId, { ...tracking, order_line_item_ids: [units[1]] })).body.code, SHIPPED_ORDER);
  const second = await mark(orderId, { tracking_number: 'GB456', shipping_provider_id: DPD });
  assert.deepEqual(second.body.data.order_line_item_ids, [units[0], units[2]]);
  const whole = await world.order(orderId);
  assert.deepEqual(
    [whole.status, whole.split_or_combine_tag, whole.packages],
    ['IN_TRANSIT', 'SPLIT', [{ id: first.body.data.package_id }, { id: second.body.data.package_id }]],
  );
  const { data } = await read(second.body.data.package_id);
  assert.deepEqual(
    [data.package_status, data.tracking_number, data.shipping_provider_name, data.order_line_item_ids],
    ['FULFILLING', 'GB456', 'DPD', [units[0], units[2]]],
  );
  assert.equal(data.orders[0].skus[0].quantity, 2);
});

test('marking as shipped is refused for a wrong state, unit, provider, number, order and market', async () => {
  const { world, mark } = openWorld();
  const { orderId } = world.place();
  const code = async (body: Json) => (await mark(orderId, { ...tracking, ...body })).body.code;
  assert.equal(await code({ order_line_item_ids: ['577000000000000000'] }), 21011029);
  assert.equal(await code({ order_line_item_ids: [] }), 21001001);
  assert.equal(await code({ shipping_provider_id: '1' }), 21011022);
  assert.equal(await code({ tracking_number: 'GB 12/3' }), 21004012);
  assert.equal(await code({ tracking_number: '' }), 36009004);
  assert.equal((await mark('576461413000000999')).body.code, 21001001);
  assert.equal((await mark(world.place(SG_SHOP).orderId)).body.code, 21001001);
  assert.equal((await mark(world.place(SG_SHOP).orderId, tracking, 1)).body.code, 21008106);
  assert.equal(world.sandbox.books.orders.get(orderId)!.status, 'placed');

  assert.equal(await code({}), 0);
  const again = await mark(orderId);
  assert.deepEqual([again.status, again.body.code], [200, SHIPPED_ORDER]);
  const lost = world.place();
  world.sandbox.books.cancel(lost.orderId);
  assert.equal((await mark(lost.orderId)).body.code, CANCELLED);
});

test('where every order has its package, the package is shipped', async () => {
  const { world, ship, package: read } = openWorld();
  const { orderId } = world.place(SG_SHOP);
  const placed = await world.order(orderId, 1);
  assert.deepEqual([placed.status, placed.packages.length], ['AWAITING_SHIPMENT', 1]);
  const packageId = placed.packages[0].id;
  assert.equal(placed.line_items[0].package_id, packageId);
  assert.equal((await read(packageId, 1)).data.package_status, 'PROCESSING');

  assert.equal((await ship(packageId, {})).body.code, 36009004);
  assert.equal(
    (await ship(packageId, { self_shipment: { ...tracking, shipping_provider_id: '1' } })).body.code,
    21011022,
  );
  assert.equal((await ship(packageId, undefined, 0)).body.code, 21011028, 'the package of another shop');
  assert.deepEqual((await ship(packageId)).body.data, {});
  assert.deepEqual((await world.order(orderId, 1)).packages, [{ id: packageId }]);
  assert.equal(world.sandbox.books.orders.get(orderId)!.shipment!.trackingNumber, 'GB123');
  assert.equal((await ship(packageId)).body.code, 11006021);

  const lost = world.place(SG_SHOP);
  const { packages } = await world.order(lost.orderId, 1);
  world.sandbox.books.cancel(lost.orderId);
  assert.equal((await ship(packages[0].id)).body.code, CANCELLED);
});

test('a tracking number may be corrected once', async () => {
  const { world, mark, correct } = openWorld();
  const { orderId } = world.place();
  const { package_id } = (await mark(orderId)).body.data;
  await world.advance(MINUTE_MS);
  const right = { tracking_number: 'GB999', shipping_provider_id: DPD };
  assert.equal((await correct(package_id, right)).body.code, 0);
  const order = await world.order(orderId);
  assert.deepEqual([order.tracking_number, order.shipping_provider, order.update_time], ['GB999', 'DPD', NOW + 60]);
  assert.equal(world.sandbox.books.orders.get(orderId)!.shipment!.trackingNumber, 'GB999');
  assert.equal((await correct(package_id, tracking)).body.code, 21011051);
  assert.equal((await correct('1576461413000000999', right)).body.code, 21011028);
  const { packages } = await world.order(world.place(SG_SHOP).orderId, 1);
  assert.equal((await correct(packages[0].id, right, 1)).body.code, 21011030);
});

test('an order that its marketplace ships by itself is shown as if the seller had told it', async () => {
  const { world } = openWorld();
  const units = async (orderId: string) => (await world.order(orderId)).line_items.map((unit: Json) => unit.package_id);
  const { orderId } = world.place(GB_SHOP);
  world.sandbox.books.ship(orderId, { carrier: 'A van of nobody', trackingNumber: 'X 1' });
  assert.deepEqual(new Set(await units(orderId)).size, 1);
  const order = await world.order(orderId);
  assert.deepEqual([order.shipping_provider, order.tracking_number], ['A van of nobody', 'X 1']);
});
