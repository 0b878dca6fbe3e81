import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { createWorld, DAY_MS, DRAFT, FIRST, type Json, MINUTE_MS, SECOND, START } from './sandbox-world.ts';

const bodyOf = (request: HttpRequest): Json => JSON.parse(request.body ?? '');
const statusesOf = (sent: HttpRequest[]): string[] =>
  sent.map(bodyOf).map(({ message_type, data }) => `${message_type} ${data.order_status ?? data.status}`);

test('each line of a new order is pushed, signed over the bytes of its body, without a word of its buyer', () => {
  const { world, sandbox, app } = createWorld();
  const order = sandbox.books.place(SECOND, DRAFT);
  assert.equal(world.sent.length, 2);
  const [request] = world.sent as [HttpRequest];
  assert.equal(request.url, 'http://sluice.test/webhooks/lazada');
  assert.equal(request.method, 'POST');
  assert.deepEqual(bodyOf(request), {
    seller_id: SECOND,
    message_type: 0,
    data: {
      order_status: 'pending',
      trade_order_id: order.orderId,
      trade_order_line_id: order.lines[0]!.lineId,
      status_update_time: START / 1000,
    },
    timestamp: START,
    site: 'lazada_sg',
  });
  const digest = createHmac('sha256', app.appSecret).update(app.appKey + request.body);
  assert.equal(request.headers.authorization, digest.digest('hex'));
  assert.doesNotMatch(request.body ?? '', /Ada|relay\.example|Example Street|460001/);
  assert.deepEqual(world.timeouts, [500, 500]);
});

test('packing, shipping, delivery and cancellation are pushed as they come', async () => {
  const { world, sandbox, seller } = createWorld();
  const { pack, readyToShip } = await seller();
  const one = { ...DRAFT, lines: DRAFT.lines.slice(0, 1) };
  const order = sandbox.books.place(FIRST, one);
  const first = Number(order.lines[0]!.lineId);
  const answer = await pack(order, [first, first + 1, first + 2]);
  const packageId = answer.result.data.pack_order_list[0].order_item_list[0].package_id;
  await readyToShip(packageId);
  sandbox.books.deliver(order.orderId);
  assert.deepEqual(statusesOf(world.sent), [
    '0 pending',
    '0 packed',
    '0 ready_to_ship',
    '14 READY_TO_SHIP',
    '0 shipped',
    '0 delivered',
    '14 DELIVERED',
  ]);
  assert.equal(bodyOf(world.sent.at(-1)!).data.fulfillment_package_id, packageId);

  const cancelled = sandbox.books.place(FIRST, one);
  sandbox.books.cancel(cancelled.orderId);
  const { data } = bodyOf(world.sent.at(-1)!);
  assert.equal(data.order_status, 'canceled');
  assert.match(data.reverse_order_id, /^\d{15}$/);
  assert.match(data.reverse_order_line_id, /^\d{15}$/);
});

test('a refused push comes again twelve times, half an hour apart, with the newest status', async () => {
  const { world, sandbox, settle } = createWorld({ webhookStatus: () => 503 });
  const { orderId } = sandbox.books.place(FIRST, { ...DRAFT, lines: DRAFT.lines.slice(0, 1) });
  sandbox.books.cancel(orderId);
  await settle();
  assert.equal(world.sent.length, 26);
  assert.deepEqual([...new Set(world.slept)], [30 * MINUTE_MS]);
  assert.deepEqual(statusesOf(world.sent.slice(0, 2)), ['0 pending', '0 canceled']);
  assert.deepEqual([...new Set(statusesOf(world.sent.slice(2)))], ['0 canceled']);
  assert.deepEqual(sandbox.webhooks, { sent: 26, accepted: 0, refused: 26, lost: 0 });
});

test('only HTTP 200 takes a push, another 2xx does not', async () => {
  const { world, sandbox, settle } = createWorld({ webhookStatus: (attempt) => (attempt === 1 ? 202 : 200) });
  sandbox.books.place(FIRST, { ...DRAFT, lines: DRAFT.lines.slice(0, 1) });
  await settle();
  assert.equal(world.sent.length, 2);
  assert.deepEqual(sandbox.webhooks, { sent: 2, accepted: 1, refused: 1, lost: 0 });
});

test('a seller whose consent has ended is pushed nothing, until it consents anew', async () => {
  const { world, sandbox, consent, call } = createWorld();
  world.now += 180 * DAY_MS;
  sandbox.books.place(FIRST, DRAFT);
  assert.equal(world.sent.length, 0);
  const code = new URL((await consent()).headers.get('location') ?? '').searchParams.get('code') ?? '';
  await call('/auth/token/create', { code });
  sandbox.books.place(FIRST, DRAFT);
  assert.equal(world.sent.length, 2);
});
