import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StockWish } from '#events/command.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { type Command, commandIdOf, contentHashOf, createCommands, type Wish } from '#platform/state/commands.ts';
import { createLatestUpdates, placeOf } from '#platform/state/latest-updates.ts';
import { createLeases } from '#platform/state/leases.ts';
import { createWaitingUpdates } from '#platform/state/waiting-updates.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const DAY_MS = 86_400_000;
const open = () => {
  const clock = drivenClock();
  const { store } = openEmbeddedEngine({ path: ':memory:', clock });
  return { clock, store };
};
const wish = (sku: string, reference: Record<string, string> = {}): StockWish => ({ sku, quantity: 1, reference });

function commandOf(key: string, skus: readonly string[], acceptedAt: number): Command {
  const data = { connectionId: 'c', lines: skus.map((sku) => wish(sku)) };
  return {
    ...{ commandId: commandIdOf(key), idempotencyKey: key, connectionId: 'c', marketplace: 'plain', cause: '' },
    ...{ contentHash: contentHashOf({ type: 'inventory-update', data }), wishedAt: acceptedAt, acceptedAt },
    ...{ isQueued: false, finishedAt: null, isAnswered: false, type: 'inventory-update', data },
    lines: skus.map(() => ({ outcome: 'waiting' as const })),
  };
}

test('of commands with one key the first stays, until it is forgotten after 30 days', async () => {
  const { clock, store } = open();
  const commands = createCommands({ store });
  const now = clock.now();
  const first = commandOf('k', ['A'], now);
  const created = await Promise.all([first, commandOf('k', ['B'], now)].map((one) => commands.create(one)));
  assert.deepEqual(created[0]?.data, created[1]?.data);
  const later = await commands.create(commandOf('k', ['C'], now + 29 * DAY_MS));
  assert.deepEqual(later.data, created[0]?.data);
  const afterwards = await commands.create(commandOf('k', ['C'], now + 31 * DAY_MS));
  assert.deepEqual(afterwards.data, commandOf('k', ['C'], 0).data);
});

test('a settled line stays as it is, and a command is finished with its last line, once', async () => {
  const { clock, store } = open();
  const commands = createCommands({ store });
  const { commandId } = await commands.create(commandOf('k', ['A', 'B'], clock.now()));
  const applied = { outcome: 'applied' } as const;
  const failed = { outcome: 'failed', code: 'x', message: 'x' } as const;
  await commands.settleLines(commandId, new Map([[0, applied]]), 1);
  const half = await commands.settleLines(commandId, new Map([[0, failed]]), 2);
  assert.deepEqual([half.lines, half.finishedAt], [[applied, { outcome: 'waiting' }], null]);
  await commands.settleLines(commandId, new Map([[1, { outcome: 'accepted', receipt: 'r', acceptedAt: 3 }]]), 3);
  const done = await commands.settleLines(commandId, new Map([[1, failed]]), 4);
  assert.deepEqual([done.lines, done.finishedAt], [[applied, failed], 4]);
  assert.equal((await commands.settleLines(commandId, new Map([[1, applied]]), 5)).finishedAt, 4);
});

test('lines that are settled at the same moment are all kept', async () => {
  const { clock, store } = open();
  const commands = createCommands({ store });
  const skus = Array.from({ length: 10 }, (_, i) => `S${i}`);
  const { commandId } = await commands.create(commandOf('k', skus, clock.now()));
  await Promise.all(skus.map((_, i) => commands.settleLines(commandId, new Map([[i, { outcome: 'applied' }]]), 1)));
  const command = await commands.get(commandId);
  assert.ok(command?.type === 'inventory-update');
  assert.ok(command.lines.every(({ outcome }) => outcome === 'applied'));
  assert.equal(command.finishedAt, 1);
});

test('another order of fields and ids is the same content; another value, or another type, is not', () => {
  const of = (data: object, type = 'inventory-update') => contentHashOf({ type, data } as Wish);
  const base = { connectionId: 'c', lines: [{ sku: 'A', quantity: 1, reference: { a: '1', b: '2' } }] };
  const other = { lines: [{ reference: { b: '2', a: '1' }, quantity: 1, sku: 'A' }], connectionId: 'c' };
  assert.equal(of(base), of(other));
  assert.notEqual(of(base), of({ ...base, connectionId: 'd' }));
  assert.notEqual(of(base), of(base, 'shipment-confirmation'));
});

test('the latest update of a place is the same, in whatever order and however often it is written', async () => {
  const updates = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), at: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(updates, async (given) => {
      // A command has one time, however often it is written.
      const times = new Map(given.map(({ id, at }) => [id, at]));
      const latest = [...times].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).at(-1)![0];
      const { store } = open();
      const latestUpdates = createLatestUpdates({ store });
      const line = wish('A');
      await Promise.all(
        given.map(({ id }) =>
          latestUpdates.put('c', { commandId: id, wishedAt: times.get(id)!, lines: [line, line] }, 0),
        ),
      );
      for (const id of times.keys()) {
        assert.equal(await latestUpdates.isLatest('c', { commandId: id, index: 0 }, line), false);
        assert.equal(await latestUpdates.isLatest('c', { commandId: id, index: 1 }, line), id === latest);
      }
      assert.ok((await latestUpdates.nextAt('c', [line], 0)) > times.get(latest)!);
    }),
    { numRuns: 50 },
  );
});

test('a place is a SKU with the ids of its listing; an empty id is none', () => {
  assert.equal(placeOf(wish('A', { x: '1', y: '2' })), placeOf(wish('A', { y: '2', x: '1' })));
  assert.equal(placeOf(wish('A', { x: '' })), placeOf(wish('A')));
  const places = [wish('A'), wish('B'), wish('A', { x: '1' }), wish('A', { y: '1' }), wish('A', { x: '2' })].map(
    placeOf,
  );
  assert.equal(new Set(places).size, places.length);
});

test('a lease has one owner at a time, ends by itself, and only its owner gives it back', async () => {
  const { store } = open();
  const leases = createLeases({ store });
  const take = async (owner: string, now: number, names = ['x']) => [
    ...(await leases.take(names, { owner, until: now + 10, now })),
  ];
  const first = await Promise.all(['a', 'b', 'c'].map((owner) => take(owner, 0)));
  assert.equal(first.flat().length, 1);
  const owner = ['a', 'b', 'c'][first.findIndex((taken) => taken.length > 0)]!;
  assert.deepEqual(await take('d', 9, ['x', 'y']), ['y']);
  await leases.giveBack(['x'], 'd', 9);
  assert.deepEqual(await take('e', 9), []);
  await leases.giveBack(['x'], owner, 9);
  assert.deepEqual(await take('e', 9), ['x']);
  await leases.giveBack(['x'], owner, 9);
  assert.deepEqual(await take('f', 18), []);
  assert.deepEqual(await take('f', 19), ['x']);
});

test('what waits is listed by what it shares a call by, and not for ever', async () => {
  const { store } = open();
  const waiting = createWaitingUpdates({ store });
  const line = (commandId: string, index = 0) => ({ commandId, index });
  await waiting.add('c', 'item-1', [line('a'), line('a', 1), line('b')], 0);
  await waiting.add('c', 'item-2', [line('z')], 0);
  await waiting.add('d', 'item-1', [line('y')], 0);
  assert.deepEqual(await waiting.list('c', 'item-1', { now: 1, limit: 9 }), [line('a'), line('a', 1), line('b')]);
  await waiting.remove('c', 'item-1', [line('a')]);
  assert.deepEqual(await waiting.list('c', 'item-1', { now: 1, limit: 1 }), [line('a', 1)]);
  assert.deepEqual(await waiting.list('c', 'item-1', { now: 2 * DAY_MS, limit: 9 }), []);
});
