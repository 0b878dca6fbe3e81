import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FunctionDeps } from '#platform/functions/deps.ts';
import { createIntakeApp } from '#services/webhook-intake/app.ts';
import { createVerificationKeys } from '#services/webhook-intake/verification-keys.ts';
import { createFunctionWorld, publisherAway } from '#test/support/function-world.ts';
import { answer, type PlainWebhook, plainSignature } from '#test/support/plain-marketplace.ts';

const DAY_MS = 24 * 3_600_000;
const KEY = 'a public key';
const CONNECTION = 'plain-1';
const WEBHOOK: PlainWebhook = { id: 'n-1', topic: 'order', sellerId: `seller-of-${CONNECTION}`, orderIds: ['a'] };

type Sent = { path?: string; keyId?: string; signature?: string; contentType?: string; body?: string; method?: string };

/** An intake beside a marketplace that publishes one key, `k1`. */
async function createIntake() {
  const all = await createFunctionWorld();
  const { deps, world, clock, calls } = all;
  const now = clock.now();
  await all.connect(CONNECTION);
  await deps.credentials.put('plain-app', { refreshToken: null, dueAt: now });
  const lease = await deps.credentials.acquire('plain-app', { ifGeneration: 1, owner: 'test', now, leaseMs: 1 });
  assert.ok(lease.outcome === 'acquired');
  const tokens = { accessToken: 'app-access', accessTokenExpiresAt: now + 30 * DAY_MS };
  const refresh = { refreshToken: undefined, refreshTokenExpiresAt: undefined };
  await deps.credentials.store('plain-app', lease.fence, { ...tokens, ...refresh }, now + DAY_MS);
  world.answering = ({ url }) => (url.endsWith('/k1') ? answer({ key: KEY }) : answer({ error: 'key-not-found' }, 404));

  const appOf = (of: FunctionDeps) =>
    createIntakeApp({ ...of, verificationKeys: createVerificationKeys(deps) }, { publicUrl: 'https://hooks.example' });
  let app = appOf(deps);

  async function send(webhook: Partial<PlainWebhook> = {}, sent: Sent = {}) {
    const body = sent.body ?? JSON.stringify({ ...WEBHOOK, ...webhook });
    const response = await app.request(sent.path ?? '/webhooks/plain', {
      method: sent.method ?? 'POST',
      headers: {
        'content-type': sent.contentType ?? 'application/json',
        'x-key-id': sent.keyId ?? 'k1',
        'x-signature': sent.signature ?? plainSignature(KEY, Buffer.from(body)),
      },
      ...(sent.method === 'GET' ? {} : { body }),
    });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() };
  }
  return {
    ...all,
    send,
    keyCalls: () => calls.filter(({ url }) => url.includes('/keys/')).map(({ url }) => url.split('/').at(-1)),
    received: () => all.takeEvents('sync', 'webhook.received'),
    refused: () => all.takeEvents('audit', 'webhook.refused'),
    /** From now on the intake runs with these deps. */
    restartWith(changed: FunctionDeps) {
      app = appOf(changed);
    },
  };
}

test('a verified delivery is queued as a hint with its connection, and answered 200 with no body', async () => {
  const { send, received } = await createIntake();
  assert.deepEqual(await send(), { status: 200, retryAfter: null, text: '' });
  const [event, ...more] = await received();
  assert.deepEqual(more, []);
  assert.deepEqual([event?.data.connectionId, event?.data.topic, event?.data.orderIds], [CONNECTION, 'order', ['a']]);
});

test('a repeat is answered 200 and dropped; another notification is not', async () => {
  const { send, received, clock } = await createIntake();
  for (let i = 0; i < 3; i++) {
    assert.equal((await send()).status, 200);
    await clock.sleep(DAY_MS);
  }
  assert.equal((await send({ id: 'n-2' })).status, 200);
  assert.equal((await received()).length, 2);
});

test('repeats that arrive at the same moment are the same event', async () => {
  const { send, received } = await createIntake();
  const answers = await Promise.all(Array.from({ length: 5 }, () => send()));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(new Set((await received()).map(({ id }) => id)).size, 1);
});

test('what can’t be queued is answered 503 and not marked, so that the marketplace’s next try gets in', async () => {
  const { send, received, deps, restartWith } = await createIntake();
  let away = true;
  restartWith(publisherAway(deps, 'webhook.received', () => away));
  for (let i = 0; i < 2; i++) {
    const { status, retryAfter } = await send();
    assert.deepEqual([status, Number(retryAfter) > 0], [503, true]);
  }
  away = false;
  assert.equal((await send()).status, 200);
  assert.equal((await received()).length, 1);
});

test('a crash between queue and mark makes a repeat under the same id, never a loss', async () => {
  const { send, received, deps, restartWith } = await createIntake();
  restartWith({ ...deps, deliveries: { ...deps.deliveries, markQueued: async () => {} } });
  await send();
  restartWith(deps);
  assert.equal((await send()).status, 200);
  const events = await received();
  assert.equal(events.length, 2);
  assert.equal(events[0]!.id, events[1]!.id);
});

test('the mark is written only after the queue has the delivery', async () => {
  const { send, deps, restartWith } = await createIntake();
  const order: string[] = [];
  restartWith({
    ...deps,
    publisher: {
      async publish(event) {
        await deps.publisher.publish(event);
        order.push('queued');
      },
    },
    deliveries: {
      ...deps.deliveries,
      markQueued(...parameters) {
        order.push('marked');
        return deps.deliveries.markQueued(...parameters);
      },
    },
  });
  await send();
  assert.deepEqual(order, ['queued', 'marked']);
});

test('a key is fetched once for many deliveries, and again after its time', async () => {
  const { send, keyCalls, clock } = await createIntake();
  await Promise.all(Array.from({ length: 20 }, (_, i) => send({ id: `n-${i}` })));
  await send({ id: 'later' });
  assert.deepEqual(keyCalls(), ['k1']);
  await clock.sleep(3_600_000);
  await send({ id: 'much later' });
  assert.deepEqual(keyCalls(), ['k1', 'k1']);
});

test('an unknown key id is refused, remembered for a while, and asked for again after it', async () => {
  const { send, keyCalls, clock } = await createIntake();
  for (let i = 0; i < 10; i++) assert.equal((await send({ id: `n-${i}` }, { keyId: 'forged' })).status, 401);
  assert.deepEqual(keyCalls(), ['forged']);
  await clock.sleep(60_000);
  await send({}, { keyId: 'forged' });
  assert.deepEqual(keyCalls(), ['forged', 'forged']);
});

test('a flood of forged key ids does not throw out the key in use', async () => {
  const { send, keyCalls } = await createIntake();
  await send();
  for (let i = 0; i < 1_100; i++) await send({}, { keyId: `forged-${i}` });
  await send({ id: 'n-2' });
  assert.equal(keyCalls().filter((keyId) => keyId === 'k1').length, 1);
});

test('a key that can’t be fetched right now is answered 503 and asked for at the next delivery', async () => {
  const { send, world, keyCalls, received } = await createIntake();
  const answering = world.answering;
  world.answering = () => answer({ error: 'broken' }, 500);
  assert.equal((await send()).status, 503);
  world.answering = answering;
  assert.equal((await send()).status, 200);
  assert.deepEqual(keyCalls(), ['k1', 'k1']);
  assert.equal((await received()).length, 1);
});

test('a token of the app that ended is asked for anew, and the delivery is to come again', async () => {
  const { send, clock, takeEvents } = await createIntake();
  await clock.sleep(31 * DAY_MS);
  assert.equal((await send()).status, 503);
  const [wish] = await takeEvents('token-refresh', 'token-refresh.requested');
  assert.deepEqual(wish?.data, { connectionId: 'plain-app', reason: 'rejected', credentialsVersion: 2 });
});

test('a delivery that is not let in is answered with its status, recorded by its hash, and queues nothing', async () => {
  const { send, received, refused } = await createIntake();
  const body = JSON.stringify(WEBHOOK);
  const sent: [number, Partial<PlainWebhook>, Sent][] = [
    [401, {}, { signature: 'forged' }],
    [401, {}, { signature: plainSignature(KEY, Buffer.from(body)), body: `${body} ` }],
    [400, {}, { body: 'not JSON s3cr3t' }],
    [404, { sellerId: 'nobody' }, {}],
    [404, {}, { path: '/webhooks/nowhere' }],
    [404, {}, { path: '/webhooks/plain/nobody' }],
    [404, {}, { method: 'GET' }],
    [415, {}, { contentType: 'text/plain' }],
  ];
  for (const [status, webhook, how] of sent) {
    const got = await send(webhook, how);
    assert.deepEqual([got.status, got.text], [status, ''], JSON.stringify(how));
  }
  const events = await refused();
  assert.deepEqual(
    events.map(({ data }) => data.status),
    sent.map(([status]) => status),
  );
  assert.doesNotMatch(JSON.stringify(events), /s3cr3t|nobody|nowhere/);
  assert.deepEqual(await received(), []);
});

test('a refusal that can’t be recorded is a refusal all the same', async () => {
  const { send, deps, restartWith } = await createIntake();
  restartWith(publisherAway(deps, 'webhook.refused', () => true));
  assert.equal((await send({}, { signature: 'forged' })).status, 401);
});

test('a path that names a connection takes no delivery for another seller', async () => {
  const { send, connect, received } = await createIntake();
  await connect('plain-2');
  assert.equal((await send({}, { path: '/webhooks/plain/plain-2' })).status, 404);
  assert.equal((await send({}, { path: '/webhooks/plain/plain-1' })).status, 200);
  assert.equal((await received()).length, 1);
});

test('a body larger than a queue message is answered 413', async () => {
  const { send } = await createIntake();
  assert.equal((await send({}, { body: 'x'.repeat(1_048_577) })).status, 413);
});
