import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventOf } from '#events/index.ts';
import { requestDuePolls } from '#services/throttled-sync/request-due-polls.ts';
import { syncOrderPage } from '#services/throttled-sync/sync-order-page.ts';
import { createFunctionWorld, publisherAway } from '#test/support/function-world.ts';
import { answer } from '#test/support/plain-marketplace.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Request = EventOf<'order-sync.requested'>;

/** A new connection whose orders of the last `days` days are to be read; windows of the plain marketplace last a day. */
async function createBackfilling(days: number) {
  const all = await createFunctionWorld();
  const { deps, clock } = all;
  await all.connect('plain-1', 'access-1');
  const startedAt = clock.now();
  await deps.cursors.start('plain-1', startedAt, startedAt, startedAt - days * DAY_MS);
  all.world.answering = () => answer({ orders: [] });
  const backfills = async (): Promise<Request[]> =>
    (await all.takeEvents('sync', 'order-sync.requested')).filter(({ data }) => data.reason === 'backfill');
  const sync = (request: Request, by = deps) =>
    syncOrderPage(by, request, { attempt: 1, turnAt: undefined, rest: (wait) => wait });
  return { ...all, startedAt, backfills, sync };
}

/** Follows the chain to its end: the windows that were asked for, in days from the beginning, to hundredths. */
async function follow({ backfills, sync, startedAt }: Awaited<ReturnType<typeof createBackfilling>>, days: number) {
  const windows: [from: number, to: number][] = [];
  for (let asked = await backfills(); asked.length > 0; asked = await backfills()) {
    assert.equal(asked.length, 1);
    const { windowFrom, windowTo } = asked[0]!.data;
    const inDays = (at: string): number => Math.round(((Date.parse(at) - startedAt) / DAY_MS + days) * 100) / 100;
    windows.push([inDays(windowFrom), inDays(windowTo)]);
    await sync(asked[0]!);
  }
  return windows;
}

test('a backfill leaves to the poll what the poll’s overlap covers, so that no window ends at the moment of its call', async () => {
  const all = await createBackfilling(0.5);
  await requestDuePolls(all.deps);
  const polled = (await all.takeEvents('sync', 'order-sync.requested')).map(({ data }) => data);
  const [backfill, poll] = polled as [Request['data'], Request['data']];
  assert.deepEqual([backfill.reason, poll.reason], ['backfill', 'poll']);
  const { settleMs } = all.marketplace.orders;
  assert.ok(Date.parse(backfill.windowTo) <= all.startedAt - settleMs);
  assert.ok(Date.parse(poll.windowFrom) <= Date.parse(backfill.windowTo));
});

test('the first poll of a new connection begins its backfill: every day once, none longer than the marketplace takes', async () => {
  const all = await createBackfilling(2.5);
  await requestDuePolls(all.deps);
  const windows = await follow(all, 2.5);
  assert.deepEqual(windows, [
    [0, 1],
    [1, 2],
    [2, 2.5],
  ]);
  assert.equal((await all.deps.cursors.get('plain-1'))?.backfill, undefined);
  await all.clock.sleep(2 * DAY_MS);
  await requestDuePolls(all.deps);
  assert.deepEqual(await all.backfills(), []);
});

test('one chain at a time: while a backfill is under way, no tick begins another', async () => {
  const all = await createBackfilling(3);
  await requestDuePolls(all.deps);
  assert.equal((await all.backfills()).length, 1);
  for (let hour = 0; hour < 20; hour++) {
    await all.clock.sleep(HOUR_MS);
    await requestDuePolls(all.deps);
  }
  assert.deepEqual(await all.backfills(), []);
});

test('a backfill moves no watermark, and its calls go behind live ones', async () => {
  const all = await createBackfilling(2);
  await requestDuePolls(all.deps);
  const { watermark } = (await all.deps.cursors.get('plain-1'))!;
  const priorities: unknown[] = [];
  const book: typeof all.deps.budgets.book = (request) => {
    priorities.push(request.priority);
    return all.deps.budgets.book(request);
  };
  const [request] = await all.backfills();
  await all.sync(request!, { ...all.deps, budgets: { ...all.deps.budgets, book } });
  assert.deepEqual(priorities, ['backfill']);
  assert.equal((await all.deps.cursors.get('plain-1'))?.watermark, watermark);
});

test('a window that is asked for but not marked is asked for again, and read by one of the two', async () => {
  const all = await createBackfilling(2);
  let isKilled = true;
  const goOn: typeof all.deps.cursors.goOn = async (...parameters) => {
    if (isKilled) throw new Error('killed');
    return all.deps.cursors.goOn(...parameters);
  };
  const dying = { ...all.deps, cursors: { ...all.deps.cursors, goOn } };
  await assert.rejects(requestDuePolls(dying), /killed/);
  isKilled = false;
  await requestDuePolls(all.deps);
  const [first, repeat] = await all.backfills();
  assert.deepEqual(first?.data, repeat?.data);
  await all.sync(first!);
  const callsBefore = all.calls.length;
  await all.sync(repeat!);
  assert.equal(all.calls.length, callsBefore);
  const windows = await follow(all, 2);
  assert.deepEqual(windows, [[1, 2]]);
});

test('a backfill whose chain was lost is taken up a day later where it was lost', async () => {
  const all = await createBackfilling(3);
  await requestDuePolls(all.deps);
  const [first] = await all.backfills();
  await all.sync(first!);
  assert.equal((await all.backfills()).length, 1); // and lost
  await all.clock.sleep(25 * HOUR_MS);
  await all.connect('plain-1', 'access-2');
  await requestDuePolls(all.deps);
  const windows = await follow(all, 3);
  assert.deepEqual(windows, [
    [1, 2],
    [2, 3],
  ]);
});

test('a backfill that meets a connection in need of consent is taken up after the new consent', async () => {
  const all = await createBackfilling(2);
  const { deps } = all;
  await requestDuePolls(deps);
  const [first] = await all.backfills();
  await deps.connections.needsConsent('plain-1', 'grant-dead');
  await all.sync(first!);
  assert.deepEqual(all.calls, []);
  await deps.connections.put((await deps.connections.get('plain-1'))!);
  await all.clock.sleep(600_000);
  await requestDuePolls(deps);
  const windows = await follow(all, 2);
  assert.deepEqual(windows, [
    [0, 1],
    [1, 2],
  ]);
});

test('a page whose next window can’t be asked for comes back, and the chain goes on', async () => {
  const all = await createBackfilling(2);
  await requestDuePolls(all.deps);
  const [first] = await all.backfills();
  const away = publisherAway(all.deps, 'order-sync.requested', () => true);
  await assert.rejects(all.sync(first!, away), /killed/);
  await all.sync(first!);
  assert.deepEqual(await follow(all, 2), [[1, 2]]);
});
