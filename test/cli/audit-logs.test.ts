import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sluice } from '#cli/sluice.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import type { AuditEntry } from '#platform/state/audit-log/entry.ts';
import { openAuditLog } from '#platform/state/audit-log/log.ts';
import { verifyProof } from '#platform/state/audit-log/verify.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';
import { temporaryFolder } from '#test/cli/filled-data.ts';

const ORDER = 'order-1';
/** 2026-11-24T06:00:00Z */
const AT = 1_795_500_000_000;

const entry = (n: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  schema: 1,
  id: `event-${n}`,
  kind: 'order.changed',
  at: new Date(AT + n * 1000).toISOString(),
  marketplace: 'ebay',
  connectionId: 'ebay-1',
  orderIds: [ORDER],
  requestId: null,
  outcome: 'ok',
  traceparent: `00-${'a'.repeat(32)}-00f067aa0ba902b7-01`,
  data: {},
  ...more,
});

/** What an installation holds that got its second log when the order's story had begun. */
const LOGS: Record<string, AuditEntry[]> = {
  audit: [entry(2), entry(0), entry(9, { orderIds: ['too-new'], connectionId: 'ebay-2' })],
  'audit-2': [
    entry(1, { kind: 'webhook.received' }),
    entry(3),
    entry(4, { orderIds: ['order-2'], connectionId: 'shopee-1' }),
  ],
};
const names = Object.keys(LOGS);
const folder = temporaryFolder();

const world = await openWorld(readConfig({ SLUICE_DATA: folder, SLUICE_LOG_LEVEL: 'silent' }), 'test');
const { store, secrets } = world.engine;
for (const [name, entries] of Object.entries(LOGS)) {
  const signer = await loadAuditSigner({ secrets, random: world.random }, { createIfAbsent: true }, name);
  const log = openAuditLog({ store, signer, origin: signer.verifier.name, clock: world.clock });
  const covered = name === 'audit' ? 2 : 3;
  await log.append([{ batchId: 'first', entries: entries.slice(0, covered) }]);
  await log.checkpoint();
  await log.append([{ batchId: 'second', entries: entries.slice(covered) }]);
}
await world.engine.close();

async function run(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  return runWith({ SLUICE_AUDIT_LOGS: names.join(',') }, ...args);
}

async function runWith(environment: Record<string, string>, ...args: string[]) {
  const ran = { exitCode: -1, out: '', err: '' };
  ran.exitCode = await sluice(args, {
    environment: { SLUICE_DATA: folder, ...environment },
    operator: 'anna',
    out: (text) => (ran.out += text),
    err: (text) => (ran.err += text),
  });
  return ran;
}

// biome-ignore lint/suspicious/noExplicitAny: what a test then looks into
const jsonOf = async (...args: string[]): Promise<any> => JSON.parse((await run(...args, '--json')).out);
const places = (entries: { log: string; index: number }[]) => entries.map(({ log, index }) => [log, index]);

test('find searches all logs, by time, and says in which log an entry is', async () => {
  const all = await jsonOf('audit', 'find');
  assert.deepEqual(places(all.entries), [
    ['audit', 1],
    ['audit-2', 0],
    ['audit', 0],
    ['audit-2', 1],
    ['audit-2', 2],
    ['audit', 2],
  ]);
  const limited = await jsonOf('audit', 'find', '--limit', '4');
  assert.deepEqual([limited.entries.length, limited.hasMore], [4, true]);
  assert.deepEqual(places((await jsonOf('audit', 'find', '--order', 'order-2')).entries), [['audit-2', 2]]);
  const { out } = await run('audit', 'find', '--order', 'order-2');
  assert.match(out, /^LOG +INDEX +AT +KIND .*\naudit-2 +2 {2}2026/);
});

test('show tells one story out of all logs', async () => {
  const { entries } = await jsonOf('audit', 'show', ORDER);
  assert.deepEqual(places(entries), [
    ['audit', 1],
    ['audit-2', 0],
    ['audit', 0],
    ['audit-2', 1],
  ]);
  assert.match((await run('audit', 'show', ORDER)).out, /TRACE +LOG +INDEX +WHAT\n.*aaaaaaaa +audit +1/);
  assert.match((await run('audit', 'show', 'lost')).err, /tells of no order lost/);
});

test('prove and export take the log that is named, the first where none is, and say which there are', async () => {
  for (const [args, origin, index] of [
    [[], 'sluice.example/audit', 0],
    [['--log', 'audit'], 'sluice.example/audit', 1],
    [['--log', 'audit-2'], 'sluice.example/audit-2', 1],
  ] as const) {
    const name = args.join('-');
    const file = join(folder, `proof${name}`);
    const { key } = await jsonOf('audit', 'prove', `${index}`, '--out', file, ...args);
    assert.ok(key.startsWith(`${origin}+`));
    const expected = LOGS[origin.slice('sluice.example/'.length)]![index]!;
    assert.equal(JSON.parse(verifyProof(readFileSync(file, 'utf8'), [key]).entry).id, expected.id);

    const out = join(folder, `export${name}`);
    const exported = await jsonOf('audit', 'export', '--out', out, ...args);
    assert.ok(exported.key.startsWith(`${origin}+`));
    const verified = await run('audit', 'verify', out, '--key', exported.key);
    assert.match(verified.out, new RegExp(`^verified: ${origin}, `));
  }
  for (const command of [
    ['prove', '0', '--out', join(folder, 'none')],
    ['export', '--out', join(folder, 'none')],
  ]) {
    const { exitCode, err } = await run('audit', ...command, '--log', 'audit-3');
    assert.equal(exitCode, 2);
    assert.match(err, /^there is no audit log audit-3: name one of audit, audit-2, or set SLUICE_AUDIT_LOGS\n$/);
    assert.ok(!existsSync(join(folder, 'none')));
  }
});

test('a dispute over several logs names each log that it used, and every proof verifies by the verifier beside it', async () => {
  const out = join(folder, 'dispute');
  const { entries, unproven, logs } = await jsonOf('audit', 'dispute', ORDER, '--out', out);
  assert.deepEqual([entries, unproven], [4, 0]);
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
  assert.deepEqual(report.logs, logs);
  assert.deepEqual(
    logs.map(({ name, origin }: { name: string; origin: string }) => [name, origin]),
    names.map((name) => [name, `sluice.example/${name}`]),
  );
  const page = readFileSync(join(out, 'report.html'), 'utf8');
  for (const { log, index, entry, proof } of report.entries) {
    const { origin, key } = report.logs.find(({ name }: { name: string }) => name === log);
    assert.deepEqual(JSON.parse(verifyProof(proof, [key]).entry), entry);
    assert.ok(page.includes(`<td>${origin}</td>`) && page.includes(`--key '${key}'</pre>`));
    assert.ok(page.includes(`id="entry-${log}-${index}"`) && page.includes(`href="#entry-${log}-${index}"`));
    const [, base64] = new RegExp(
      `download="entry-${log}-${index}.tlog-proof" href="data:text/plain;base64,([^"]+)"`,
    ).exec(page)!;
    const file = join(out, `entry-${log}-${index}.tlog-proof`);
    writeFileSync(file, Buffer.from(base64!, 'base64'));
    const args = [join(out, 'verify.ts'), file, '--key', key];
    assert.equal(spawnSync(process.execPath, args).status, 0);
  }
});

test('a dispute whose entries are all in one log is as it is where there is only one', async () => {
  const out = join(folder, 'dispute-of-one');
  const { key } = await jsonOf('audit', 'dispute', 'order-2', '--out', out);
  assert.ok(key.startsWith('sluice.example/audit-2+'));
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
  assert.deepEqual(report.log, { origin: 'sluice.example/audit-2', key });
  assert.deepEqual(Object.keys(report.entries[0]), ['index', 'entry', 'proof']);
});

test('status shows each log', async () => {
  const { audit, auditLogs } = await jsonOf('status');
  assert.deepEqual([audit.entries, audit.checkpoint.entries], [3, 2]);
  assert.deepEqual(
    auditLogs.map(({ log, entries }: { log: string; entries: number }) => [log, entries]),
    [
      ['audit', 3],
      ['audit-2', 3],
    ],
  );
  const { out } = await run('status');
  assert.match(out, /^audit log audit {4}3 entries, newest checkpoint .* over 2$/m);
  assert.match(out, /^audit log audit-2 {2}3 entries, newest checkpoint .* over 3$/m);
});

test('only the logs of the setting are looked into; one that was never written is named', async () => {
  const { out } = await runWith({}, 'audit', 'find', '--json');
  assert.equal(JSON.parse(out).entries.length, 3);
  const { exitCode, err } = await runWith({ SLUICE_AUDIT_LOGS: 'audit,later' }, 'audit', 'find');
  assert.equal(exitCode, 1);
  assert.match(err, /the secret sluice\/audit-key-later is missing/);
});
