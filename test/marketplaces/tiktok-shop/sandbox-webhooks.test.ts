import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { createWorld, DAY_MS, GB_SHOP, HOUR_MS, MINUTE_MS, START, WEBHOOK_URL } from './sandbox-world.ts';

const NOW = START / 1000;
const WEBHOOKS = '/event/202309/webhooks';
const ELSEWHERE = 'https://elsewhere.example/hook';

test('a new order is told at once, signed over the raw body', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  await world.advance(0);
  const [request] = world.sent;
  assert.deepEqual([request!.method, request!.url], ['POST', WEBHOOK_URL]);
  const { appKey, appSecret } = world.registration;
  const expected = createHmac('sha256', appSecret!).update(`${appKey}${request!.body}`).digest('hex');
  assert.equal(request!.headers.authorization, expected);
  const { tts_notification_id, ...envelope } = world.notifications()[0];
  assert.match(tts_notification_id, /^\d{19}$/);
  assert.deepEqual(envelope, {
    type: 1,
    shop_id: GB_SHOP,
    timestamp: NOW,
    data: { order_id: orderId, order_status: 'AWAITING_SHIPMENT', is_on_hold_order: false, update_time: NOW },
  });
  assert.deepEqual(world.sandbox.webhooks, { sent: 1, accepted: 1, refused: 0, lost: 0 });
});

test('every change is told, a cancellation in two ways and by another name than the order’s', async () => {
  const world = createWorld();
  const sent = world.place();
  const lost = world.place();
  await world.advance(MINUTE_MS);
  world.sandbox.books.ship(sent.orderId, { carrier: 'DPD', trackingNumber: 'GB1' });
  world.sandbox.books.deliver(sent.orderId);
  world.sandbox.books.cancel(lost.orderId);
  await world.advance(0);
  const told = world.notifications().map(({ type, data }) => [type, data.order_id, data.order_status]);
  assert.deepEqual(told.slice(2), [
    [1, sent.orderId, 'IN_TRANSIT'],
    [1, sent.orderId, 'DELIVERED'],
    [1, lost.orderId, 'CANCEL'],
    [11, lost.orderId, undefined],
  ]);
  const ids = world.notifications().map(({ tts_notification_id }) => tts_notification_id);
  assert.equal(new Set(ids).size, ids.length);
});

test('a part of an order that leaves by itself is told as a package', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  const { line_items } = await world.order(orderId);
  const body = {
    order_line_item_ids: [line_items[0].id],
    tracking_number: 'GB1',
    shipping_provider_id: '7117858858072010001',
  };
  const { data } = (await world.call(`/fulfillment/202309/orders/${orderId}/packages`, { body })).body;
  await world.advance(0);
  const { type, data: told } = world.notifications()[1];
  assert.deepEqual([type, told.sc_type], [4, 'SPLIT']);
  assert.deepEqual(told.package_list, [{ package_id: data.package_id, order_id_list: [orderId] }]);
});

test('what is refused is sent again, unchanged, after 2 min, 30 min, 3 h and 12 h, and then no more', async () => {
  const world = createWorld();
  world.receiverStatus = 503;
  world.place();
  await world.advance(2 * DAY_MS);
  const waits = world.sent.map(({ at }, index) => at - (world.sent[index - 1]?.at ?? START));
  assert.deepEqual(waits, [0, 2 * MINUTE_MS, 30 * MINUTE_MS, 3 * HOUR_MS, 12 * HOUR_MS]);
  assert.equal(new Set(world.sent.map(({ body }) => body)).size, 1);
  assert.equal(world.sandbox.webhooksUnderWay(), 0);
});

test('a receiver that answers at last ends the resends', async () => {
  const world = createWorld();
  world.receiverStatus = 0;
  world.place();
  await world.advance(MINUTE_MS);
  assert.equal(world.sandbox.webhooksUnderWay(), 1);
  world.receiverStatus = 200;
  await world.advance(2 * DAY_MS);
  assert.deepEqual(world.sandbox.webhooks, { sent: 2, accepted: 1, refused: 1, lost: 0 });
});

test('a shop’s own address takes the place of the app’s, for its event and as long as it stands', async () => {
  const world = createWorld();
  const list = async () => (await world.call(WEBHOOKS)).body.data;
  assert.deepEqual(await list(), { webhooks: [], total_count: 0 });
  const set = { address: ELSEWHERE, event_type: 'ORDER_STATUS_CHANGE' };
  assert.equal((await world.call(WEBHOOKS, { method: 'PUT', body: set })).body.code, 0);
  await world.advance(1000);
  assert.equal((await world.call(WEBHOOKS, { method: 'PUT', body: set })).body.code, 0);
  assert.deepEqual(await list(), {
    webhooks: [{ event_type: 'ORDER_STATUS_CHANGE', address: ELSEWHERE, create_time: NOW, update_time: NOW + 1 }],
    total_count: 1,
  });
  world.sandbox.books.cancel(world.place().orderId);
  await world.advance(0);
  assert.deepEqual(
    world.sent.map(({ url }) => url),
    [ELSEWHERE, ELSEWHERE, WEBHOOK_URL],
  );
  const remove = { event_type: 'ORDER_STATUS_CHANGE' };
  assert.equal((await world.call(WEBHOOKS, { method: 'DELETE', body: remove })).body.code, 0);
  world.place();
  await world.advance(0);
  assert.equal(world.sent.at(-1)!.url, WEBHOOK_URL);
});

test('an address that is no URL and an event that is none are refused', async () => {
  const world = createWorld();
  const code = async (body: unknown) => (await world.call(WEBHOOKS, { method: 'PUT', body })).body.code;
  assert.equal(await code({ address: 'hook', event_type: 'ORDER_STATUS_CHANGE' }), 36009004);
  assert.equal(await code({ address: ELSEWHERE, event_type: 'ORDER_CREATED' }), 36009004);
});

test('webhooks get lost, come twice and come late when told to', async () => {
  const world = createWorld();
  world.faults.next('lose-webhook');
  world.place();
  await world.advance(MINUTE_MS);
  assert.equal(world.sent.length, 0);
  world.faults.next('duplicate-webhook');
  world.place();
  await world.advance(MINUTE_MS);
  assert.equal(world.sent.length, 2);
  assert.equal(world.sent[0]!.body, world.sent[1]!.body);
  world.faults.next('reorder-webhook');
  const late = world.place();
  const early = world.place();
  await world.advance(MINUTE_MS);
  const ids = world.notifications().map(({ data }) => data.order_id);
  assert.deepEqual(ids.slice(2), [early.orderId, late.orderId]);
});
