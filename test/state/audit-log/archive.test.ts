import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Store } from '#platform/engines/engine.ts';
import { archiveLog } from '#platform/state/audit-log/archive.ts';
import type { AuditLog } from '#platform/state/audit-log/log.ts';
import { cutOldEntries } from '#platform/state/audit-log/retention.ts';
import { main, type Verdict, verifyLog } from '#platform/state/audit-log/verify.ts';
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
import { verifyWithGo, whyNoGo } from '#test/support/go-verifier.ts';
import { type MemoryArchive, memoryArchive } from '#test/support/memory-archive.ts';

const key = testSigner().verifier.text;
const DAY_MS = 86_400_000;
const KEEP_DAYS = 548;
/** sizes of the log at its checkpoints: within a bundle, at its end, past it, more than one at once */
const SIZES = [3, 100, 256, 300, 512, 1_200, 1_201, 2_048, 2_100];

type World = { store: Store; log: AuditLog; archive: MemoryArchive };

const openNew = (): World => {
  const { store } = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
  return { store, log: openTestLog(store), archive: memoryArchive() };
};

const archiveIt = ({ store, log, archive }: World): Promise<void> =>
  archiveLog({ store, origin: ORIGIN, reader: log, archive }, { folder: 'audit' });

async function growTo({ log }: World, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i += 4_000) {
    await log.append([{ batchId: `${i}-${to}`, entries: testEntries(i, Math.min(to, i + 4_000)) }]);
  }
  await log.checkpoint();
}

const cutBefore = ({ store }: World, n: number) =>
  cutOldEntries(
    {
      store,
      origin: ORIGIN,
      signer: testSigner(),
      clock: { now: () => Date.parse(testEntry(n).at) + KEEP_DAYS * DAY_MS + 1 },
    },
    { keepDays: KEEP_DAYS },
  );

const verified = (files: Files): Promise<Verdict> => verifyLog(sourceOf(files), { keys: [key] });

/** Everything that an export holds lies in the archive too, byte for byte; only what explains an export does not. */
async function holdsTheExport({ log, archive }: World): Promise<void> {
  const copy = archive.copyOf('audit');
  for (const [path, bytes] of await exported(log)) {
    if (path === 'verify.ts' || path === 'README.md') continue;
    assert.deepEqual(Buffer.from(copy.get(path) ?? []), Buffer.from(bytes), path);
  }
}

test('after each checkpoint the archive verifies as a folder, and holds what an export holds', async () => {
  const world = openNew();
  await archiveIt(world);
  assert.equal(world.archive.files.size, 0);
  for (const [i, size] of SIZES.entries()) {
    await growTo(world, SIZES[i - 1] ?? 0, size);
    await archiveIt(world);
    const { problem, entries, checkpoints } = await verified(world.archive.copyOf('audit'));
    assert.deepEqual([problem, entries, checkpoints], [undefined, size, i + 1]);
    await holdsTheExport(world);
  }
});

test('what did not change is not put again, and what is full never', async () => {
  const world = openNew();
  await growTo(world, 0, 600);
  await archiveIt(world);
  const puts: string[] = [];
  world.archive.onPut = (path) => {
    puts.push(path);
    return undefined;
  };
  await archiveIt(world);
  assert.deepEqual(puts, []);
  await growTo(world, 600, 700);
  await archiveIt(world);
  const tree = ['audit/tile/0/002.p/188', 'audit/tile/1/000.p/2', 'audit/tile/entries/002.p/188'];
  assert.deepEqual(puts.slice(0, 3).sort(), tree);
  assert.deepEqual(puts.slice(3), ['audit/checkpoints/000', 'audit/checkpoint']);
});

test('a long log is archived in steps, each begun where the last one ended, past a page of checkpoints', async () => {
  const world = openNew();
  for (let n = 0; n < 300; n++) await growTo(world, n, n + 1);
  await growTo(world, 300, 66_000);
  let puts = 0;
  world.archive.onPut = () => {
    puts += 1;
    if (puts !== 400) return undefined;
    throw new Error('killed');
  };
  await assert.rejects(archiveIt(world), /killed/);
  const before = world.archive.files.size;
  puts = 400;
  await archiveIt(world);
  // 258 bundles with as many tiles, 2 tiles above, the root's tile, 2 pages, archive, public-keys, checkpoint
  assert.equal(world.archive.files.size, 258 * 2 + 2 + 1 + 2 + 3);
  assert.ok(puts - 400 < 258 * 2 + 20 - 256, `${puts} puts, ${before} were there`);
  const { problem, entries, checkpoints } = await verified(world.archive.copyOf('audit'));
  assert.deepEqual([problem, entries, checkpoints], [undefined, 66_000, 301]);
  await holdsTheExport(world);
});

test('between any two puts the archive verifies: it never shows a checkpoint without its tree', async () => {
  const world = openNew();
  const moments: Files[] = [];
  world.archive.onPut = () => {
    moments.push(world.archive.copyOf('audit'));
    return undefined;
  };
  for (const [from, to] of [
    [0, 3],
    [3, 300],
    [300, 700],
  ] as const) {
    await growTo(world, from, to);
    await archiveIt(world);
  }
  await cutBefore(world, 300);
  await growTo(world, 700, 710);
  await archiveIt(world);
  assert.ok(moments.length > 25);
  for (const [n, copy] of moments.entries()) {
    const { problem, size } = await verified(copy);
    if (copy.has('checkpoint')) assert.deepEqual([problem, size > 0], [undefined, true], `before put ${n}`);
  }
  // Whoever copies checkpoints at one moment, and tiles at any later one, has a log that verifies too.
  const isTile = ([path]: [string, Uint8Array]): boolean => path.startsWith('tile/');
  for (const [n, copy] of moments.entries()) {
    if (!copy.has('checkpoint')) continue;
    for (const later of moments.slice(n)) {
      const mixed = new Map([...[...copy].filter((file) => !isTile(file)), ...[...later].filter(isTile)]);
      assert.equal((await verified(mixed)).problem, undefined, `before put ${n}`);
    }
  }
});

for (const when of ['before', 'after'] as const) {
  test(`killed ${when} any put, the archive is whole after the next run`, async () => {
    for (let n = 0; ; n++) {
      const world = openNew();
      let crashes = 0;
      let puts = 0;
      world.archive.onPut = () => {
        if (puts++ !== n) return undefined;
        crashes += 1;
        if (when === 'after') return 'after';
        throw new Error('killed before the put');
      };
      await growTo(world, 0, 300);
      await archiveIt(world).catch(() => {});
      await growTo(world, 300, 600);
      await cutBefore(world, 300);
      await archiveIt(world).catch(() => {});
      const copy = world.archive.copyOf('audit');
      if (copy.has('checkpoint')) assert.equal((await verified(copy)).problem, undefined, `put ${n}`);
      await archiveIt(world);
      const { problem, checkpoints, entriesFrom } = await verified(world.archive.copyOf('audit'));
      assert.deepEqual([problem, checkpoints, entriesFrom], [undefined, 2, 256]);
      await holdsTheExport(world);
      if (crashes === 0) return;
    }
  });
}

test('killed at any write of its mark, or of two that archive at once, the archive is whole', async () => {
  for (const when of ['before', 'after']) {
    const world = openNew();
    await growTo(world, 0, 20_000);
    let writes = 0;
    const store: Store = {
      ...world.store,
      async write(list) {
        writes += 1;
        if (when === 'after') await world.store.write(list);
        throw new Error('killed');
      },
    };
    await assert.rejects(archiveIt({ ...world, store }), /killed/);
    assert.equal(writes, 1);
    await Promise.all([archiveIt(world), archiveIt(world)]);
    await archiveIt(world);
    assert.deepEqual((await verified(world.archive.copyOf('audit'))).problem, undefined);
    await holdsTheExport(world);
  }
});

test('what the log has cut verifies while it is in the archive, and when it has gone from it', async () => {
  const world = openNew();
  await growTo(world, 0, 700);
  await archiveIt(world);
  await cutBefore(world, 600);
  await archiveIt(world);
  const copy = world.archive.copyOf('audit');
  const there = await verified(copy);
  assert.deepEqual([there.problem, there.cut?.before, there.entries], [undefined, 512, 700 - 512]);
  assert.ok(copy.has('tile/entries/000'));
  for (const gone of ['tile/entries/000', 'tile/entries/001']) copy.delete(gone);
  assert.equal((await verified(copy)).problem, undefined);
  copy.delete('tile/entries/002.p/188');
  assert.match((await verified(copy)).problem ?? '', /002\.p\/188 is missing/);
});

test('a log whose oldest entries were cut before it was archived for the first time verifies', async () => {
  const world = openNew();
  await growTo(world, 0, 700);
  await cutBefore(world, 600);
  await archiveIt(world);
  assert.equal((await verified(world.archive.copyOf('audit'))).problem, undefined);
  await holdsTheExport(world);
});

const world = openNew();
for (const [from, to] of [
  [0, 300],
  [300, 700],
  [700, 1_100],
] as const) {
  await growTo(world, from, to);
  await archiveIt(world);
}
await cutBefore(world, 600);
await archiveIt(world);
const original = world.archive.copyOf('audit');

test('any changed byte of what is left over in the archive is found', async () => {
  const leftovers = [...original.keys()].filter((path) => /\.p\//.test(path) || /entries\/00[01]$/.test(path));
  assert.deepEqual(leftovers.sort(), [
    'tile/0/001.p/44',
    'tile/0/002.p/188',
    'tile/0/004.p/76',
    'tile/1/000.p/1',
    'tile/1/000.p/2',
    'tile/1/000.p/4',
    'tile/entries/000',
    'tile/entries/001',
    'tile/entries/001.p/44',
    'tile/entries/002.p/188',
    'tile/entries/004.p/76',
  ]);
  for (const path of leftovers) {
    const bytes = Buffer.from(original.get(path)!);
    for (const at of [0, 1, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ 1;
      const { ok } = await verified(new Map(original).set(path, changed));
      assert.equal(ok, false, `${path}, byte ${at}`);
    }
    const short = await verified(new Map(original).set(path, bytes.subarray(0, -1)));
    assert.equal(short.ok, false, `${path} cut short`);
  }
});

test('what came after the checkpoint does no harm in an archive; what is no tile, or no archive, does', async () => {
  const bytes = new Uint8Array(32);
  for (const newer of ['tile/0/004.p/77', 'tile/0/004', 'tile/entries/005.p/3', 'tile/2/000.p/1', 'tile/1/001']) {
    assert.equal((await verified(new Map(original).set(newer, bytes))).problem, undefined, newer);
  }
  for (const none of ['tile/0/4', 'tile/0/004.p/0', 'tile/0/004.p/076', 'tile/0/004.p/256', 'tile/x', 'tile/00/000']) {
    assert.match((await verified(new Map(original).set(none, bytes))).problem ?? '', /is no tile/, none);
  }
  const unmarked = new Map(original);
  unmarked.delete('archive');
  assert.match((await verified(unmarked)).problem ?? '', /though it is said to be cut/);
});

test('a copy of the archive in a folder verifies with the verifier, and with tlog and note of the Go project', async (t) => {
  const whole = openNew();
  for (const [i, size] of SIZES.entries()) {
    await growTo(whole, SIZES[i - 1] ?? 0, size);
    await archiveIt(whole);
  }
  const folder = mkdtempSync(join(tmpdir(), 'sluice-archive-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [path, bytes] of whole.archive.copyOf('audit')) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  const lines: string[] = [];
  const code = await main([folder, '--key', key], (line) => lines.push(line));
  assert.deepEqual([code, lines], [0, [`verified: ${ORIGIN}, 2100 entries, ${SIZES.length} checkpoints`]]);
  const why = whyNoGo();
  if (why) t.diagnostic(`not with Go: ${why}`);
  else await verifyWithGo(key, '-source', folder);
});
