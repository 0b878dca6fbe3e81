import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sluice } from '#cli/sluice.ts';
import type { EbaySandbox } from '#marketplaces/ebay/sandbox/index.ts';
import { openAuditLog } from '#platform/state/audit-log/log.ts';
import { createEncryption, type DataKeys } from '#platform/state/encryption.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';
import { MARK, rawDatabase, rowsOf, SLUICE_ORIGIN, startCanaryWorld, valuesOf, writingsOf } from './canary-world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CANARIES = 1_000;
const SELLERS = 2;
/** values of one buyer */
const VALUES = 6;
/** longest time that the orders take until they are read, whatever goes wrong */
const ROUNDS_MS = 8 * HOUR_MS;

const world = await startCanaryWorld({ seed: 'canary', sellers: SELLERS });
const { deps, sandboxes, seen, secrets, writes } = world;
const planted: ReturnType<typeof world.place> = [];

await world.pass(30 * MINUTE_MS);
world.setFaults(true);
const rounds = Math.ceil(CANARIES / (VALUES * SELLERS * sandboxes.length));
for (let round = 0; round < rounds; round++) {
  planted.push(...world.place());
  await world.pass(ROUNDS_MS / rounds / 2);
  for (const [n, order] of planted.slice(-SELLERS * sandboxes.length).entries()) world.change(order, n + round);
  await world.pass(ROUNDS_MS / rounds / 2);
}
await plantTrouble();
world.setFaults(false);
await world.pass(4 * HOUR_MS);

/** Orders that nobody knows, deliveries that nobody signed, bodies that nobody can read: all with a buyer in them. */
async function plantTrouble(): Promise<void> {
  const OrderChangeNotification = {
    ...{ NotificationLevel: 'OrderLevel', SellerId: 'A0NOBODY', AmazonOrderId: '026-0000000-0000000' },
    Summary: { DestinationPostalCode: `${MARK}-zip` },
  };
  const envelope = { NotificationVersion: '1.0', NotificationType: 'ORDER_CHANGE', PayloadVersion: '1.0' };
  const rest = { EventTime: '2026-11-24T06:30:00.170Z', NotificationMetadata: { NotificationId: 'n-1' } };
  const notification = { ...envelope, ...rest, Payload: { OrderChangeNotification } };
  await world.amazonSends(JSON.stringify(notification));
  await world.amazonSends(JSON.stringify({ Message: JSON.stringify(notification) }));
  for (const [n, { name, sellers }] of sandboxes.entries()) {
    const hint = { marketplace: name, connectionId: `${name}-1`, topic: 'order', orderIds: ['4711'], occurredAt: null };
    const receivedAt = new Date(deps.clock.now()).toISOString();
    const received = { ...hint, receivedAt, bodyBytes: 1, bodySha256: '0'.repeat(64) };
    await world.untilDone(deps.publisher.publish(deps.newEvent('webhook.received', received)));
    for (const body of [`{"buyer":"${MARK}-${n}","shop_id":"${sellers[0]!.sellerId}"}`, `${MARK}-${n}`, '']) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${MARK}` };
      const request = { method: 'POST' as const, url: `${SLUICE_ORIGIN}/webhooks/${name}`, headers, body };
      await world.untilDone(world.network.send(request, { timeoutMs: MINUTE_MS }));
    }
  }
}

const dataKeys = JSON.parse((await deps.secrets.get('sluice/data-key'))!) as DataKeys;
for (const key of Object.values(dataKeys.keys)) secrets.add(key);
const key = (part: string): string => part.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 24);
/** long runs of characters that secrets are made of, by their beginning */
const secretKeys = new Set([...secrets].flatMap((secret) => secret.match(/[A-Za-z0-9_+/.~|-]{16,}/g) ?? []).map(key));
const marks = writingsOf(MARK);

function assertClean(where: string, texts: readonly string[]): void {
  assert.ok(texts.length > 0, `nothing was in the ${where}`);
  for (const text of texts) {
    const mark = marks.find((writing) => text.includes(writing));
    assert.equal(mark, undefined, `the ${where} holds a buyer's value: ${text.slice(0, 300)}`);
    for (const [run] of text.matchAll(/[A-Za-z0-9_+/.~|-]{16,}/g)) {
      assert.ok(!secretKeys.has(key(run)), `the ${where} holds a secret: ${text.slice(0, 300)}`);
    }
  }
}

const auditEntries = await (async () => {
  const signer = await loadAuditSigner(deps, { createIfAbsent: false });
  const log = openAuditLog({ ...deps, signer, origin: signer.verifier.name });
  return world.untilDone(log.find({ limit: 1_000_000 }));
})();

test('a thousand secrets and values of buyers went in, and the buyers are there to be read', async () => {
  const values = new Set(planted.flatMap(({ order }) => valuesOf(order.buyer)));
  assert.ok(values.size + secrets.size >= CANARIES, `${values.size} values and ${secrets.size} secrets`);
  assert.ok(values.size >= CANARIES - VALUES);
  for (const { name } of sandboxes) {
    const orders = planted.filter(({ sandbox }) => sandbox.name === name);
    const told = await Promise.all(
      orders.map(async ({ connectionId, order }) => {
        assert.ok(await deps.orders.get(connectionId, order.orderId), `${connectionId} lacks ${order.orderId}`);
        return JSON.stringify(await deps.buyers.get(connectionId, order.orderId, deps.clock.now()));
      }),
    );
    // Shopee masks what it tells of a buyer.
    assert.ok(name === 'shopee' || told.every((buyer) => buyer?.includes(MARK)), `${name} tells nothing of its buyers`);
  }
});

test('the search finds what it looks for, however it is written', () => {
  for (const secret of secrets) assert.throws(() => assertClean('text', [`{"a":"Bearer ${secret}"}`]));
  for (const value of planted.slice(0, 20).flatMap(({ order }) => valuesOf(order.buyer))) {
    for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const) {
      for (const before of ['', 'a', 'ab']) {
        const text = Buffer.from(`${before}${value}, and more`).toString(encoding);
        assert.throws(() => assertClean('text', [text]), /holds a buyer/, encoding);
      }
    }
  }
});

test('none of them is in a log line, a queue, a dead-letter queue, an audit entry, an error message or the store', () => {
  assert.ok(
    seen.log.some((line) => line.includes('"detail"')),
    'nothing went wrong',
  );
  assert.ok(seen['dead-letter queue'].length >= sandboxes.length / 2, 'nothing died');
  for (const [where, texts] of Object.entries(seen)) assertClean(where, texts);
  assert.ok(auditEntries.length > planted.length);
  assertClean(
    'audit log',
    auditEntries.map((entry) => JSON.stringify(entry)),
  );
});

test('what a marketplace asks to be erased is gone', async () => {
  const ebay = sandboxes.find(({ name }) => name === 'ebay') as EbaySandbox;
  const [first] = planted.filter(({ sandbox }) => sandbox.name === 'ebay');
  const { connectionId, order } = first!;
  assert.ok(ebay.deleteAccount({ orderId: order.orderId }));
  await world.pass(MINUTE_MS);
  assert.equal(await deps.buyers.get(connectionId, order.orderId, deps.clock.now()), undefined);
});

test('after sluice erase nothing of any buyer is left in the store, and nothing that would open what was stored', async () => {
  const folder = await world.intoFolder();
  const run = async (...args: string[]): Promise<string> => {
    let text = '';
    const out = (more: string): void => {
      text += more;
    };
    const edges = { environment: { SLUICE_DATA: folder }, operator: 'anna', out, err: out };
    assert.equal(await sluice(['erase', ...args], edges), 0, text);
    assertClean('output of sluice erase', [text]);
    return text;
  };
  const sealed = writes.flatMap(({ table, value }) =>
    table === 'buyers' && value ? ((value as { sealed?: string }).sealed ?? []) : [],
  );
  const wrapped = writes.flatMap(({ table, value }) =>
    table === 'buyer-keys' && value ? (value as { wrapped: string }).wrapped : [],
  );
  const isThere = (text: string) => (one: string) => text.includes(one);
  const before = rawDatabase(folder);
  assert.ok(sealed.some(isThere(before)) && wrapped.some(isThere(before)));

  // By e-mail address where the orders hold it, by order, and the rest at once.
  for (const [n, { connectionId, order }] of planted.entries()) {
    if (n % 15 === 0) await run('--email', order.buyer.email);
    if (n % 15 === 1) await run('--order', order.orderId, '--connection', connectionId);
  }
  const connections = [...new Set(planted.map(({ connectionId }) => connectionId))];
  for (const connectionId of connections) await run('--everyone', '--connection', connectionId);

  const raw = rawDatabase(folder);
  assertClean('database file', [raw]);
  for (const text of [...sealed, ...wrapped]) assert.ok(!raw.includes(text), 'the file holds a ciphertext of a buyer');
  const rows = rowsOf(folder);
  assertClean(
    'rows of the store',
    rows.map((row) => JSON.stringify(row)),
  );
  assert.deepEqual(
    rows.filter(({ table_name }) => table_name === 'buyer-keys'),
    [],
  );
  const left = rows.filter(({ table_name }) => table_name === 'buyers').map(({ value }) => value);
  assert.ok(left.length >= planted.length && left.every((value) => value === '{"erased":true}'));

  // Whoever kept a copy of the ciphertexts, and has every data key, can open none of them without the wrapped keys.
  const places = planted.map(({ connectionId, order }) => `${connectionId}/${order.orderId}`);
  const random = { hex: () => '' };
  const opens = (text: string, keys: DataKeys): string | undefined => {
    for (const place of places) {
      try {
        return createEncryption(keys, random).decrypt(text, place);
      } catch {}
    }
  };
  for (const text of sealed.slice(0, 50)) assert.equal(opens(text, dataKeys), undefined);
  const keyOfFirst = opens(wrapped[0]!, dataKeys)!;
  assert.match(opens(sealed[0]!, { current: '1', keys: { 1: keyOfFirst } })!, /"name"/);
});

after(() => world.engine.close());
