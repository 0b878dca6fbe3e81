import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { createWorld, DRAFT, SHOP, START, WEBHOOK_URL } from './sandbox-world.ts';

const PUSH_KEY = 'test_push_partner_key_0123456789';
const SETTINGS = '/api/v2/push/set_app_push_config';
const SETTINGS_READ = '/api/v2/push/get_app_push_config';
const LOST = '/api/v2/push/get_lost_push_message';
const CONFIRM = '/api/v2/push/confirm_consumed_lost_push_message';
const HOUR_MS = 3_600_000;
/** first try to last retry */
const RETRIES_MS = 300_000 + 1_800_000 + 10_800_000;

const place = (world: ReturnType<typeof createWorld>) => world.sandbox.books.place(String(SHOP), DRAFT);

test('every change of an order is pushed with its code and status', async () => {
  const world = createWorld();
  const first = place(world);
  world.sandbox.books.ship(first.orderId, { carrier: 'SPX', trackingNumber: 'SG123' });
  world.sandbox.books.deliver(first.orderId);
  const second = place(world);
  world.sandbox.books.cancel(second.orderId);
  await world.advance(0);
  const pushes = world.sent.map(({ body }) => JSON.parse(body));
  assert.deepEqual(
    pushes.map(({ code, data }) => [code, data.ordersn, data.status ?? data.tracking_no]),
    [
      [3, first.orderId, 'READY_TO_SHIP'],
      [4, first.orderId, 'SG123'],
      [3, first.orderId, 'SHIPPED'],
      [3, first.orderId, 'COMPLETED'],
      [3, second.orderId, 'READY_TO_SHIP'],
      [3, second.orderId, 'CANCELLED'],
    ],
  );
  for (const push of pushes) assert.deepEqual([push.shop_id, push.timestamp], [SHOP, START / 1000]);
  assert.equal(new Set(pushes.map((push) => push.msg_id)).size, 6);
  assert.equal(pushes[3].data.completed_scenario, 'NORMAL');
});

test('a push is signed over its URL and its bytes, and may take 3 seconds', async () => {
  const world = createWorld();
  place(world);
  await world.advance(0);
  const [push] = world.sent;
  assert.ok(push);
  assert.equal(push.url, WEBHOOK_URL);
  assert.equal(push.timeoutMs, 3_000);
  const expected = createHmac('sha256', PUSH_KEY).update(`${WEBHOOK_URL}|${push.body}`).digest('hex');
  assert.equal(push.headers.authorization, expected);
});

test('a refused push is sent again, the same, after 300, 1800 and 10800 seconds and then is lost', async () => {
  const world = createWorld();
  world.receiverStatus = 503;
  place(world);
  await world.advance(RETRIES_MS);
  assert.deepEqual(
    world.sent.map(({ at }) => (at - START) / 1000),
    [0, 300, 2_100, 12_900],
  );
  assert.equal(new Set(world.sent.map(({ body }) => body)).size, 1);
  const { body } = await world.publicGet(LOST);
  assert.deepEqual(body.response, {
    push_message_list: [{ shop_id: SHOP, code: 3, timestamp: (START + RETRIES_MS) / 1000, data: world.sent[0]?.body }],
    has_next_page: false,
    last_message_id: 1,
  });
});

test('lost pushes come 100 at a time, stay until confirmed, and are gone after 3 days', async () => {
  const world = createWorld();
  world.receiverStatus = 0;
  for (let count = 0; count < 120; count++) place(world);
  await world.advance(RETRIES_MS);
  const first = (await world.publicGet(LOST)).body.response;
  assert.deepEqual([first.push_message_list.length, first.has_next_page], [100, true]);
  assert.deepEqual((await world.publicGet(LOST)).body.response, first);

  const confirmed = await world.publicPost(CONFIRM, { last_message_id: first.last_message_id });
  assert.equal(confirmed.body.error, '');
  const second = (await world.publicGet(LOST)).body.response;
  assert.deepEqual([second.push_message_list.length, second.has_next_page], [20, false]);
  assert.equal((await world.publicPost(CONFIRM, { last_message_id: 999 })).body.error, 'error_param');

  await world.advance(3 * 24 * HOUR_MS);
  const late = (await world.publicGet(LOST)).body.response;
  assert.deepEqual(late, { push_message_list: [], has_next_page: false, last_message_id: 0 });
});

test('a new callback URL is taken only if it answers the test push', async () => {
  const world = createWorld();
  const callback_url = 'https://new.example.test/push';
  world.receiverStatus = 401;
  assert.equal((await world.publicPost(SETTINGS, { callback_url })).body.error, 'error_param');
  assert.equal((await world.publicGet(SETTINGS_READ)).body.response.callback_url, WEBHOOK_URL);

  world.receiverStatus = 204;
  assert.equal((await world.publicPost(SETTINGS, { callback_url })).body.response.result, 'success');
  const verify = world.sent.at(-1)!;
  assert.deepEqual([verify.url, verify.timeoutMs], [callback_url, 3_000]);
  const { code, data } = JSON.parse(verify.body);
  assert.equal(code, 0);
  assert.match(data.verify_info, /^[0-9a-f]+$/);
  place(world);
  await world.advance(0);
  assert.equal(world.sent.at(-1)?.url, callback_url);
});

test('codes that are off and shops that are blocked get no push', async () => {
  const world = createWorld();
  await world.publicPost(SETTINGS, { set_push_config_off: [3], blocked_shop_id_list: [SHOP + 1] });
  const settings = (await world.publicGet(SETTINGS_READ)).body.response;
  assert.deepEqual([settings.push_config_off_list, settings.blocked_shop_id], [[3], [SHOP + 1]]);
  const ship = (shopId: number) => {
    const { orderId } = world.sandbox.books.place(String(shopId), DRAFT);
    world.sandbox.books.ship(orderId, { carrier: 'SPX', trackingNumber: 'SG1' });
  };
  ship(SHOP + 1);
  ship(SHOP);
  await world.advance(0);
  assert.deepEqual(
    world.sent.map(({ body }) => [JSON.parse(body).code, JSON.parse(body).shop_id]),
    [[4, SHOP]],
  );
});

test('more than 600 pushes in 6 hours with under 30 % success suspend the app until its URL is verified anew', async () => {
  const world = createWorld();
  world.receiverStatus = 500;
  for (let count = 0; count < 600; count++) place(world);
  await world.advance(0);
  assert.equal((await world.publicGet(SETTINGS_READ)).body.response.live_push_status, 'Normal');
  place(world);
  await world.advance(0);
  const suspended = (await world.publicGet(SETTINGS_READ)).body.response;
  assert.deepEqual([suspended.live_push_status, suspended.suspended_time], ['Suspended', START / 1000]);

  const sentBefore = world.sent.length;
  place(world);
  await world.advance(0);
  assert.equal(world.sent.length, sentBefore);

  world.receiverStatus = 200;
  await world.publicPost(SETTINGS, { callback_url: WEBHOOK_URL });
  place(world);
  await world.advance(0);
  assert.equal(world.sent.length, sentBefore + 2, 'the test push and the new one, none of the missed');
  assert.equal((await world.publicGet(SETTINGS_READ)).body.response.live_push_status, 'Normal');
});

test('under 70 % success is a warning, and failures older than 6 hours are forgiven', async () => {
  const world = createWorld();
  for (let count = 0; count < 400; count++) place(world);
  await world.advance(0);
  world.receiverStatus = 500;
  for (let count = 0; count < 300; count++) place(world);
  await world.advance(0);
  assert.equal((await world.publicGet(SETTINGS_READ)).body.response.live_push_status, 'Warning');
  world.receiverStatus = 200;
  await world.advance(7 * HOUR_MS);
  assert.equal((await world.publicGet(SETTINGS_READ)).body.response.live_push_status, 'Normal');
});

test('a push that a fault loses is neither sent nor kept as lost', async () => {
  const world = createWorld();
  world.faults.next('lose-webhook');
  place(world);
  await world.advance(RETRIES_MS);
  assert.equal(world.sent.length, 0);
  assert.deepEqual((await world.publicGet(LOST)).body.response.push_message_list, []);
  assert.equal(world.sandbox.webhooks.lost, 1);
});
