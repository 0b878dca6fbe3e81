import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { definitions } from '#events/index.ts';
import { startSellerSystem } from '#services/all-in-one/demo/seller-system.ts';
import { fromEbay, fromShopee, type Sent, shopeePush, startIntakeWorld } from './intake-world.ts';

/** stands in every bad body, and must stand in no log line and no dead letter's reason */
const MARK = 'buyers-own-data';
const JSON_TYPE = { 'content-type': 'application/json' };

const world = await startIntakeWorld();
const seller = startSellerSystem(world.deps);
after(async () => {
  await world.inTime(seller.stop());
  await world.stop();
});
const [shopId, otherShopId] = world.sandboxes.get('shopee')!.sellers.map(({ sellerId }) => sellerId) as [
  string,
  string,
];

/** A good delivery, sent afterwards, leads to a stored order and its event. */
async function assertStillWorking(): Promise<void> {
  const { orderId } = world.placeAtShopee();
  assert.equal((await world.deliver(fromShopee(shopeePush(shopId, orderId)))).status, 200);
  await world.pass(5_000);
  const stored = await world.deps.orders.get('shopee-1', orderId);
  assert.deepEqual([stored?.orderVersion, stored?.announced, stored?.foundBy], [1, true, 'webhook']);
  assert.equal(world.orderEvents(orderId).length, 1);
  assert.equal(seller.latest.get(`shopee-1/${orderId}`)?.data.order.orderId, orderId);
  assert.deepEqual(
    world.logged.filter((line) => JSON.stringify(line).includes(MARK)),
    [],
    'nothing of a bad body is logged',
  );
}

const tampered = (sent: Sent): Sent => ({ ...sent, body: String(sent.body).replace(MARK, MARK.toUpperCase()) });
const BAD_ORDER = '261124NOORDER1';
const push = (shop: string, extra: Record<string, unknown> = {}): string =>
  shopeePush(shop, BAD_ORDER, { note: MARK, ...extra });
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const ebayBody = (data: unknown): string =>
  JSON.stringify({ metadata: { topic: 'ORDER_CONFIRMATION' }, notification: { notificationId: 'n-1', data } });
const notUtf8 = (text: string): Uint8Array => {
  const bytes = Buffer.from(text);
  bytes[bytes.indexOf(BAD_ORDER)] = 0xff;
  return bytes;
};

const DELIVERIES: Record<string, [sent: Sent, status: number]> = {
  'an empty body': [fromShopee(''), 400],
  'no JSON': [fromShopee(MARK), 400],
  'cut JSON': [fromShopee(push(shopId).slice(0, -9)), 400],
  'JSON of another shape': [fromShopee(JSON.stringify([MARK])), 400],
  null: [fromShopee('null'), 400],
  'bytes that are no UTF-8': [fromShopee(Uint8Array.of(0xff, 0xfe, 0x00, 0x80)), 400],
  'bytes that are no UTF-8 in a string': [fromShopee(notUtf8(push(shopId))), 400],
  'JSON nested 200,000 deep': [fromShopee(nested(200_000)), 400],
  'JSON nested deep in a field': [
    fromShopee(`{"code":3,"shop_id":${shopId},"data":{"ordersn":${nested(100_000)}}}`),
    400,
  ],
  'numbers beyond all measure': [fromShopee(`{"code":1e999,"shop_id":${'9'.repeat(400)}}`), 400],
  'a time beyond all measure': [fromShopee(push(shopId, { timestamp: 1e20 })), 400],
  'prototype keys instead of its own': [fromShopee(`{"__proto__":{"code":3,"shop_id":${shopId}}}`), 400],
  'a code that every object has': [fromShopee(push(shopId, { code: 'constructor' })), 400],
  'a body of more than 1 MiB': [fromShopee(push(shopId, { x: 'x'.repeat(1_048_576) })), 413],
  'another content type': [{ ...fromShopee(push(shopId)), headers: { 'content-type': 'text/plain' } }, 415],
  'no content type': [{ path: '/webhooks/shopee', body: Buffer.from(MARK) }, 415],
  'no signature': [{ path: '/webhooks/shopee', headers: JSON_TYPE, body: push(shopId) }, 401],
  'one byte changed': [tampered(fromShopee(push(shopId))), 401],
  'the signature of another URL': [
    { ...fromShopee(push(shopId)), headers: { ...JSON_TYPE, authorization: '0'.repeat(64) } },
    401,
  ],
  'a shop without a connection': [fromShopee(push('4711')), 404],
  'an unknown marketplace': [{ ...fromShopee(push(shopId)), path: '/webhooks/nowhere' }, 404],
  'a marketplace named as a prototype': [{ ...fromShopee(push(shopId)), path: '/webhooks/__proto__' }, 404],
  'an unknown connection': [fromShopee(push(shopId), '/webhooks/shopee/shopee-99'), 404],
  'a connection of another marketplace': [fromShopee(push(shopId), '/webhooks/shopee/ebay-1'), 404],
  "another shop's connection": [fromShopee(push(otherShopId), '/webhooks/shopee/shopee-1'), 404],
  'a path in no encoding': [fromShopee(push(shopId), '/webhooks/%E0%A4%A'), 404],
  'a GET that is no handshake': [{ path: '/webhooks/ebay', method: 'GET' }, 404],
  'a GET with an endless challenge': [
    { path: `/webhooks/ebay?challenge_code=${'c'.repeat(10_000)}`, method: 'GET' },
    404,
  ],
  'another method': [{ path: '/webhooks/shopee', method: 'PUT', body: MARK }, 404],
  'Amazon over HTTP': [{ path: '/webhooks/amazon', headers: JSON_TYPE, body: '{}' }, 401],
  'eBay, one byte changed': [tampered(fromEbay(ebayBody({ order: { orderId: '1', note: MARK } }))), 401],
  'eBay, a signature that is no JSON': [
    { ...fromEbay('{}'), headers: { ...JSON_TYPE, 'x-ebay-signature': 'AAAA' } },
    401,
  ],
  'eBay, a key that nobody knows': [
    {
      ...fromEbay('{}'),
      headers: {
        ...JSON_TYPE,
        'x-ebay-signature': Buffer.from('{"kid":"forged","signature":"AAAA","digest":"SHA1"}').toString('base64'),
      },
    },
    401,
  ],
  'eBay, forged and nested deep': [{ ...fromEbay('{}'), body: nested(100_000) }, 401],
  'eBay, signed and of another shape': [fromEbay(ebayBody({ order: { orderId: [MARK] } })), 400],
  'eBay, signed and nested deep': [fromEbay(nested(100_000)), 400],
};

for (const [name, [sent, status]] of Object.entries(DELIVERIES)) {
  test(`a delivery with ${name} is answered ${status}, and nothing of it goes to the functions`, async () => {
    const before = world.queued.filter(({ queue }) => queue === 'sync').length;
    const answer = await world.deliver(sent);
    assert.equal(answer.status, status);
    assert.ok(!answer.body.includes(MARK));
    const later = world.queued.filter(({ queue }) => queue === 'sync').slice(before);
    assert.deepEqual(
      later.filter(({ body }) => body.includes('webhook.received')),
      [],
    );
  });
}

test('after all of them, a good delivery goes through', assertStillWorking);

test('a handshake of eBay is answered, and nothing is queued', async () => {
  const before = world.queued.length;
  const answer = await world.deliver({ path: '/webhooks/ebay?challenge_code=abc&__proto__=1', method: 'GET' });
  assert.equal(answer.status, 200);
  assert.match(JSON.parse(answer.body).challengeResponse, /^[0-9a-f]{64}$/);
  assert.equal(world.queued.length, before);
});

test('prototype keys in a good delivery change nothing', async () => {
  const { orderId } = world.placeAtShopee();
  const body = shopeePush(shopId, orderId).replace('{', `{"__proto__":{"polluted":1},"constructor":{"prototype":{}},`);
  assert.equal((await world.deliver(fromShopee(body))).status, 200);
  await world.pass(5_000);
  assert.equal((await world.deps.orders.get('shopee-1', orderId))?.orderVersion, 1);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('an instant that no event can hold is left out, and the delivery goes through', async () => {
  const { sellerId } = world.sandboxes.get('ebay')!.sellers[0]!;
  const body = JSON.stringify({
    metadata: { topic: 'AUTHORIZATION_REVOCATION' },
    notification: {
      notificationId: 'far-future',
      eventDate: '+275760-09-12T00:00:00Z',
      data: { userId: sellerId },
    },
  });
  assert.equal((await world.deliver(fromEbay(body))).status, 200);
  await world.pass(5_000);
  assert.deepEqual(await world.deadLetters('sync'), []);
});

test('a replayed delivery is answered 200 and has no second effect', async () => {
  const { orderId } = world.placeAtShopee();
  const sent = fromShopee(shopeePush(shopId, orderId));
  for (let times = 0; times < 3; times++) {
    assert.equal((await world.deliver(sent)).status, 200);
    await world.pass(5_000);
  }
  const received = world.queued.filter(({ queue, body }) => queue === 'sync' && body.includes(orderId));
  assert.equal(received.length, 1);
  assert.equal(world.orderEvents(orderId).length, 1);
  assert.equal(world.logged.filter(({ outcome }) => outcome === 'duplicate').length, 2);
});

const example = (type: keyof typeof definitions): Record<string, unknown> => ({ ...definitions[type].example });
const text = JSON.stringify;
const NO_EVENTS: Record<string, string> = {
  'no JSON': MARK,
  'an empty body': '',
  'JSON of another type': text(MARK),
  null: 'null',
  'a number beyond all measure': '1e999',
  'JSON nested deep': nested(200_000),
  'no type': '{}',
  'an unknown type': text({ ...example('order.changed'), type: MARK }),
  'a type that every object has': text({ ...example('order.changed'), type: 'constructor' }),
  'data of another shape': text({ ...example('webhook.received'), data: { marketplace: [MARK] } }),
  'prototype keys instead of its own': `{"type":"order.changed","__proto__":${text(example('order.changed'))}}`,
};
const UNREADABLE = 'unreadable-message';

const MESSAGES: [queue: string, what: string, body: string, reason: string][] = [
  ...['sync', 'token-refresh', 'seller-events', 'audit'].flatMap((queue) =>
    Object.entries(NO_EVENTS).map(([what, body]): [string, string, string, string] => [queue, what, body, UNREADABLE]),
  ),
  ['sync', 'an event for another queue', text(example('token.refreshed')), 'not-for-this-queue'],
  ['token-refresh', 'an event for another queue', text(example('order.changed')), 'not-for-this-queue'],
  [
    'token-refresh',
    'an unknown connection',
    text({
      ...example('token-refresh.requested'),
      data: { connectionId: 'shopee-99', reason: 'due', credentialsVersion: 1 },
    }),
    'connection-unknown',
  ],
  ['audit', 'one bad event among good ones', text([example('order.changed'), { type: MARK }]), UNREADABLE],
  ['amazon-notifications', 'no JSON', MARK, 'unreadable-notification'],
  ['amazon-notifications', 'an empty body', '', 'unreadable-notification'],
  ['amazon-notifications', 'JSON of another type', text([MARK]), 'unreadable-notification'],
  ['amazon-notifications', 'JSON nested deep', nested(200_000), 'unreadable-notification'],
  ['amazon-notifications', 'prototype keys', '{"__proto__":{"notificationType":"A"}}', 'unreadable-notification'],
  ['amazon-notifications', 'no payload', amazon('ORDER_CHANGE', null), 'unreadable-notification'],
  ['amazon-notifications', 'an unknown seller', amazon('ANY_OFFER_CHANGED', { SellerId: MARK }), 'connection-unknown'],
];

function amazon(type: string, payload: unknown): string {
  return text({ NotificationType: type, Payload: payload, NotificationMetadata: { NotificationId: `id-${type}` } });
}

for (const [queue, what, body, reason] of MESSAGES) {
  test(`a message in ${queue} with ${what} becomes a dead letter with its reason`, async () => {
    await world.inTime(world.engine.queues.send(queue, [{ body }]));
    await world.pass(5_000);
    const letters = await world.deadLetters(queue);
    assert.deepEqual(
      letters.map((letter) => [letter.reason, letter.body, letter.attempt]),
      [[reason, body, 1]],
    );
    assert.ok(!letters[0]?.detail.includes(MARK), 'the reason quotes nothing');
  });
}

test('a notification of a type that is not known has no effect and is no dead letter', async () => {
  const { sellerId } = world.sandboxes.get('amazon')!.sellers[0]!;
  await world.inTime(
    world.engine.queues.send('amazon-notifications', [{ body: amazon('SOMETHING_NEW', { SellerId: sellerId }) }]),
  );
  await world.pass(5_000);
  assert.deepEqual(await world.deadLetters('amazon-notifications'), []);
  assert.deepEqual(await world.deadLetters('sync'), []);
});

test('after all of them, a good delivery still goes through', assertStillWorking);

test('what the queue does not take is answered 503 with Retry-After, and the next try goes through', async () => {
  const { orderId } = world.placeAtShopee();
  const sent = fromShopee(shopeePush(shopId, orderId));
  const { queues } = world.engine;
  const { send } = queues;
  const troubles: (typeof send)[] = [
    async () => {
      throw new Error('no queue');
    },
    async (queue, messages) =>
      queue === 'sync' ? messages.map(() => ({ ok: false, reason: 'full' })) : send(queue, messages),
  ];
  for (const trouble of troubles) {
    queues.send = trouble;
    const answer = await world.deliver(sent);
    queues.send = send;
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '10']);
  }
  assert.equal((await world.deliver(sent)).status, 200);
  await world.pass(5_000);
  assert.equal((await world.deps.orders.get('shopee-1', orderId))?.orderVersion, 1);
  assert.equal(world.orderEvents(orderId).length, 1);
});

test('queued but not marked, as by a crash between the two, the next try is taken again and has one effect', async () => {
  const { orderId } = world.placeAtShopee();
  const sent = fromShopee(shopeePush(shopId, orderId));
  const { store } = world.engine;
  const { write } = store;
  store.write = async (writes) => {
    if (writes.some(({ table }) => table === 'deliveries')) throw new Error('crashed');
    return write(writes);
  };
  assert.equal((await world.deliver(sent)).status, 200);
  await world.pass(1_000);
  store.write = write;
  assert.equal((await world.deliver(sent)).status, 200);
  await world.pass(5_000);
  const received = world.queued.filter(({ queue, body }) => queue === 'sync' && body.includes(orderId));
  const ids = new Set(received.map(({ body }) => JSON.parse(body).id));
  assert.deepEqual([received.length, ids.size], [2, 1]);
  assert.equal((await world.deps.orders.get('shopee-1', orderId))?.orderVersion, 1);
  assert.equal(new Set(world.orderEvents(orderId).map(({ body }) => JSON.parse(body).id)).size, 1);
  assert.equal((await world.deliver(sent)).status, 200);
  assert.equal(world.logged.at(-1)?.outcome, 'duplicate');
});
