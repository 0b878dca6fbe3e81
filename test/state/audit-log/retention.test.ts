import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Store } from '#platform/engines/engine.ts';
import type { AuditLog } from '#platform/state/audit-log/log.ts';
import { type Signer, signNote } from '#platform/state/audit-log/note.ts';
import { cutOldEntries } from '#platform/state/audit-log/retention.ts';
import { verifyLog, verifyProof } from '#platform/state/audit-log/verify.ts';
import {
  exported,
  type Files,
  ORIGIN,
  openTestLog,
  sourceOf,
  testEntries,
  testEntry,
  testSigner,
} from '#test/support/audit-log.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const DAY_MS = 86_400_000;
const KEEP_DAYS = 548;
const BATCH = 100;
const SIZE = 1_500;
const key = testSigner().verifier.text;

/** The moment at which the entry `n`, and each before it, is older than is kept. */
const whenOld = (n: number): number => Date.parse(testEntry(n).at) + KEEP_DAYS * DAY_MS + 1;

/** A log of 1,500 entries in blocks of 100, a checkpoint for each. */
async function filled(): Promise<{ store: Store; log: AuditLog }> {
  const { store } = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
  const log = openTestLog(store);
  for (let i = 0; i < SIZE; i += BATCH) {
    await log.append([{ batchId: String(i), entries: testEntries(i, i + BATCH) }]);
    await log.checkpoint();
  }
  return { store, log };
}

const cutAt = (store: Store, now: number) =>
  cutOldEntries({ store, origin: ORIGIN, signer: testSigner(), clock: { now: () => now } }, { keepDays: KEEP_DAYS });

const verified = (files: Files) => verifyLog(sourceOf(files), { keys: [key] });

test('whole bundles of old entries are cut, the rest verifies, and the verdict tells of the cut', async () => {
  const { store, log } = await filled();
  const statement = await cutAt(store, whenOld(700));
  assert.equal(statement?.cut, 512);
  const { problem, entriesFrom, entries, checkpoints, cut } = await verified(await exported(log));
  assert.deepEqual([problem, entriesFrom, entries, checkpoints], [undefined, 512, SIZE - 512, SIZE / BATCH]);
  assert.deepEqual(cut, { before: 512, at: new Date(whenOld(700)).toISOString(), why: 'older than 548 days' });
  assert.equal(await log.entry(511), undefined);
  assert.equal((await log.entry(512))?.id, 'call-512');
  const found = await log.find({ limit: SIZE });
  assert.deepEqual([found.length, found[0]?.index, found[0]?.entry.id], [SIZE - 512, 512, 'call-512']);
});

test('nothing is left in the store of what was cut, but its hashes', async () => {
  const { store } = await filled();
  await cutAt(store, whenOld(700));
  const all = async (partition: string) => store.range('audit-log', `${ORIGIN} ${partition}`, { limit: 1_000 });
  assert.deepEqual([(await all('entries'))[0]?.sort, (await all('index'))[0]?.sort].map(Number), [512, 2]);
  assert.equal((await all('tile/0')).length, Math.floor(SIZE / 256));
});

test('a proof of an entry that was cut since stays valid, and the log goes on from the same tree', async () => {
  const { store, log } = await filled();
  const proof = await log.prove(3);
  const before = Buffer.from((await log.read('checkpoint'))!).toString();
  await cutAt(store, whenOld(700));
  assert.match(verifyProof(proof, [key]).entry, /"id":"call-3"/);
  await assert.rejects(log.prove(3), { code: 'audit-entry-missing' });
  await log.append([{ batchId: 'later', entries: testEntries(SIZE, SIZE + 100) }]);
  await log.checkpoint();
  const verdict = await verifyLog(sourceOf(await exported(log)), { keys: [key], checkpoints: [before] });
  assert.deepEqual([verdict.problem, verdict.entries], [undefined, SIZE + 100 - 512]);
});

test('a second cut goes on from the first, at most once a day', async () => {
  const { store, log } = await filled();
  assert.equal((await cutAt(store, whenOld(300)))?.cut, 256);
  assert.equal(await cutAt(store, whenOld(300) + DAY_MS - 1), undefined);
  assert.equal((await cutAt(store, whenOld(300) + DAY_MS))?.cut, 1_280);
  assert.equal(await cutAt(store, whenOld(300) + 2 * DAY_MS), undefined);
  const { problem, entriesFrom, cut } = await verified(await exported(log));
  assert.deepEqual([problem, entriesFrom, cut?.before], [undefined, 1_280, 1_280]);
});

test('an export of a time holds no less and no more than what is left of it', async () => {
  const { store, log } = await filled();
  await cutAt(store, whenOld(700));
  const { problem, entriesFrom, entriesTo } = await verified(
    await exported(log, { from: testEntry(0).at, to: testEntry(700).at }),
  );
  assert.deepEqual([problem, entriesFrom, entriesTo], [undefined, 512, 768]);
  const none = await verified(await exported(log, { to: testEntry(100).at }));
  assert.deepEqual([none.problem, none.entries], [undefined, 0]);
});

test('young entries, and those that no checkpoint covers, are not cut', async () => {
  const { store } = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
  const log = openTestLog(store);
  assert.equal(await cutAt(store, whenOld(0)), undefined);
  await log.append([{ batchId: 'a', entries: testEntries(0, 600) }]);
  assert.equal(await cutAt(store, whenOld(600)), undefined);
  await log.checkpoint();
  assert.equal(await cutAt(store, whenOld(254)), undefined);
  assert.equal((await cutAt(store, whenOld(600)))?.cut, 512);
});

for (const when of ['before', 'after'] as const) {
  test(`killed ${when} any write, a cut is completed by the next run, and the log verifies at all times`, async () => {
    for (let n = 0; ; n++) {
      const { store, log } = await filled();
      let writes = 0;
      const guard = async <Result>(write: () => Promise<Result>): Promise<Result> => {
        const crashes = writes++ === n;
        if (crashes && when === 'before') throw new Error('killed');
        const result = await write();
        if (crashes) throw new Error('killed');
        return result;
      };
      const crashing: Store = {
        ...store,
        write: (list) => guard(() => store.write(list)),
        writeAtomically: (list) => guard(() => store.writeAtomically(list)),
      };
      const crashed = await cutAt(crashing, whenOld(700)).then(
        () => false,
        () => true,
      );
      assert.equal((await verified(await exported(log))).problem, undefined);
      assert.equal((await verified(await exported(log, { from: testEntry(0).at }))).problem, undefined);
      await cutAt(store, whenOld(700));
      const [block] = await store.range('audit-log', `${ORIGIN} entries`, { limit: 1 });
      assert.equal(Number(block?.sort), 512);
      assert.deepEqual((await verified(await exported(log))).entries, SIZE - 512);
      if (!crashed) return;
    }
  });
}

const { store, log } = await filled();
const whole = await exported(log);
await cutAt(store, whenOld(300));
const cutOnce = await exported(log);
await cutAt(store, whenOld(300) + DAY_MS);
const cutTwice = await exported(log);
const statements = Buffer.from(cutTwice.get('retention/000')!).toString();

const withStatements = (files: Files, text: string | undefined): Files => {
  const changed = new Map(files);
  if (text === undefined) changed.delete('retention/000');
  else changed.set('retention/000', Buffer.from(text));
  return changed;
};
const statement = (lines: readonly (string | number)[], signer: Signer = testSigner()): string =>
  signNote(lines.map((line) => `${line}\n`).join(''), signer);
const HEADER = 'sluice/audit-retention@v1';
const lines = (cut: number, origin = ORIGIN) => [
  HEADER,
  origin,
  cut,
  '2028-05-26T00:00:00.000Z',
  'older than 548 days',
];

const FORGERIES: Record<string, [files: Files, problem: RegExp]> = {
  'no statement of what is missing': [withStatements(cutTwice, undefined), /tile\/entries\/000 is missing/],
  'a statement that says less than is missing': [
    withStatements(cutTwice, Buffer.from(cutOnce.get('retention/000')!).toString()),
    /tile\/entries\/001 is missing/,
  ],
  'a statement of what is still there': [withStatements(whole, statements), /is there, though it is said to be cut/],
  'a statement of more than is missing': [withStatements(cutOnce, statements), /is there, though it is said to be cut/],
  'an older bundle that is still there': [
    new Map([...cutTwice, ['tile/entries/000', whole.get('tile/entries/000')!]]),
    /covers tile\/entries\/000/,
  ],
  'a changed number': [withStatements(cutOnce, statements.replace('\n1280\n', '\n1024\n')), /signature of .* is wrong/],
  'a changed reason': [withStatements(cutTwice, statements.replace('548', '549')), /signature of .* is wrong/],
  'a changed time': [withStatements(cutTwice, statements.replace('T', 't')), /signature of .* is wrong/],
  'another key': [withStatements(cutTwice, statement(lines(1280), testSigner(9))), /not signed by a known key/],
  'another log of the same key': [withStatements(cutTwice, statement(lines(1280, 'other/log'))), /is of another log/],
  'a checkpoint in its place': [
    withStatements(cutTwice, Buffer.from(cutTwice.get('checkpoint')!).toString()),
    /retention statement 0 is none/,
  ],
  'half a bundle': [withStatements(cutTwice, statement(lines(1281))), /is none/],
  'more than the log has': [withStatements(cutTwice, statement(lines(2560))), /more entries .* than the log has/],
  'a step back': [
    withStatements(cutTwice, statement(lines(1280)) + statement(lines(1280))),
    /does not say more than the one before/,
  ],
  'what is no note': [withStatements(cutTwice, `${statements}and more`), /not a list of signed notes/],
};

for (const [what, [files, problem]] of Object.entries(FORGERIES)) {
  test(`refused: ${what}`, async () => {
    const verdict = await verified(files);
    assert.equal(verdict.ok, false);
    assert.match(verdict.problem ?? '', problem);
  });
}

test('a statement is no checkpoint', async () => {
  const files = new Map(cutTwice).set('checkpoint', Buffer.from(statement(lines(1280))));
  assert.match((await verified(files)).problem ?? '', /not a checkpoint/);
});

test('any changed byte of the statements is found', async () => {
  const bytes = Buffer.from(statements);
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i] = changed[i]! ^ 1;
    const files = new Map(cutTwice).set('retention/000', changed);
    assert.equal((await verified(files)).ok, false, `byte ${i}`);
  }
});
