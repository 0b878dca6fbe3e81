import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery, WebhookReading } from '#marketplaces/marketplace.ts';
import { mercadolibre } from '#marketplaces/mercadolibre/index.ts';
import notifications from '#test/vectors/mercadolibre/notifications.json' with { type: 'json' };
import { answer, app, context, failureOf, NOW, runSteps } from './support.ts';

type Vector = { name: string; body: string; verified: boolean; reading: WebhookReading | null };

const { webhook } = mercadolibre;
const vectors = notifications as unknown as Vector[];
const [documented] = vectors;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function deliver(body: Uint8Array, change: Partial<Delivery> = {}): Delivery {
  return { method: 'POST', url: app.webhookUrl, query: {}, headers: {}, body, receivedAt: NOW, ...change };
}
const isTaken = (delivery: Delivery, itsApp = app): boolean => webhook.verify(itsApp, delivery).verified;

for (const { name, body, verified, reading } of vectors) {
  test(`notification: ${name}`, () => {
    assert.equal(isTaken(deliver(bytes(body))), verified);
    const read = () => webhook.read(bytes(body));
    if (reading) return assert.deepEqual(read(), { ...reading, occurredAt: reading.occurredAt ?? undefined });
    const failure = failureOf(read);
    assert.deepEqual([failure.kind, failure.code], ['permanent', 'unreadable-notification']);
  });
}

test('a notification that does not know the query of the callback URL is refused', () => {
  const body = bytes(documented!.body);
  const secret = { ...app, webhookUrl: `${app.webhookUrl}?key=4f1a` };
  assert.equal(isTaken(deliver(body), secret), false);
  for (const key of ['', '4f1', '4f1a4f1a', '4F1A'])
    assert.equal(isTaken(deliver(body, { query: { key } }), secret), false);
  assert.equal(isTaken(deliver(body, { query: { key: '4f1a' } }), secret), true);
});

test('nothing but a POST is taken', () => {
  assert.equal(isTaken(deliver(bytes(documented!.body), { method: 'GET' })), false);
});

test('a body that is not UTF-8 is refused, and a permanent failure', () => {
  const body = Uint8Array.of(0x7b, 0xff, 0x7d);
  assert.equal(isTaken(deliver(body)), false);
  assert.equal(failureOf(() => webhook.read(body)).kind, 'permanent');
});

test('neither a refusal nor a failure quotes the body or the key', () => {
  const body = bytes(JSON.stringify({ topic: 'Ada Example', resource: 'Ada Example', Ada: 1 }));
  const secret = { ...app, webhookUrl: `${app.webhookUrl}?key=Ada` };
  for (const [delivery, itsApp] of [
    [deliver(body), app],
    [deliver(body, { query: { key: 'Ada2' } }), secret],
  ] as const) {
    assert.doesNotMatch(JSON.stringify(webhook.verify(itsApp, delivery)), /Ada/);
  }
  assert.doesNotMatch(failureOf(() => webhook.read(body)).message, /Ada/);
});

test('without an id another order, another user and another time have another key', () => {
  const { _id, ...rest } = JSON.parse(documented!.body) as Record<string, unknown>;
  const keyOf = (change: object): string =>
    webhook.read(bytes(JSON.stringify({ ...rest, ...change }))).deduplicationKey;
  const changes = [{}, { resource: '/orders/1' }, { user_id: 1 }, { received: '2026-01-01T16:19:20.107Z' }];
  assert.equal(new Set(changes.map(keyOf)).size, changes.length);
});

const message = (id: number, change: object = {}) => ({
  _id: `m${id}`,
  resource: `/orders/${id}`,
  user_id: 468424240,
  topic: 'orders_v2',
  application_id: 5503910054141466,
  attempts: 8,
  sent: '2026-11-24T05:00:00.000Z',
  received: '2026-11-24T04:00:00.000Z',
  request: { url: 'https://sluice.example', headers: {}, data: '{"name":"Ada"}' },
  response: { req_time: 260, http_code: 400, body: '', headers: {} },
  ...change,
});
const missed = (...pages: object[][]) => {
  const left = [...pages];
  return runSteps(
    (answers) => webhook.missed!.list(context, answers),
    () => answer({ messages: left.shift() ?? [] }),
  );
};

test('the list of missed notifications is read to its end, with the keys that the notifications had', () => {
  const first = Array.from({ length: 10 }, (_, index) => message(index + 1));
  const { result, requests } = missed(first, [message(10), message(11)]);
  assert.deepEqual(
    result.map(({ deduplicationKey }) => deduplicationKey),
    Array.from({ length: 11 }, (_, index) => `m${index + 1}/468424240//orders/${index + 1}`),
  );
  assert.deepEqual(
    requests.map(({ url }) => url.split('&offset=')[1]),
    ['0', '10', '12'],
  );
  assert.equal(
    requests[0]!.url,
    'https://api.mercadolibre.com/missed_feeds?app_id=5503910054141466&topic=orders_v2&limit=10&offset=0',
  );
  assert.deepEqual(result[0], {
    topic: 'orders_v2',
    sellerId: '468424240',
    deduplicationKey: 'm1/468424240//orders/1',
    orderIds: ['1'],
    occurredAt: Date.parse('2026-11-24T04:00:00.000Z'),
  });
});

test('missed notifications of another application, of no order, and unreadable ones are left out', () => {
  const { result } = missed([
    message(1, { application_id: 1 }),
    message(2, { resource: '/orders/2/feedback' }),
    message(3, { user_id: null }),
    message(4),
  ]);
  assert.deepEqual(
    result.map(({ orderIds }) => orderIds),
    [['4']],
  );
});

test('a list of missed notifications that never ends is read no more than a hundred times', () => {
  const { requests } = runSteps(
    (answers) => webhook.missed!.list(context, answers),
    () => answer({ messages: [message(1)] }),
  );
  assert.equal(requests.length, 100);
});

test('a list of missed notifications that is not whole counts as none', () => {
  assert.equal(failureOf(() => webhook.missed!.list(context, [answer({})])).kind, 'retryable');
});
