import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Store } from '#platform/engines/engine.ts';
import { BATCH_MEMORY_MS } from '#platform/state/audit-log/batches.ts';
import { openCheckpoint } from '#platform/state/audit-log/checkpoint.ts';
import { encodeEntry } from '#platform/state/audit-log/entry.ts';
import { leafHash, rootOf } from '#platform/state/audit-log/merkle.ts';
import { openProof } from '#platform/state/audit-log/proof.ts';
import { decodeBundle, encodeBundle } from '#platform/state/audit-log/tiles.ts';
import { verifyLog, verifyProof } from '#platform/state/audit-log/verify.ts';
import {
  exported,
  ORIGIN,
  openTestLog,
  sourceOf,
  testEntries,
  testEntry,
  testSigner,
} from '#test/support/audit-log.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const verifier = testSigner().verifier;
const openStore = (clock = drivenClock()): Store => openEmbeddedEngine({ path: ':memory:', clock }).store;
const batch = (from: number, to: number) => ({ batchId: `${from}-${to}`, entries: testEntries(from, to) });
const rootOfEntries = (to: number) => rootOf(testEntries(0, to).map((entry) => leafHash(encodeEntry(entry))));

/** Counts the items that are written. */
function counting(store: Store): Store & { items: number } {
  const counted = {
    ...store,
    items: 0,
    write: (writes: Parameters<Store['write']>[0]) => {
      counted.items += writes.length;
      return store.write(writes);
    },
    writeAtomically: (writes: Parameters<Store['writeAtomically']>[0]) => {
      counted.items += writes.length;
      return store.writeAtomically(writes);
    },
  };
  return counted;
}

test('a checkpoint tells size and root of what was appended, and stays until the log grows', async () => {
  const log = openTestLog(openStore());
  assert.equal(await log.checkpoint(), undefined);
  assert.deepEqual(await log.append([batch(0, 3)]), { firstIndex: 0, size: 3, duplicates: [] });
  const first = await log.checkpoint();
  assert.deepEqual(await log.checkpoint(), first);
  assert.deepEqual(await log.append([batch(3, 300)]), { firstIndex: 3, size: 300, duplicates: [] });
  const second = (await log.checkpoint())!;
  const { origin, size, root } = openCheckpoint(second.note, [verifier]);
  assert.deepEqual([origin, size, Buffer.from(root)], [ORIGIN, 300, rootOfEntries(300)]);
  assert.equal(Buffer.from((await log.read('checkpoint'))!).toString(), second.note);
  assert.equal(Buffer.from((await log.read('checkpoints/000'))!).toString(), first!.note + second.note);
});

test('however entries are split into appends, the exported log is the same and verifies', async () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 699 }), { maxLength: 6 });
  let expected: Map<string, Uint8Array> | undefined;
  await fc.assert(
    fc.asyncProperty(cuts, async (cuts) => {
      const log = openTestLog(openStore());
      const ends = [...new Set([...cuts, 700])].sort((a, b) => a - b);
      for (const [i, end] of ends.entries()) await log.append([batch(ends[i - 1] ?? 0, end)]);
      await log.checkpoint();
      const files = await exported(log);
      expected ??= files;
      assert.deepEqual(files, expected);
      const verdict = await verifyLog(sourceOf(files), { keys: [verifier.text] });
      assert.deepEqual([verdict.problem, verdict.entries], [undefined, 700]);
    }),
    { numRuns: 15 },
  );
});

test('every partial tile and bundle is served, before and after it is full, and nothing else', async () => {
  const log = openTestLog(openStore());
  await log.append([batch(0, 100)]);
  const early = await log.read('tile/0/000.p/90');
  assert.equal(await log.read('tile/0/000.p/101'), undefined);
  assert.equal(await log.read('tile/0/000'), undefined);
  await log.append([batch(100, 600)]);
  assert.deepEqual(await log.read('tile/0/000.p/90'), early);
  assert.deepEqual(await log.read('tile/1/000.p/2'), Buffer.concat([rootOfEntries(256), await parentOf(log, 1)]));
  const bundle = Buffer.from((await log.read('tile/entries/001.p/7'))!);
  assert.deepEqual(decodeBundle(bundle), testEntries(256, 263).map(encodeEntry));
  assert.equal(
    (await log.read('tile/entries/002.p/88'))?.length,
    encodeBundle(testEntries(512, 600).map(encodeEntry)).length,
  );
  for (const path of [
    'tile/entries/002.p/89',
    'tile/1/000.p/3',
    'tile/2/000.p/1',
    'tile/0/003.p/1',
    'checkpoints/001',
    'x',
  ]) {
    assert.equal(await log.read(path), undefined, path);
  }
});

async function parentOf(log: ReturnType<typeof openTestLog>, bundle: number): Promise<Uint8Array> {
  const tile = Buffer.from((await log.read(`tile/0/00${bundle}`))!);
  return rootOf(Array.from({ length: 256 }, (_, i) => tile.subarray(i * 32, (i + 1) * 32)));
}

test('a batch delivered again is in the log once, alone or beside new ones or twice in one append', async () => {
  const log = openTestLog(openStore());
  await log.append([batch(0, 10), batch(0, 10)]);
  assert.deepEqual(await log.append([batch(0, 10)]), { firstIndex: 10, size: 10, duplicates: ['0-10'] });
  const appended = await log.append([batch(10, 20), batch(0, 10), batch(20, 30)]);
  assert.deepEqual(appended, { firstIndex: 10, size: 30, duplicates: ['0-10'] });
  assert.deepEqual(await log.entry(29), testEntry(29));
  assert.equal(await log.entry(30), undefined);
});

test('a batch is remembered for 15 days, longer than a queue keeps a message', async () => {
  const clock = drivenClock();
  const log = openTestLog(openStore(clock), clock.now);
  await log.append([batch(0, 5)]);
  await clock.sleep(BATCH_MEMORY_MS - 1);
  assert.equal((await log.append([batch(0, 5)])).size, 5);
  await clock.sleep(1);
  assert.equal((await log.append([batch(0, 5)])).size, 10);
  assert.equal((await log.append([batch(0, 5)])).size, 10);
});

test('a second writer is refused at its next append, reads the log anew and goes on without a fork', async () => {
  const store = openStore();
  const [first, second] = [openTestLog(store), openTestLog(store)];
  await first.append([batch(0, 5)]);
  await second.append([batch(5, 10)]);
  await assert.rejects(first.append([batch(10, 15)]), { kind: 'retryable', code: 'audit-log-fenced' });
  assert.deepEqual(await first.append([batch(10, 15)]), { firstIndex: 10, size: 15, duplicates: [] });
  // The second one knows less than was signed since, and signs nothing older.
  const newest = await first.checkpoint();
  assert.deepEqual(await second.checkpoint(), newest);
  const verdict = await verifyLog(sourceOf(await exported(second)), { keys: [verifier.text] });
  assert.deepEqual([verdict.problem, verdict.entries], [undefined, 15]);
});

test('many writers at once leave one history in which each batch is once', async () => {
  const store = openStore();
  const writers = [openTestLog(store), openTestLog(store), openTestLog(store)];
  const batches = Array.from({ length: 40 }, (_, i) => batch(i * 7, (i + 1) * 7));
  const appendUntilItIsIn = async (writer: (typeof writers)[0], one: (typeof batches)[0]) => {
    for (;;) {
      try {
        await writer.append([one]);
        return await writer.checkpoint();
      } catch (error) {
        assert.equal((error as { code: string }).code, 'audit-log-fenced');
      }
    }
  };
  await Promise.all(writers.map((writer) => Promise.all(batches.map((one) => appendUntilItIsIn(writer, one)))));
  await writers[0]!.checkpoint();
  const verdict = await verifyLog(sourceOf(await exported(writers[0]!)), { keys: [verifier.text] });
  assert.deepEqual([verdict.problem, verdict.entries], [undefined, 280]);
});

test('a store that was put back to an older state signs no second history', async () => {
  const [store, older] = [openStore(), openStore()];
  const log = openTestLog(store);
  await log.append([batch(0, 300)]);
  const { note } = (await log.checkpoint())!;
  const restored = openTestLog(older);
  await restored.append([batch(0, 100)]);
  const value = { size: 300, note, signedAt: '2026-11-24T06:00:00.000Z' };
  const write = { table: 'audit-log', partition: `${ORIGIN} checkpoints`, sort: '0'.padStart(16, '0'), value };
  await older.write([{ ...write, condition: 'absent' }]);
  await assert.rejects(restored.checkpoint(), { kind: 'permanent', code: 'audit-log-forked' });
  await restored.append([batch(1000, 1250)]);
  await assert.rejects(restored.checkpoint(), { kind: 'permanent', code: 'audit-log-forked' });
});

test('entries are found by each of their keys, by time, and up to a limit', async () => {
  const log = openTestLog(openStore());
  for (let n = 0; n < 2000; n += 90) await log.append([batch(n, Math.min(n + 90, 2000))]);
  const entries = testEntries(0, 2000);
  const indexes = async (filter: Parameters<typeof log.find>[0]) => (await log.find(filter)).map(({ index }) => index);
  const where = (matches: (entry: (typeof entries)[0]) => boolean) =>
    [...entries.keys()].filter((n) => matches(entries[n]!));
  const limit = 5000;
  assert.deepEqual(await indexes({ orderId: entries[1234]!.orderIds[0], limit }), [1232, 1233, 1234, 1235]);
  assert.deepEqual(await indexes({ requestId: 'request-1999', limit }), [1999]);
  assert.deepEqual(await indexes({ requestId: 'request-2000', limit }), []);
  assert.deepEqual(
    await indexes({ connectionId: 'ebay-1', limit }),
    where((entry) => entry.connectionId === 'ebay-1'),
  );
  assert.deepEqual(await indexes({ outcome: 'http-500', limit: 3 }), [9, 19, 29]);
  assert.deepEqual(await indexes({ kind: 'order.changed', limit }), []);
  const time = { from: entries[700]!.at, to: entries[900]!.at };
  assert.deepEqual(
    await indexes({ ...time, kind: 'api-call.recorded', limit }),
    where(({ at }) => at >= time.from && at < time.to),
  );
  assert.deepEqual((await log.find({ requestId: 'request-7', limit }))[0], { index: 7, entry: entries[7] });
});

test('each entry has a proof that stands alone', async () => {
  const log = openTestLog(openStore());
  await log.append([batch(0, 800)]);
  await assert.rejects(log.prove(5), { kind: 'retryable', code: 'audit-checkpoint-due' });
  await log.checkpoint();
  await log.append([batch(800, 900)]);
  for (const index of [0, 5, 255, 256, 511, 512, 767, 768, 799]) {
    const proof = await log.prove(index);
    assert.deepEqual(Buffer.from(openProof(proof, [verifier]).entry), encodeEntry(testEntry(index)));
    assert.equal(verifyProof(proof, [verifier.text]).index, index);
    const wrong = proof.replace(`index ${index}\n`, `index ${index + 1}\n`);
    assert.throws(() => openProof(wrong, [verifier]), { code: 'proof-wrong' });
    assert.throws(() => verifyProof(wrong, [verifier.text]));
  }
  await assert.rejects(log.prove(800), { code: 'audit-checkpoint-due' });
  await assert.rejects(log.prove(900), { code: 'audit-entry-missing' });
});

test('at load the log costs at most 0.02 writes an entry, checkpoints not counted', async () => {
  const store = counting(openStore());
  const log = openTestLog(store);
  await log.append([batch(0, 100)]);
  store.items = 0;
  for (let n = 100; n < 100 + 256 * 30; n += 256) await log.append([batch(n, n + 256)]);
  assert.ok(store.items / (256 * 30) <= 0.02, `${store.items / (256 * 30)} writes an entry`);
});

test('the largest append stays within one atomic write, and a larger one takes several', async () => {
  const log = openTestLog(openStore());
  const small = Array.from({ length: 200 }, (_, i) => batch(i * 128, (i + 1) * 128));
  assert.equal((await log.append(small)).size, 25_600);
  const large = { ...testEntry(0), data: { text: 'x'.repeat(60_000) } };
  const entries = Array.from({ length: 43 }, (_, n) => ({ ...large, id: `large-${n}` }));
  const wide = Array.from({ length: 5 }, (_, i) => ({ batchId: `wide-${i}`, entries }));
  assert.equal((await log.append(wide)).size, 25_600 + 215);
  await log.checkpoint();
  const verdict = await verifyLog(sourceOf(await exported(log)), { keys: [verifier.text] });
  assert.deepEqual([verdict.problem, verdict.entries], [undefined, 25_815]);
  await assert.rejects(log.append([{ batchId: 'too wide', entries: [...entries, large] }]), {
    code: 'audit-batch-too-large',
  });
  await assert.rejects(log.append([{ batchId: 'too long', entries: testEntries(0, 4097) }]), { kind: 'permanent' });
});

test('an export of a time holds its bundles alone and verifies on its own', async () => {
  const log = openTestLog(openStore());
  await log.append([batch(0, 1000)]);
  await log.checkpoint();
  const files = await exported(log, { from: testEntry(300).at, to: testEntry(600).at });
  const bundles = [...files.keys()].filter((path) => path.startsWith('tile/entries/'));
  assert.deepEqual(bundles, ['tile/entries/001', 'tile/entries/002']);
  const verdict = await verifyLog(sourceOf(files), { keys: [verifier.text] });
  assert.deepEqual(
    [verdict.problem, verdict.entriesFrom, verdict.entriesTo, verdict.size],
    [undefined, 256, 768, 1000],
  );
  files.delete('tile/entries/002');
  assert.equal((await verifyLog(sourceOf(files), { keys: [verifier.text] })).firstBadEntry, 512);
});
