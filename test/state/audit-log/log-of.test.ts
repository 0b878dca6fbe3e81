import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { logOf } from '#platform/state/audit-log/log-of.ts';

const LOGS = fc.integer({ min: 1, max: 16 });
const ID = fc.string({ minLength: 1 });

test('all entries of a connection are in one log, whatever their ids', () => {
  fc.assert(
    fc.property(LOGS, ID, ID, ID, (logs, connectionId, id, otherId) => {
      const log = logOf({ connectionId, id }, logs);
      assert.ok(Number.isInteger(log) && log >= 0 && log < logs);
      assert.equal(logOf({ connectionId, id: otherId }, logs), log);
    }),
  );
});

test('where an entry belongs never changes', () => {
  const logsOf = (logs: number) =>
    ['shopee-1', 'shopee-2', 'ebay-1', 'amazon-1'].map((id) => logOf({ connectionId: id, id: '' }, logs));
  assert.deepEqual(logsOf(1), [0, 0, 0, 0]);
  assert.deepEqual(logsOf(2), [0, 0, 1, 0]);
  assert.deepEqual(logsOf(5), [2, 1, 2, 2]);
  assert.equal(logOf({ connectionId: null, id: 'event-1' }, 5), 2);
});

for (const logs of [2, 3, 7]) {
  test(`over ${logs} logs connections, and entries of none, are spread evenly`, () => {
    const COUNT = 7_000;
    for (const entryOf of [
      (n: number) => ({ connectionId: `shopee-${n}`, id: 'same' }),
      (n: number) => ({ connectionId: null, id: `event-${n}` }),
    ]) {
      const counts = new Array<number>(logs).fill(0);
      for (let n = 0; n < COUNT; n++) counts[logOf(entryOf(n), logs)]! += 1;
      const fair = COUNT / logs;
      for (const count of counts) assert.ok(Math.abs(count - fair) < fair * 0.1, `${counts}`);
    }
  });
}
