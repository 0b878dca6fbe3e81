import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { createWorld, DRAFT, FIRST, type Json, MINUTE_MS, SECOND } from './sandbox-world.ts';

const itemIdsOf = ({ lines }: BookOrder): number[] =>
  lines.flatMap(({ lineId, quantity }) => Array.from({ length: quantity }, (_, index) => Number(lineId) + index));
const packed = (answer: Json): Json[] => answer.result.data.pack_order_list[0].order_item_list;
const codes = (outcomes: Json[]): string[] => outcomes.map((outcome) => outcome.item_err_code);

test('an order that is packed and ready to ship leaves at once, with the carrier and the number of Lazada', async () => {
  const { sandbox, seller, world } = createWorld();
  const { pack, readyToShip, items, list } = await seller();
  const order = sandbox.books.place(FIRST, DRAFT);
  world.now += MINUTE_MS;
  const answer = await pack(order, itemIdsOf(order));
  assert.equal(answer.code, '0');
  assert.equal(answer.result.success, true);
  const [first, ...others] = packed(answer);
  assert.deepEqual([first.item_err_code, first.retry, first.shipment_provider], ['0', false, 'LEX SG']);
  assert.match(first.package_id, /^FP\d+$/);
  assert.ok(others.every((item) => item.package_id === first.package_id && item.item_err_code === '0'));
  assert.deepEqual((await list()).data.orders[0].statuses, ['packed']);
  assert.equal((await list()).data.orders[0].updated_at, '2026-11-24 14:01:00 +0800');
  assert.equal(order.status, 'placed');

  world.now += MINUTE_MS;
  const ready = await readyToShip(first.package_id);
  assert.deepEqual(codes(ready.result.data.packages), ['0']);
  assert.equal(order.status, 'shipped');
  assert.deepEqual(
    [order.shipment?.carrier, order.shipment?.trackingNumber],
    [first.shipment_provider, first.tracking_number],
  );
  for (const item of await items(order.orderId)) {
    assert.deepEqual(
      [item.status, item.package_id, item.tracking_code],
      ['shipped', first.package_id, first.tracking_number],
    );
  }
});

test('a part of an order is packed and ready by itself; the order leaves when the rest is', async () => {
  const { sandbox, seller } = createWorld();
  const { pack, readyToShip, items, list } = await seller();
  const order = sandbox.books.place(FIRST, DRAFT);
  const [one, ...rest] = itemIdsOf(order);
  const [first] = packed(await pack(order, [one!]));
  await readyToShip(first.package_id);
  assert.deepEqual((await list()).data.orders[0].statuses, ['ready_to_ship', 'pending']);
  assert.equal(order.status, 'placed');
  const [second] = packed(await pack(order, rest));
  await readyToShip(second.package_id);
  assert.equal(order.status, 'shipped');
  assert.deepEqual(
    (await items(order.orderId)).map((item) => item.package_id),
    [first.package_id, ...rest.map(() => second.package_id)],
  );
});

test('an item is packed once, an unknown one never, and each says so inside a success', async () => {
  const { sandbox, seller } = createWorld();
  const { pack, post } = await seller();
  const order = sandbox.books.place(FIRST, DRAFT);
  const foreign = sandbox.books.place(SECOND, DRAFT);
  const [one, two] = itemIdsOf(order);
  assert.deepEqual(codes(packed(await pack(order, [one!, one!, 1]))), ['0', '700026', '700025']);
  const again = await pack(order, [one!, two!]);
  assert.equal(again.result.success, true);
  assert.deepEqual(codes(packed(again)), ['700026', '0']);
  assert.equal(packed(again)[0].package_id, undefined);
  assert.deepEqual(codes(packed(await pack(foreign, itemIdsOf(foreign)))), ['700021', '700021', '700021', '700021']);
  sandbox.books.cancel(order.orderId);
  assert.deepEqual(codes(packed(await pack(order, itemIdsOf(order).slice(2)))), ['700026', '700026']);
  assert.equal((await post('/order/fulfill/pack', 'packReq', '')).code, 'MissingParameter');
});

test('a pack request that is not of a local seller, too large or no JSON fails as a whole', async () => {
  const { sandbox, seller } = createWorld();
  const { pack, post } = await seller();
  const order = sandbox.books.place(FIRST, DRAFT);
  const ids = itemIdsOf(order);
  const list = Array.from({ length: 21 }, () => ({ order_id: Number(order.orderId), order_item_list: ids }));
  for (const [answer, code] of [
    [await pack(order, ids, { delivery_type: 'pickup' }), '700004'],
    [await pack(order, ids, { shipping_allocate_type: 'NTFS' }), '700016'],
    [await pack(order, ids, { shipment_provider_code: 'FM50' }), '700004'],
    [await pack(order, ids, { pack_order_list: list }), '700022'],
    [await pack(order, []), '700004'],
    [await post('/order/fulfill/pack', 'packReq', '{"pack'), '700004'],
  ] as [Json, string][]) {
    assert.deepEqual([answer.code, answer.result.success, answer.result.error_code], ['0', false, code]);
  }
  assert.equal(order.status, 'placed');
});

test('a package is ready to ship only once, only its seller’s, and not after a cancellation', async () => {
  const { sandbox, seller } = createWorld();
  const { pack, readyToShip } = await seller();
  const other = await seller(2);
  const order = sandbox.books.place(FIRST, DRAFT);
  const [first] = packed(await pack(order, itemIdsOf(order)));
  const ready = async (id: string, who = readyToShip): Promise<string[]> => codes((await who(id)).result.data.packages);
  assert.deepEqual(await ready(first.package_id, other.readyToShip), ['600001']);
  assert.deepEqual(await ready(first.package_id), ['0']);
  assert.deepEqual(await ready(first.package_id), ['700000']);
  assert.deepEqual(await ready('FP1'), ['600001']);
  const dropped = sandbox.books.place(FIRST, DRAFT);
  const [late] = packed(await pack(dropped, itemIdsOf(dropped)));
  sandbox.books.cancel(dropped.orderId);
  assert.deepEqual(await ready(late.package_id), ['600002']);
});

test('a package that is made anew is no more, and its items may be packed again', async () => {
  const { sandbox, seller } = createWorld();
  const { pack, readyToShip, post, list } = await seller();
  const order = sandbox.books.place(FIRST, DRAFT);
  const [first] = packed(await pack(order, itemIdsOf(order)));
  const again = await post('/order/package/repack', 'rePackReq', { packages: [{ package_id: first.package_id }] });
  assert.deepEqual(codes(again.result.data.packages), ['0']);
  assert.deepEqual((await list()).data.orders[0].statuses, ['repacked']);
  assert.deepEqual(codes((await readyToShip(first.package_id)).result.data.packages), ['600002']);
  const [second] = packed(await pack(order, itemIdsOf(order)));
  assert.notEqual(second.package_id, first.package_id);
  await readyToShip(second.package_id);
  assert.equal(order.shipment?.trackingNumber, second.tracking_number);
});

test('Lazada chooses the carrier of a local seller, who delivers nothing by itself', async () => {
  const { sandbox, seller } = createWorld();
  const { post, pack } = await seller();
  const order = sandbox.books.place(FIRST, DRAFT);
  const ask = (orderId: string, itemIds: number[]): Promise<Json> =>
    post('/order/shipment/providers/get', 'getShipmentProvidersReq', {
      orders: [{ order_id: Number(orderId), order_item_ids: itemIds }],
    });
  assert.deepEqual((await ask(order.orderId, itemIdsOf(order))).result, {
    data: { platform_default: 1, shipment_providers: [], shipping_allocate_type: 'TFS' },
    success: true,
  });
  assert.equal((await ask('1', [1])).result.error_code, '700021');
  assert.equal((await ask(order.orderId, [1])).result.error_code, '700025');
  const [first] = packed(await pack(order, itemIdsOf(order)));
  const delivered = await post('/order/package/sof/delivered', 'dbsDeliveryReq', {
    packages: [{ package_id: first.package_id }],
  });
  assert.deepEqual(codes(delivered.result.data.packages), ['700009']);
});
