import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_ATTEMPTS } from '#platform/runtime/consume.ts';
import { asFailure, Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import {
  CONNECTION,
  type CommandWorld,
  createCommandWorld,
  HOUR_MS,
  type Line,
  line,
  MINUTE_MS,
  on,
  outcomes,
  sentLines,
} from '#test/support/commands.ts';
import { publisherAway } from '#test/support/function-world.ts';
import { answer } from '#test/support/plain-marketplace.ts';

/** Answers each line of a stock call by its SKU; `applied` where nothing else is told. */
const stockAnswers =
  (told: Record<string, object> = {}) =>
  (request: HttpRequest) =>
    answer(sentLines(request).map(({ sku }) => told[sku] ?? { outcome: 'applied' }));

const ACCEPTED = { outcome: 'accepted', receipt: 'r-1' };
const REFUSED = { outcome: 'failed', code: 'no-such-listing', message: 'refused' };

const sent = ({ calls }: CommandWorld): string[] =>
  calls.flatMap((request) => sentLines(request).map(({ sku, quantity }) => `${sku}=${quantity}`));
const numbered = (count: number, group = 'g'): Line[] =>
  Array.from({ length: count }, (_, i) => line(`S${i}`, i, { group }));

/** The failure that sends a message back. */
async function comesBack(run: Promise<void>): Promise<Failure> {
  try {
    await run;
  } catch (thrown) {
    return asFailure(thrown);
  }
  throw new Error('the message was done');
}

test('an update is answered line by line: completed when all are applied, failed when one is not', async () => {
  const all = await createCommandWorld();
  all.world.answering = stockAnswers({ B: REFUSED });
  await all.handleStock(await all.update('good', [line('A', 1)]));
  await all.handleStock(await all.update('bad', [line('A', 2), line('B', 3), line('C', 4)]));
  const answers = await all.answers();
  assert.deepEqual(
    answers.map((event) => [event.type, event.data.idempotencyKey, ...outcomes(event)]),
    [
      ['inventory-update.completed', 'good', 'A applied'],
      ['inventory-update.failed', 'bad', 'A applied', 'B failed no-such-listing', 'C applied'],
    ],
  );
  const told = await all.status(answers[1]!.data.commandId);
  assert.deepEqual([told.status, told.lines[1].code, told.lines[1].message], ['failed', 'no-such-listing', 'refused']);
});

test('lines that may share a call share it, as many as it takes', async () => {
  const all = await createCommandWorld();
  all.world.answering = stockAnswers();
  await all.handleStock(
    await all.update('k', [...numbered(4, 'one'), ...numbered(2, 'two').map((l) => ({ ...l, sku: `T${l.sku}` }))]),
  );
  assert.deepEqual(
    all.calls.map((call) => sentLines(call).length),
    [3, 1, 2],
  );
});

test('a line whose listing is not named as the marketplace wants fails by itself, and is told what is wanted', async () => {
  const all = await createCommandWorld();
  all.world.answering = stockAnswers();
  await all.handleStock(
    await all.update('k', [{ sku: 'A', quantity: 1, reference: {} }, line('B', 2, { offerId: '1' }), line('C', 3)]),
  );
  const [told] = await all.answers();
  assert.deepEqual(outcomes(told!), ['A failed reference-missing', 'B failed reference-unknown', 'C applied']);
  for (const { message } of told!.data.lines.slice(0, 2)) {
    assert.equal(
      message,
      "plain wants in a line's reference: listing (id of the listing); group, optional (what shares a call)",
    );
  }
  assert.deepEqual(sent(all), ['C=3']);
});

test('of two updates of one SKU that wait, only the latest is sent, and the other is superseded', async () => {
  const all = await createCommandWorld();
  all.world.answering = stockAnswers();
  const first = await all.update('first', [line('A', 1), line('B', 1)]);
  const second = await all.update('second', [line('A', 2)]);
  await all.handleStock(second);
  await all.handleStock(first);
  assert.deepEqual(sent(all), ['A=2', 'B=1']);
  const answers = await all.answers();
  assert.deepEqual(
    answers.map((event) => [event.type, ...outcomes(event)]),
    [
      ['inventory-update.completed', 'A applied'],
      ['inventory-update.completed', 'A superseded', 'B applied'],
    ],
  );
});

test('one SKU in two places is two stocks, and of two lines for one place the later one holds', async () => {
  const all = await createCommandWorld();
  all.world.answering = stockAnswers();
  const elsewhere = line('A', 3, { listing: 'elsewhere' });
  await all.handleStock(await all.update('k', [line('A', 1), elsewhere, line('A', 2)]));
  assert.deepEqual(sent(all), ['A=3', 'A=2']);
  const [told] = await all.answers();
  assert.deepEqual(outcomes(told!), ['A superseded', 'A applied', 'A applied']);
});

test('while a call about a SKU is under way, a newer update of it waits: an older one can’t arrive after it', async () => {
  const all = await createCommandWorld();
  const { clock, world } = all;
  const first = await all.update('first', [line('A', 1)]);
  const second = await all.update('second', [line('A', 2), line('B', 2)]);
  // It was accepted while the first was being sent.
  const isLatest: typeof all.deps.latestUpdates.isLatest = async (of, id, wish) =>
    id.commandId === first.id || all.deps.latestUpdates.isLatest(of, id, wish);
  let answered = false;
  world.answering = async (request) => {
    if (sentLines(request)[0]?.quantity === 1) await clock.sleep(20_000);
    answered = sentLines(request)[0]?.quantity === 1;
    return stockAnswers()(request);
  };
  const sending = all.handleStock(first, on(1), {
    ...all.deps,
    latestUpdates: { ...all.deps.latestUpdates, isLatest },
  });
  await clock.sleep(1_000);
  const { kind, code, retryAfterMs } = await comesBack(all.handleStock(second));
  assert.deepEqual([kind, code, retryAfterMs], ['throttled', 'lines-wait', 2_000]);
  assert.deepEqual([sent(all), answered], [['A=1', 'B=2'], false]);
  await sending;
  await all.handleStock(second);
  assert.deepEqual(sent(all), ['A=1', 'B=2', 'A=2']);
});

test('whoever dies in the middle of a call holds up the SKU for five minutes, not for ever', async () => {
  const all = await createCommandWorld();
  const { clock, world, deps } = all;
  const first = await all.update('first', [line('A', 1)]);
  world.answering = () => new Promise(() => {});
  void all.handleStock(first);
  await clock.sleep(1_000);
  await all.connect(CONNECTION, 'access-1');
  world.answering = stockAnswers();
  const second = await all.update('second', [line('A', 2)]);
  assert.equal((await comesBack(all.handleStock(second))).code, 'lines-wait');
  await clock.sleep(5 * MINUTE_MS);
  await all.handleStock(second);
  await all.handleStock(first);
  assert.deepEqual(sent(all), ['A=1', 'A=2']);
  assert.equal((await deps.commands.get(first.id))?.finishedAt === null, false);
});

test('a crash after the effect repeats the same quantity and gives one answer', async () => {
  const all = await createCommandWorld();
  all.world.answering = stockAnswers();
  const event = await all.update('k', [line('A', 5)]);
  let dead = true;
  const dying = {
    ...all.deps,
    commands: {
      ...all.deps.commands,
      settleLines: (...args: Parameters<typeof all.deps.commands.settleLines>) => {
        if (dead) throw new Error('killed');
        return all.deps.commands.settleLines(...args);
      },
    },
  };
  await assert.rejects(all.handleStock(event, on(1), dying));
  dead = false;
  await all.handleStock(event, on(2));
  assert.deepEqual(sent(all), ['A=5', 'A=5']);
  const answers = await all.answers();
  assert.equal(new Set(answers.map(({ id }) => id)).size, 1);
});

test('a crash before the answer is published loses no answer, and a repeat of it is the same one', async () => {
  const all = await createCommandWorld();
  all.world.answering = stockAnswers();
  const event = await all.update('k', [line('A', 5)]);
  let away = true;
  const dying = publisherAway(all.deps, 'inventory-update.completed', () => away);
  await assert.rejects(all.handleStock(event, on(1), dying));
  away = false;
  await all.handleStock(event, on(2));
  await all.handleStock(event, on(2));
  assert.deepEqual(sent(all), ['A=5']);
  const answers = await all.takeEvents('seller-events', 'inventory-update.completed');
  assert.deepEqual(
    answers.map(({ id }) => id),
    [`${event.id}-answer`],
  );
});

test('a line that is accepted is not applied before the proof, which is looked for after the marketplace’s time', async () => {
  const all = await createCommandWorld();
  const { clock, world } = all;
  world.answering = stockAnswers({ A: ACCEPTED });
  const event = await all.update('k', [line('A', 5), line('B', 6)]);
  const failure = await comesBack(all.handleStock(event));
  assert.deepEqual([failure.kind, failure.code], ['throttled', 'lines-wait']);
  assert.ok(failure.retryAfterMs! > 59_000 && failure.retryAfterMs! <= MINUTE_MS);
  assert.deepEqual(await all.answers(), []);
  assert.deepEqual(
    (await all.status(event.id)).lines.map(({ outcome }: { outcome: string }) => outcome),
    ['accepted', 'applied'],
  );
  // Too early: no call is made.
  await comesBack(all.handleStock(event));
  assert.equal(all.calls.length, 1);
  await clock.sleep(MINUTE_MS);
  world.answering = ({ url, body }) => {
    assert.ok(url.endsWith('/stock-check'));
    assert.equal(JSON.parse(body!).lines[0].receipt, 'r-1');
    return answer([{ outcome: 'applied' }]);
  };
  await all.handleStock(event);
  const [told] = await all.answers();
  assert.deepEqual(outcomes(told!), ['A applied', 'B applied']);
});

test('a quantity that is not in force within an hour failed as not confirmed; the looks become rarer', async () => {
  const all = await createCommandWorld();
  const { clock } = all;
  all.world.answering = stockAnswers({ A: ACCEPTED });
  const event = await all.update('k', [line('A', 5)]);
  let waited = 0;
  for (let looks = 0; looks < 30; looks++) {
    const failure = await all.handleStock(event).then(
      () => undefined,
      (thrown: Failure) => thrown,
    );
    if (!failure) break;
    await clock.sleep(failure.retryAfterMs!);
    waited += failure.retryAfterMs!;
  }
  assert.ok(waited > HOUR_MS - 1_000 && waited < HOUR_MS + 2 * MINUTE_MS, `${waited} ms`);
  assert.ok(all.calls.length <= 9, `${all.calls.length} calls`);
  const [told] = await all.answers();
  assert.deepEqual([told!.type, ...outcomes(told!)], ['inventory-update.failed', 'A failed not-confirmed']);
});

test('a newer update of the SKU supersedes the look for a proof, and its own is looked for', async () => {
  const all = await createCommandWorld();
  all.world.answering = stockAnswers({ A: ACCEPTED });
  const first = await all.update('first', [line('A', 5)]);
  await comesBack(all.handleStock(first));
  const second = await all.update('second', [line('A', 6)]);
  await comesBack(all.handleStock(second));
  await all.clock.sleep(MINUTE_MS);
  await all.handleStock(first);
  assert.deepEqual(sent(all), ['A=5', 'A=6']);
  const [told, ...more] = await all.answers();
  assert.deepEqual([outcomes(told!), more], [['A superseded'], []]);
});

test('what waits for the budgets is taken along by the first whose turn comes, in one call', async () => {
  const all = await createCommandWorld();
  const events: Awaited<ReturnType<typeof all.update>>[] = [];
  for (const [i, key] of ['k1', 'k2', 'k3', 'k4'].entries()) {
    events.push(await all.update(key, [line(`S${i}`, i, { group: 'g' })]));
  }
  const full = { ...all.deps.budgets, book: async () => ({ booked: false, retryAfterMs: 60_000, turnAt: 1 }) as const };
  for (const event of events) {
    const { code } = await comesBack(all.handleStock(event, on(1), { ...all.deps, budgets: full }));
    assert.equal(code, 'budget-empty');
  }
  all.world.answering = stockAnswers();
  await all.handleStock(events[3]!, on(1, 1));
  assert.equal(all.calls.length, 1);
  assert.equal(sentLines(all.calls[0]!).length, 3);
  // All three are answered; the fourth goes by itself.
  assert.equal((await all.answers()).length, 3);
  for (const event of events) await all.handleStock(event, on(1, 1));
  assert.equal(all.calls.length, 2);
  assert.equal((await all.answers()).length, 1);
});

test('another command’s line that makes a call impossible is that command’s trouble', async () => {
  const all = await createCommandWorld();
  const full = { ...all.deps.budgets, book: async () => ({ booked: false, retryAfterMs: 60_000, turnAt: 1 }) as const };
  const own = await all.update('own', [line('A', 1, { group: 'g' })]);
  const other = await all.update('other', [line('B', 1, { group: 'g' })]);
  for (const event of [own, other]) await comesBack(all.handleStock(event, on(1), { ...all.deps, budgets: full }));
  all.world.answering = (request) =>
    sentLines(request).some(({ sku }) => sku === 'B') ? answer({ error: 'poison' }, 400) : stockAnswers()(request);
  await all.handleStock(own, on(1, 1));
  await all.handleStock(other, on(1, 1));
  assert.deepEqual((await all.answers()).map(outcomes), [['A applied'], ['B failed poison']]);
});

test('a batch that fails for now holds up no other, and is tried again', async () => {
  const all = await createCommandWorld();
  const event = await all.update('k', [line('A', 1, { group: 'a' }), line('B', 2, { group: 'b' })]);
  const answering = (request: HttpRequest) =>
    sentLines(request)[0]?.sku === 'A' ? answer('', 500) : stockAnswers()(request);
  all.world.answering = answering;
  assert.equal((await comesBack(all.handleStock(event, on(1)))).kind, 'retryable');
  assert.equal((await comesBack(all.handleStock(event, on(2)))).kind, 'retryable');
  assert.deepEqual(sent(all), ['A=1', 'B=2', 'A=1']);
  all.world.answering = stockAnswers();
  await all.handleStock(event, on(3));
  assert.deepEqual((await all.answers()).map(outcomes), [['A applied', 'B applied']]);
});

test('what can’t succeed is answered as failed instead of dying, and so is the last attempt', async () => {
  const all = await createCommandWorld();
  all.world.answering = () => answer({ error: 'no-permission' }, 403);
  await all.handleStock(await all.update('k1', [line('A', 1)]));
  all.world.answering = () => answer('', 500);
  const event = await all.update('k2', [line('B', 1)]);
  await comesBack(all.handleStock(event, on(MAX_ATTEMPTS - 1)));
  await all.handleStock(event, on(MAX_ATTEMPTS));
  assert.deepEqual((await all.answers()).map(outcomes), [['A failed no-permission'], ['B failed http-500']]);
});

test('trouble of the engine is never an answer', async () => {
  const all = await createCommandWorld();
  const event = await all.update('k', [line('A', 1)]);
  const leases = {
    ...all.deps.leases,
    take: () => Promise.reject(new Failure('retryable', 'the engine failed', { code: 'engine-full' })),
  };
  const failure = await comesBack(all.handleStock(event, on(MAX_ATTEMPTS), { ...all.deps, leases }));
  assert.equal(failure.code, 'engine-full');
  all.world.answering = stockAnswers();
  await all.handleStock(event, on(1));
  assert.deepEqual((await all.answers()).map(outcomes), [['A applied']]);
});

test('an expired token asks for a refresh, and the command goes on after it', async () => {
  const all = await createCommandWorld();
  const event = await all.update('k', [line('A', 1)]);
  all.world.answering = () => answer({ error: 'token-expired' }, 401);
  const failure = await comesBack(all.handleStock(event));
  assert.deepEqual([failure.kind, failure.connectionId], ['auth', CONNECTION]);
});

test('a connection that waits for consent, and one that is gone, are told at once', async () => {
  const all = await createCommandWorld();
  const event = await all.update('k', [line('A', 1)]);
  await all.deps.connections.needsConsent(CONNECTION, 'grant-dead');
  await all.handleStock(event);
  assert.deepEqual((await all.answers()).map(outcomes), [['A failed needs-consent']]);
  const gone = { ...all.deps, connections: { ...all.deps.connections, get: async () => undefined } };
  await all.handleShipment(await all.ship('s'), on(1), gone);
  const [told] = await all.takeEvents('seller-events', 'shipment-confirmation.failed');
  assert.equal(told?.data.code, 'connection-unknown');
});

test('a shipment is confirmed once and answered with the marketplace’s id of the package', async () => {
  const all = await createCommandWorld();
  const event = await all.ship('s');
  all.world.answering = ({ body }) => {
    const { connectionId: _, ...shipment } = JSON.parse(body!).shipment;
    assert.deepEqual(shipment, {
      orderId: 'order-1',
      lines: [],
      carrier: { code: null, name: 'DPD' },
      trackingNumber: 'T1',
      shippedAt: Date.parse('2026-01-01T00:00:00.000Z'),
    });
    return answer({ outcome: 'confirmed', packageId: 'p-1' });
  };
  await all.handleShipment(event);
  await all.handleShipment(event);
  assert.equal(all.calls.length, 1);
  const answers = await all.takeEvents('seller-events', 'shipment-confirmation.completed');
  assert.deepEqual(
    answers.map(({ data }) => [data.orderId, data.trackingNumber, data.packageId]),
    [['order-1', 'T1', 'p-1']],
  );
  const told = await all.status(event.id);
  assert.deepEqual([told.status, told.packageId, told.code], ['completed', 'p-1', null]);
});

test('a shipment that the marketplace refuses is answered with its reason', async () => {
  const all = await createCommandWorld();
  all.world.answering = () => answer({ outcome: 'failed', code: 'nothing-to-ship', message: 'all is sent' });
  const event = await all.ship('s');
  await all.handleShipment(event);
  const [told] = await all.takeEvents('seller-events', 'shipment-confirmation.failed');
  assert.deepEqual([told?.data.code, told?.data.message], ['nothing-to-ship', 'all is sent']);
  assert.equal((await all.status(event.id)).status, 'failed');
});

test('of one order only one shipment is under way at a time: a package is not told twice', async () => {
  const all = await createCommandWorld();
  const { clock } = all;
  all.world.answering = async () => {
    await clock.sleep(10_000);
    return answer({ outcome: 'confirmed', packageId: 'p-1' });
  };
  const event = await all.ship('s');
  const other = await all.ship('other', { trackingNumber: 'T2' });
  const under = all.handleShipment(event);
  await clock.sleep(1_000);
  for (const each of [event, other]) {
    const { kind, code } = await comesBack(all.handleShipment(each));
    assert.deepEqual([kind, code], ['throttled', 'order-in-use']);
  }
  assert.equal(all.calls.length, 1);
  await under;
  await all.handleShipment(event);
  await all.handleShipment(other);
  assert.equal(all.calls.length, 2);
});

test('a message about a command that nobody accepted dies', async () => {
  const all = await createCommandWorld();
  const event = await all.update('k', [line('A', 1)]);
  const unknown = { ...event, data: { ...event.data, idempotencyKey: 'never-seen' } };
  await assert.rejects(all.handleStock(unknown), { kind: 'permanent', code: 'command-unknown' });
});
