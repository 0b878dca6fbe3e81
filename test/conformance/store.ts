import assert from 'node:assert/strict';
import { MAX_ATOMIC_WRITES, type Write } from '#platform/engines/engine.ts';
import type { EnginePromises } from './engine-conformance.ts';
import { OTHER_TABLE, TABLE } from './names.ts';
import { LONG_MS } from './receiving.ts';

const write = (sort: string, value: unknown, rest: Partial<Write> = {}): Write => ({
  table: TABLE,
  partition: 'p',
  sort,
  condition: 'none',
  value,
  ...rest,
});

export const storePromises: EnginePromises = {
  'an item is read as it was written': async ({ engine: { store }, clock }) => {
    const value = {
      text: 'Grüße 🚚\n',
      list: [1, -2.5, null, true],
      nested: { empty: {}, none: [] },
      big: 2 ** 53 - 1,
    };
    const expiresAt = clock.now() + LONG_MS + 1;
    assert.equal(await store.get(TABLE, 'p', 'a'), undefined);
    assert.deepEqual(await store.write([write('a', value, { expiresAt })]), [{ ok: true, version: 1 }]);
    assert.deepEqual(await store.get(TABLE, 'p', 'a'), { partition: 'p', sort: 'a', version: 1, value, expiresAt });
  },

  'values that are no objects are kept too': async ({ engine: { store } }) => {
    for (const value of ['text', '', 0, false, []]) {
      await store.write([write('a', value)]);
      assert.deepEqual((await store.get(TABLE, 'p', 'a'))?.value, value);
    }
  },

  'tables and partitions are kept apart': async ({ engine: { store } }) => {
    await store.write([write('a', 1), write('a', 2, { table: OTHER_TABLE }), write('a', 3, { partition: 'q' })]);
    assert.equal((await store.get(TABLE, 'p', 'a'))?.value, 1);
    assert.equal((await store.get(OTHER_TABLE, 'p', 'a'))?.value, 2);
    assert.equal((await store.get(TABLE, 'q', 'a'))?.value, 3);
    assert.equal((await store.range(TABLE, 'p', { limit: 10 })).length, 1);
  },

  'each write raises the version by one and replaces value and expiry': async ({ engine: { store }, clock }) => {
    await store.write([write('a', 'old', { expiresAt: clock.now() + LONG_MS })]);
    assert.deepEqual(await store.write([write('a', 'new')]), [{ ok: true, version: 2 }]);
    assert.deepEqual(await store.write([write('a', 'newer', { condition: 2 })]), [{ ok: true, version: 3 }]);
    const item = await store.get(TABLE, 'p', 'a');
    assert.deepEqual(item, { partition: 'p', sort: 'a', version: 3, value: 'newer', expiresAt: undefined });
  },

  'a write whose condition does not hold changes nothing and shows what is there': async ({ engine: { store } }) => {
    await store.write([write('a', 'first')]);
    const conflict = await store.get(TABLE, 'p', 'a');
    const results = await store.write([
      write('a', 'second', { condition: 'absent' }),
      write('b', 'other', { condition: 'absent' }),
      write('c', 'none there', { condition: 1 }),
    ]);
    assert.deepEqual(results, [
      { ok: false, conflict },
      { ok: true, version: 1 },
      { ok: false, conflict: undefined },
    ]);
    assert.deepEqual(await store.write([write('a', 'third', { condition: 2 })]), [{ ok: false, conflict }]);
    assert.deepEqual(await store.get(TABLE, 'p', 'a'), conflict);
    assert.equal(await store.get(TABLE, 'p', 'c'), undefined);
  },

  'null deletes an item, on its condition, and the next one starts anew': async ({ engine: { store } }) => {
    await store.write([write('a', 'here')]);
    assert.equal((await store.write([write('a', null, { condition: 7 })]))[0]!.ok, false);
    assert.equal((await store.write([write('a', null, { condition: 1 })]))[0]!.ok, true);
    assert.equal(await store.get(TABLE, 'p', 'a'), undefined);
    assert.equal((await store.write([write('a', null)]))[0]!.ok, true);
    assert.deepEqual(await store.write([write('a', 'back', { condition: 'absent' })]), [{ ok: true, version: 1 }]);
  },

  'of many conditional writes at once exactly one wins': async ({ engine: { store } }) => {
    const race = async (condition: Write['condition']) => {
      const calls = Array.from({ length: 20 }, (_, i) => store.write([write('a', `${condition} ${i}`, { condition })]));
      const results = (await Promise.all(calls)).map(([result]) => result!);
      assert.equal(results.filter(({ ok }) => ok).length, 1);
      const winner = results.findIndex(({ ok }) => ok);
      assert.equal((await store.get(TABLE, 'p', 'a'))?.value, `${condition} ${winner}`);
    };
    await race('absent');
    await race(1);
    await race(2);
  },

  'many writes of one call keep the order of their results': async ({ engine: { store } }) => {
    await store.write([write('s7', 'there'), write('s42', 'there')]);
    const writes = Array.from({ length: 60 }, (_, i) => write(`s${i}`, i, { condition: 'absent' }));
    const refused = (await store.write(writes)).flatMap(({ ok }, i) => (ok ? [] : [i]));
    assert.deepEqual(refused, [7, 42]);
  },

  'an atomic write does all': async ({ engine: { store } }) => {
    await store.write([write('a', 1), write('b', 1)]);
    const done = await store.writeAtomically([
      write('a', 2, { condition: 1 }),
      write('b', null),
      write('c', 1, { condition: 'absent', table: OTHER_TABLE }),
    ]);
    assert.equal(done, true);
    assert.equal((await store.get(TABLE, 'p', 'a'))?.version, 2);
    assert.equal(await store.get(TABLE, 'p', 'b'), undefined);
    assert.equal((await store.get(OTHER_TABLE, 'p', 'c'))?.value, 1);
  },

  'an atomic write does nothing when one condition does not hold': async ({ engine: { store } }) => {
    await store.write([write('a', 1), write('b', 1)]);
    const writes = [write('a', 2), write('new', 1), write('c', null), write('b', 2, { condition: 'absent' })];
    assert.equal(await store.writeAtomically(writes), false);
    assert.equal((await store.get(TABLE, 'p', 'a'))?.value, 1);
    assert.equal(await store.get(TABLE, 'p', 'new'), undefined);
  },

  'of many atomic writes at once exactly one wins, in all its items': async ({ engine: { store } }) => {
    const calls = Array.from({ length: 10 }, (_, i) =>
      store.writeAtomically([write('a', i, { condition: 'absent' }), write('b', i, { condition: 'absent' })]),
    );
    const results = await Promise.all(calls);
    assert.equal(results.filter((won) => won).length, 1);
    const winner = results.indexOf(true);
    assert.equal((await store.get(TABLE, 'p', 'a'))?.value, winner);
    assert.equal((await store.get(TABLE, 'p', 'b'))?.value, winner);
  },

  'an atomic write may have the most items, and neither more nor one twice': async ({ engine: { store } }) => {
    const writes = Array.from({ length: MAX_ATOMIC_WRITES }, (_, i) => write(`s${i}`, i));
    assert.equal(await store.writeAtomically(writes), true);
    await assert.rejects(store.writeAtomically([...writes, write('more', 1)]));
    await assert.rejects(store.writeAtomically([write('twice', 1), write('twice', 2)]));
    assert.equal(await store.get(TABLE, 'p', 'more'), undefined);
    assert.equal(await store.get(TABLE, 'p', 'twice'), undefined);
  },

  'a range goes from its start up to, not including, its end, either way': async ({ engine: { store } }) => {
    await store.write(['c', 'a', 'd', 'b', 'ab'].map((sort) => write(sort, sort)));
    const sorts = async (options: Partial<Parameters<typeof store.range>[2]>) =>
      (await store.range(TABLE, 'p', { limit: 10, ...options })).map(({ sort }) => sort);
    assert.deepEqual(await sorts({}), ['a', 'ab', 'b', 'c', 'd']);
    assert.deepEqual(await sorts({ reverse: true }), ['d', 'c', 'b', 'ab', 'a']);
    assert.deepEqual(await sorts({ from: 'ab', to: 'd' }), ['ab', 'b', 'c']);
    assert.deepEqual(await sorts({ from: 'ab', to: 'd', reverse: true }), ['c', 'b', 'ab']);
    assert.deepEqual(await sorts({ from: 'b', limit: 2 }), ['b', 'c']);
    assert.deepEqual(await sorts({ to: 'c', limit: 2, reverse: true }), ['b', 'ab']);
    assert.deepEqual(await sorts({ from: 'x' }), []);
    assert.deepEqual(await sorts({ from: 'b', to: 'b' }), []);
    assert.deepEqual(await store.range(TABLE, 'nobody', { limit: 10 }), []);
  },

  'a range sorts by UTF-8 bytes': async ({ engine: { store } }) => {
    // By UTF-16 units, as JavaScript sorts, the truck would come before the full-width letter.
    const sorted = ['10', '9', 'Z', 'a', 'é', '你', 'Ａ', '🚚'];
    await store.write([...sorted].reverse().map((sort) => write(sort, sort)));
    const range = await store.range(TABLE, 'p', { limit: 20 });
    assert.deepEqual(
      range.map(({ sort }) => sort),
      sorted,
    );
  },

  'a range of large items gives as many as were asked for': async ({ engine: { store } }) => {
    const value = { text: 'x'.repeat(100_000) };
    await store.write(Array.from({ length: 30 }, (_, i) => write(String(i + 100), value)));
    assert.equal((await store.range(TABLE, 'p', { limit: 25 })).length, 25);
  },
};
