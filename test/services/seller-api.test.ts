import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definitions, type EventOf } from '#events/index.ts';
import type { FunctionDeps } from '#platform/functions/deps.ts';
import { commandIdOf } from '#platform/state/commands.ts';
import { loadSellerApiKeys, newestSellerApiKey, rollSellerApiKey } from '#platform/state/secrets.ts';
import { createSellerApp } from '#services/seller-api/app.ts';
import { receiveCommand } from '#services/seller-api/receive-command.ts';
import { CONNECTION, createCommandWorld, HOUR_MS, line, on, outcomes, shipment } from '#test/support/commands.ts';
import { publisherAway } from '#test/support/function-world.ts';
import { answer } from '#test/support/plain-marketplace.ts';

test('a command is answered 202 after it is queued, with a place where its outcome is told', async () => {
  const all = await createCommandWorld();
  const { status, body, headers } = await all.postStock('k-1', [line('A', 5)]);
  assert.equal(status, 202);
  assert.equal(headers.get('location'), `/v1/commands/${body.commandId}`);
  const [event, ...more] = await all.takeEvents('sync', 'inventory-update.requested');
  assert.deepEqual(more, []);
  assert.deepEqual(event?.data, { connectionId: CONNECTION, idempotencyKey: 'k-1', lines: [line('A', 5)] });
  const told = await all.status(body.commandId);
  assert.deepEqual([told.status, told.finishedAt, told.lines[0].outcome], ['under-way', null, 'waiting']);
});

test('the same key with the same content gives the same answer, and the command is queued once', async () => {
  const all = await createCommandWorld();
  const first = await all.postStock('k-1', [line('A', 5, { group: 'g' })]);
  // Fields and ids in another order are the same content.
  const reference = { group: 'g', listing: 'A' };
  const again = await all.post('/v1/inventory-updates', 'k-1', {
    lines: [{ quantity: 5, reference, sku: 'A' }],
    connectionId: CONNECTION,
  });
  assert.deepEqual([again.status, again.body], [first.status, first.body]);
  assert.equal((await all.takeEvents('sync', 'inventory-update.requested')).length, 1);
});

test('the same key gives the same answer also after the command is done, and it is not done again', async () => {
  const all = await createCommandWorld();
  all.world.answering = () => answer([{ outcome: 'applied' }]);
  await all.handleStock(await all.update('k-1', [line('A', 5)]));
  const again = await all.postStock('k-1', [line('A', 5)]);
  assert.equal(again.status, 202);
  assert.deepEqual(await all.takeEvents('sync', 'inventory-update.requested'), []);
  assert.equal(all.calls.length, 1);
});

test('the same key with another content, or for another kind of command, is 409 and changes nothing', async () => {
  const all = await createCommandWorld();
  await all.postStock('k-1', [line('A', 5)]);
  await all.taken();
  for (const { status, body } of [await all.postStock('k-1', [line('A', 6)]), await all.postShipment('k-1')]) {
    assert.deepEqual([status, body.code], [409, 'idempotency-key-reused']);
  }
  assert.deepEqual(await all.taken(), []);
});

test('two requests with one key at the same moment are one command', async () => {
  const all = await createCommandWorld();
  const both = await Promise.all([all.postStock('k-1', [line('A', 5)]), all.postStock('k-1', [line('A', 5)])]);
  assert.deepEqual(
    both.map(({ status }) => status),
    [202, 202],
  );
  all.world.answering = () => answer([{ outcome: 'applied' }]);
  for (const event of await all.takeEvents('sync', 'inventory-update.requested')) await all.handleStock(event);
  assert.equal(all.calls.length, 1);
  const answers = await all.takeEvents('seller-events', 'inventory-update.completed');
  assert.equal(new Set(answers.map(({ id }) => id)).size, 1);
});

test('a request that can’t be queued is 503, and the same again is accepted and queued', async () => {
  const all = await createCommandWorld();
  let away = true;
  const deps: FunctionDeps = publisherAway(all.deps, 'inventory-update.requested', () => away);
  const app = createSellerApp({ ...deps, apiKeys: all.apiKeys });
  const request = () =>
    app.request('/v1/inventory-updates', {
      method: 'POST',
      headers: { authorization: `Bearer ${all.apiKey}`, 'idempotency-key': 'k-1' },
      body: JSON.stringify({ connectionId: CONNECTION, lines: [line('A', 5)] }),
    });
  const refused = await request();
  assert.equal(refused.status, 503);
  away = false;
  assert.equal((await request()).status, 202);
  assert.equal((await all.takeEvents('sync', 'inventory-update.requested')).length, 1);
  assert.equal((await all.status(commandIdOf('k-1'))).status, 'under-way');
});

test('what was not promised is not told: a command that could not be queued is 404', async () => {
  const all = await createCommandWorld();
  const deps = publisherAway(all.deps, 'inventory-update.requested', () => true);
  const app = createSellerApp({ ...deps, apiKeys: all.apiKeys });
  const headers = { authorization: `Bearer ${all.apiKey}`, 'idempotency-key': 'k-1' };
  const body = JSON.stringify({ connectionId: CONNECTION, lines: [line('A', 5)] });
  await app.request('/v1/inventory-updates', { method: 'POST', headers, body });
  const commandId = commandIdOf('k-1');
  assert.ok(await all.deps.commands.get(commandId));
  assert.equal((await app.request(`/v1/commands/${commandId}`, { headers })).status, 404);
});

test('without a good key nothing is answered but 401, and no byte of the body is read', async () => {
  const all = await createCommandWorld();
  const wrong = [undefined, '', 'Bearer', 'Bearer ', `Basic ${all.apiKey}`, `Bearer ${all.apiKey}x`, all.apiKey];
  const almost = `Bearer ${all.apiKey.slice(0, -1)}${all.apiKey.endsWith('0') ? '1' : '0'}`;
  for (const authorization of [...wrong, almost, `Bearer ${all.apiKey} ${all.apiKey}`]) {
    for (const path of ['/v1/inventory-updates', '/v1/shipment-confirmations', '/v1/commands/x', '/v1/nowhere']) {
      let pulled = 0;
      const body = new ReadableStream(
        {
          pull(controller) {
            pulled += 1;
            controller.enqueue(Buffer.from('{}'));
            controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      const isPost = !path.includes('commands');
      const response = await all.app.request(path, {
        method: isPost ? 'POST' : 'GET',
        headers: { 'idempotency-key': 'k', ...(authorization === undefined ? {} : { authorization }) },
        ...(isPost && { body, duplex: 'half' }),
      } as RequestInit);
      assert.equal(response.status, 401, `${authorization} ${path}`);
      assert.equal(response.headers.get('www-authenticate'), 'Bearer realm="sluice"');
      assert.equal(pulled, 0);
    }
  }
  assert.deepEqual(await all.taken(), []);
});

test('during a roll both keys are good, after the next one only the newer two; no restart is needed', async () => {
  const all = await createCommandWorld();
  const { clock, deps, apiKeys } = all;
  const second = await rollSellerApiKey(deps);
  await clock.sleep(10_000);
  const good = async (keys: string[]) => {
    const accepted: boolean[] = [];
    for (const key of keys) accepted.push(await apiKeys.accepts(key));
    return accepted;
  };
  assert.deepEqual(await good([second, all.apiKey]), [true, true]);
  const third = await rollSellerApiKey(deps);
  await clock.sleep(HOUR_MS);
  assert.deepEqual(await good([third, second, all.apiKey]), [true, true, false]);
  assert.equal(await newestSellerApiKey(deps, { createIfAbsent: false }), third);
});

test('keys of nobody don’t make the secret be read again and again', async () => {
  const all = await createCommandWorld();
  let reads = 0;
  const secrets = {
    ...all.engine.secrets,
    get: (name: string) => {
      reads += 1;
      return all.engine.secrets.get(name);
    },
  };
  const apiKeys = await loadSellerApiKeys({ ...all.deps, secrets });
  await all.clock.sleep(60_000);
  for (let i = 0; i < 100; i++) assert.equal(await apiKeys.accepts(`unknown-${i}`), false);
  assert.ok(reads <= 2, `${reads} reads`);
});

const BAD_BODIES: [name: string, body: unknown, code: string, place?: RegExp][] = [
  ['no JSON', '{"connectionId":', 'not-json'],
  ['an empty body', '', 'not-json'],
  ['a list', [], 'invalid-body'],
  ['no lines', { connectionId: CONNECTION, lines: [] }, 'invalid-body', /^lines:/],
  [
    'a slip in a name',
    { connectionId: CONNECTION, lines: [{ ...line('A', 1), qty: 1 }] },
    'invalid-body',
    /^lines\.0:/,
  ],
  ['half a piece', { connectionId: CONNECTION, lines: [line('A', 0.5)] }, 'invalid-body', /^lines\.0\.quantity:/],
  ['less than nothing', { connectionId: CONNECTION, lines: [line('A', -1)] }, 'invalid-body', /^lines\.0\.quantity:/],
  ['a number as text', { connectionId: CONNECTION, lines: [{ ...line('A', 1), quantity: '1' }] }, 'invalid-body'],
  ['201 lines', { connectionId: CONNECTION, lines: Array(201).fill(line('A', 1)) }, 'invalid-body', /^lines:/],
];

for (const [name, body, code, place] of BAD_BODIES) {
  test(`${name} is 400 with the place that is wrong, and nothing is accepted`, async () => {
    const all = await createCommandWorld();
    const told = await all.post('/v1/inventory-updates', 'k-1', body);
    assert.deepEqual([told.status, told.body.code], [400, code]);
    assert.equal(told.headers.get('content-type'), 'application/problem+json');
    if (place) assert.match(told.body.places[0], place);
    assert.deepEqual(await all.taken(), []);
    assert.equal((await all.postStock('k-1', [line('A', 1)])).status, 202);
  });
}

test('a request without an idempotency key is 400, and one with a strange key too', async () => {
  const all = await createCommandWorld();
  for (const key of ['', 'a b', 'x'.repeat(201)]) {
    const told = await all.postStock(key, [line('A', 1)]);
    assert.deepEqual([told.status, told.body.code], [400, 'idempotency-key-missing']);
  }
});

test('a body that is too large is 413, an unknown connection 422, another path 404', async () => {
  const all = await createCommandWorld();
  const large = await all.postStock('k-1', [line('A'.repeat(300_000), 1)]);
  assert.deepEqual([large.status, large.body.code], [413, 'too-large']);
  const unknown = await all.post('/v1/inventory-updates', 'k-1', { connectionId: 'nobody', lines: [line('A', 1)] });
  assert.deepEqual([unknown.status, unknown.body.code], [422, 'connection-unknown']);
  const elsewhere = await all.post('/v1/orders', 'k-1', {});
  assert.deepEqual([elsewhere.status, elsewhere.body.code], [404, 'not-found']);
  assert.equal((await all.app.request('/health')).status, 200);
});

test('a time with an offset is the same instant in UTC', async () => {
  const all = await createCommandWorld();
  const event = await all.ship('k-1', { shippedAt: '2026-01-01T02:00:00+02:00' });
  assert.equal(event.data.shippedAt, '2026-01-01T00:00:00.000Z');
  // The same moment written otherwise is the same content.
  assert.equal((await all.postShipment('k-1', { shippedAt: '2026-01-01T00:00:00Z' })).status, 202);
});

const queued = (key: string, time: string, quantity: number): EventOf<'inventory-update.requested'> => ({
  ...definitions['inventory-update.requested'].example,
  time,
  data: { connectionId: CONNECTION, idempotencyKey: key, lines: [line('A', quantity)] },
});

test('a command that comes by the queue is accepted as one over HTTP, and known by its key there', async () => {
  const all = await createCommandWorld();
  await receiveCommand(all.deps, queued('k-1', '2025-12-31T23:00:00.000Z', 5));
  await receiveCommand(all.deps, queued('k-1', '2025-12-31T23:00:00.000Z', 5));
  const [event, ...more] = await all.takeEvents('sync', 'inventory-update.requested');
  assert.deepEqual([event?.data.idempotencyKey, more], ['k-1', []]);
  assert.equal((await all.postStock('k-1', [line('A', 5)])).status, 202);
  assert.deepEqual(await all.takeEvents('sync', 'inventory-update.requested'), []);
});

test('a command by the queue under a used key dies with its reason: the first one’s answer stays the only one', async () => {
  const all = await createCommandWorld();
  await all.postStock('k-1', [line('A', 5)]);
  await assert.rejects(receiveCommand(all.deps, queued('k-1', '2025-12-31T23:00:00.000Z', 6)), {
    kind: 'permanent',
    code: 'idempotency-key-reused',
  });
});

test('updates by the queue are ordered by their own time, however they come', async () => {
  const all = await createCommandWorld();
  all.world.answering = ({ body }) => answer(JSON.parse(body!).lines.map(() => ({ outcome: 'applied' })));
  await receiveCommand(all.deps, queued('newer', '2025-12-31T23:00:01.000Z', 7));
  await receiveCommand(all.deps, queued('older', '2025-12-31T23:00:00.000Z', 3));
  for (const event of await all.takeEvents('sync', 'inventory-update.requested')) await all.handleStock(event, on(1));
  assert.equal(all.calls.length, 1);
  const answers = await all.takeEvents('seller-events', 'inventory-update.completed');
  assert.deepEqual(answers.map((event) => [event.data.idempotencyKey, ...outcomes(event)]).sort(), [
    ['newer', 'A applied'],
    ['older', 'A superseded'],
  ]);
});

test('an update that is said to be of the future does not keep later ones from being sent', async () => {
  const all = await createCommandWorld();
  all.world.answering = () => answer([{ outcome: 'applied' }]);
  await receiveCommand(all.deps, queued('future', '2999-01-01T00:00:00.000Z', 7));
  await all.taken();
  await all.clock.sleep(1_000);
  await all.handleStock(await all.update('now', [line('A', 3)]));
  assert.equal(all.calls.length, 1);
});

test('the events of a command, and what the log is told, hold what was wished and nothing of a key of the API', async () => {
  const all = await createCommandWorld();
  await all.postShipment('k-1', { ...shipment });
  const told = JSON.stringify(await all.taken());
  assert.ok(told.includes('"T1"') && !told.includes(all.apiKey));
});
