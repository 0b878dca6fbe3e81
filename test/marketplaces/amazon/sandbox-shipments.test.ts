import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { createWorld, DRAFT, iso, type Json, MINUTE, SECOND, START } from './sandbox-world.ts';

/** A world with one order of six and one unit, and its calls. */
async function createShipmentsWorld() {
  const all = createWorld();
  const { books, seller, call, accessToken, world } = all;
  const order = books.place(seller.sellerId, DRAFT);
  const [six, one] = order.lines.map(({ lineId }) => lineId) as [string, string];
  world.now += MINUTE;
  const access = await accessToken();
  const units = (...parts: [lineId: string, quantity: number][]) =>
    parts.map(([orderItemId, quantity]) => ({ orderItemId, quantity }));
  const detail = (orderItems: Json, more: Json = {}) => ({
    packageReferenceId: '1',
    carrierCode: 'Royal Mail',
    trackingNumber: 'RR123456789GB',
    shipDate: '2026-11-24T08:00:00+02:00',
    orderItems,
    ...more,
  });
  const confirm = (packageDetail: Json, of: BookOrder = order, more: Json = {}) =>
    call(`/orders/v0/orders/${of.orderId}/shipmentConfirmation`, access, {
      method: 'POST',
      body: { marketplaceId: 'A1F83G8C2ARO7P', packageDetail, ...more },
    });
  const read = async () =>
    (await call(`/orders/2026-01-01/orders/${order.orderId}?includedData=FULFILLMENT,PACKAGES`, access)).body.order;
  return { ...all, order, six, one, units, detail, confirm, read, access };
}

test('a confirmed shipment is in the order and in the books, and is told to the queue', async () => {
  const { order, six, one, units, detail, confirm, read, world, settled } = await createShipmentsWorld();
  const { status, body, headers } = await confirm(detail(units([six, 6], [one, 1])));
  assert.deepEqual([status, body, headers.get('x-amzn-ratelimit-limit')], [204, undefined, '2']);
  const shipped = await read();
  assert.equal(shipped.fulfillment.fulfillmentStatus, 'SHIPPED');
  assert.equal(shipped.lastUpdatedTime, iso(START + MINUTE));
  assert.deepEqual(shipped.packages, [
    {
      packageReferenceId: '1',
      createdTime: iso(START + MINUTE),
      packageStatus: { status: 'SHIPPED' },
      carrier: 'Royal Mail',
      shippingService: 'Standard',
      trackingNumber: 'RR123456789GB',
      shipTime: iso(START),
      packageItems: units([six, 6], [one, 1]),
    },
  ]);
  assert.deepEqual(order.shipment, {
    packageId: '1',
    carrier: 'Royal Mail',
    trackingNumber: 'RR123456789GB',
    shippedAt: START,
  });
  await settled();
  const statuses = world.queue.map((sent) => sent.body.Payload.OrderChangeNotification.Summary.OrderStatus);
  assert.deepEqual(statuses, ['Unshipped', 'Shipped']);
});

test('an order in two parcels is partially shipped, then shipped', async () => {
  const { order, six, one, units, detail, confirm, read, search, access, world, settled } =
    await createShipmentsWorld();
  const [first, second] = [detail(units([six, 4])), detail(units([six, 2], [one, 1]), { packageReferenceId: '2' })];
  assert.equal((await confirm(first)).status, 204);
  const partly = await read();
  assert.equal(partly.fulfillment.fulfillmentStatus, 'PARTIALLY_SHIPPED');
  assert.deepEqual(partly.orderItems[0].fulfillment, { quantityFulfilled: 4, quantityUnfulfilled: 2 });
  assert.equal(partly.packages.length, 1);
  assert.equal(order.status, 'placed');
  const period = { lastUpdatedAfter: iso(START + MINUTE), fulfillmentStatuses: 'PARTIALLY_SHIPPED' };
  const found = (await search(access, period)).body.orders.map(({ orderId }: Json) => orderId);
  assert.deepEqual(found, [order.orderId]);

  assert.equal((await confirm(second)).status, 204);
  const whole = await read();
  assert.equal(whole.fulfillment.fulfillmentStatus, 'SHIPPED');
  assert.deepEqual(
    whole.packages.map((parcel: Json) => parcel.packageItems),
    [units([six, 4]), units([six, 2], [one, 1])],
  );
  assert.equal(order.status, 'shipped');
  await settled();
  const summaries = world.queue.map((sent) => sent.body.Payload.OrderChangeNotification.Summary);
  assert.deepEqual(
    summaries.map(({ OrderStatus, NumberOfItemsShipped }: Json) => [OrderStatus, NumberOfItemsShipped]),
    [
      ['Unshipped', 0],
      ['PartiallyShipped', 4],
      ['Shipped', 7],
    ],
  );
});

test('the same package reference corrects the parcel, another one finds nothing to ship', async () => {
  const { six, one, units, detail, confirm, read, order, world } = await createShipmentsWorld();
  const all = units([six, 6], [one, 1]);
  await confirm(detail(all));
  world.now += MINUTE;
  assert.equal((await confirm(detail(all, { trackingNumber: 'RR000000000GB' }))).status, 204);
  const { packages, lastUpdatedTime } = await read();
  assert.deepEqual([packages.length, packages[0].trackingNumber], [1, 'RR000000000GB']);
  assert.equal(lastUpdatedTime, iso(START + 2 * MINUTE));
  assert.equal(order.shipment?.trackingNumber, 'RR000000000GB');
  const again = await confirm(detail(all, { packageReferenceId: '2' }));
  assert.equal(again.status, 400);
  assert.match(again.body.errors[0].message, /PackageToUpdateNotFound/);
  assert.equal((await confirm(detail(units([six, 1])))).status, 400, 'a shipped order is not taken back');
});

test('what somebody else shipped can be corrected, and a delivered or cancelled order can not', async () => {
  const { books, seller, order, six, one, units, detail, confirm, read } = await createShipmentsWorld();
  const all = units([six, 6], [one, 1]);
  books.ship(order.orderId, { carrier: 'DPD', trackingNumber: '1' });
  assert.equal((await confirm(detail(all))).status, 204);
  assert.equal((await read()).packages[0].carrier, 'Royal Mail');
  books.deliver(order.orderId);
  assert.equal((await confirm(detail(all))).status, 400);
  const cancelled = books.cancel(books.place(seller.sellerId, DRAFT).orderId);
  const [line] = cancelled.lines;
  assert.equal((await confirm(detail(units([line!.lineId, 1])), cancelled)).status, 400);
});

test('the rest of a partly confirmed order is a parcel of its own when the books ship it', async () => {
  const { books, order, six, one, units, detail, confirm, read } = await createShipmentsWorld();
  await confirm(detail(units([six, 4])));
  books.ship(order.orderId, { carrier: 'DPD', trackingNumber: '1' });
  const { packages } = await read();
  assert.deepEqual(
    packages.map((parcel: Json) => [parcel.packageReferenceId, parcel.packageItems]),
    [
      ['1', units([six, 4])],
      ['2', units([six, 2], [one, 1])],
    ],
  );
});

test('a confirmation that breaks a documented rule is refused and changes nothing', async () => {
  const { six, one, units, detail, confirm, order, world } = await createShipmentsWorld();
  const all = units([six, 6], [one, 1]);
  const wrong: Json[] = [
    detail(all, { packageReferenceId: 1 }),
    detail(all, { packageReferenceId: '0' }),
    detail(all, { packageReferenceId: 'P1' }),
    detail(all, { carrierCode: '' }),
    detail(all, { carrierCode: 'Other' }),
    detail(all, { shipDate: '02/21/2022' }),
    detail(all, { trackingNumber: undefined }),
    detail([]),
    detail(units([six, 7])),
    detail(units([six, 0])),
    detail(units([six, 4], [six, 3])),
    detail(units(['unknown', 1])),
  ];
  for (const packageDetail of wrong) {
    world.now += SECOND;
    const { status, body } = await confirm(packageDetail);
    assert.deepEqual([status, body.errors[0].code], [400, 'InvalidInput'], JSON.stringify(packageDetail));
  }
  assert.equal(order.status, 'placed');
});

test('a confirmation for another marketplace, an unknown order or another seller is refused', async () => {
  const { books, other, six, units, detail, confirm, call, access, order } = await createShipmentsWorld();
  assert.equal((await confirm(detail(units([six, 6])), order, { marketplaceId: 'ATVPDKIKX0DER' })).status, 400);
  const foreign = books.place(other.sellerId, DRAFT);
  assert.equal((await confirm(detail(units([foreign.lines[0]!.lineId, 1])), foreign)).status, 404);
  const init = { method: 'POST', body: {} };
  assert.equal((await call('/orders/v0/orders/1/shipmentConfirmation', access, init)).status, 400);
});

test('another carrier is told by its name', async () => {
  const { six, one, units, detail, confirm, read } = await createShipmentsWorld();
  const all = units([six, 6], [one, 1]);
  const other = { carrierCode: 'Other', carrierName: 'Brieftaube', shippingMethod: 'Air' };
  assert.equal((await confirm(detail(all, other))).status, 204);
  const [parcel] = (await read()).packages;
  assert.deepEqual([parcel.carrier, parcel.shippingService], ['Brieftaube', 'Air']);
});
