import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type Database, openDatabase } from '#platform/engines/embedded/database.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Failure } from '#platform/runtime/failure.ts';
import { drivenClock } from '#test/support/driven-clock.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const RULE = "INSERT INTO rules (name, every_ms, queue, body, due_at) VALUES (?, 1, 'q', ?, 0)";

function rulesOf(database: Database): unknown[] {
  const rows = database.read(() => database.prepare('SELECT name FROM rules ORDER BY name').all());
  return rows.map(({ name }) => name);
}

/** The error of opening `path`, which names the file. */
function refusal(path: string): Failure {
  try {
    openDatabase(path).close();
  } catch (error) {
    assert.ok((error as Error).message.includes(path), 'it does not name the file');
    return error as Failure;
  }
  return assert.fail('it was opened');
}

test('of commits at once, one that throws fails alone', async () => {
  const database = openDatabase(':memory:');
  const insert = database.prepare(RULE);
  const put = (name: string) => database.commit(() => insert.run(name, '').changes);
  const results = await Promise.allSettled([put('a'), put('b'), put('a'), put('c')]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(rulesOf(database), ['a', 'b', 'c']);
  database.close();
});

test('closing finishes what was given to commit before', async () => {
  const path = join(folder, 'finished.db');
  const database = openDatabase(path);
  const insert = database.prepare(RULE);
  const committed = database.commit(() => insert.run('a', '').changes);
  database.close();
  assert.equal(await committed, 1);
  const again = openDatabase(path);
  assert.deepEqual(rulesOf(again), ['a']);
  again.close();
});

test('a transaction that throws leaves nothing behind', () => {
  const database = openDatabase(':memory:');
  const insert = database.prepare(RULE);
  const failing = () =>
    database.transact(() => {
      insert.run('a', '');
      throw new Error('on purpose');
    });
  assert.throws(failing, /on purpose/);
  assert.deepEqual(rulesOf(database), []);
  database.close();
});

test('a full disk is named, with the file and what to do, and what fits is still written', async () => {
  const path = join(folder, 'full.db');
  const database = openDatabase(path);
  const pages = Number(database.prepare('PRAGMA page_count').get()?.page_count);
  database.prepare(`PRAGMA max_page_count = ${pages + 10}`).get();
  const insert = database.prepare(RULE);
  const put = (name: string, body: string) => database.commit(() => insert.run(name, body).changes);
  const [small, large] = await Promise.allSettled([put('small', ''), put('large', 'x'.repeat(1_000_000))]);
  assert.equal(small.status, 'fulfilled');
  const { code, message } = large.status === 'rejected' ? (large.reason as Failure) : assert.fail('it fitted');
  assert.equal(code, 'engine-full');
  assert.ok(message.includes(path) && message.includes('free some space'));
  assert.deepEqual(rulesOf(database), ['small']);
  database.close();
});

test('a file that is no database is refused and left as it is', () => {
  const path = join(folder, 'notes.txt');
  const text = 'just some notes, longer than the header of a database file would be. '.repeat(20);
  writeFileSync(path, text);
  assert.equal(refusal(path).code, 'engine-foreign');
  assert.equal(readFileSync(path, 'utf8'), text);
});

test('a path that cannot be opened is refused', () => {
  const path = join(folder, 'a-folder');
  mkdirSync(path);
  assert.equal(refusal(path).code, 'engine-not-opened');
  writeFileSync(join(folder, 'a-file'), '');
  assert.equal(refusal(join(folder, 'a-file', 'sluice.db')).code, 'engine-not-opened');
});

test('a file of a newer version is refused', () => {
  const path = join(folder, 'newer.db');
  openDatabase(path).close();
  const sqlite = new DatabaseSync(path);
  sqlite.exec('PRAGMA user_version = 1000');
  sqlite.close();
  assert.match(refusal(path).message, /newer version .* update Sluice/);
});

test('a closed engine says that it is closed, and may be closed again', async () => {
  const engine = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
  await engine.close();
  await engine.close();
  const options = { maxMessages: 1, visibilityTimeoutMs: 1_000, waitMs: 1_000 };
  for (const call of [
    engine.queues.send('queue', [{ body: 'x' }]),
    engine.queues.receive('queue', options),
    engine.store.get('table', 'p', 's'),
    engine.schedule.put({ name: 'rule', everyMs: 1, queue: 'queue', body: '' }),
  ]) {
    await assert.rejects(call, /the in-memory database is closed/);
  }
});

test('secrets lie in a file of their own that only its owner reads, and no copy of the database holds one', async () => {
  const path = join(folder, 'secretive', 'sluice.db');
  const clock = drivenClock();
  const [one, other] = [openEmbeddedEngine({ path, clock }), openEmbeddedEngine({ path, clock })];
  await Promise.all([one.secrets.put('a', 'key-of-a'), other.secrets.put('b', 'key-of-b')]);
  assert.equal(await other.secrets.get('a'), 'key-of-a');
  await one.close();
  const secretsPath = join(folder, 'secretive', 'secrets.json');
  assert.equal(statSync(secretsPath).mode & 0o777, 0o600);
  assert.deepEqual(JSON.parse(readFileSync(secretsPath, 'utf8')), { a: 'key-of-a', b: 'key-of-b' });
  for (const file of readdirSync(join(folder, 'secretive'))) {
    if (file === 'secrets.json') continue;
    const bytes = readFileSync(join(folder, 'secretive', file));
    assert.ok(!bytes.includes('key-of-'), `${file} holds a secret`);
  }
  await other.close();

  const copy = join(folder, 'elsewhere.db');
  copyFileSync(path, copy);
  const copied = openEmbeddedEngine({ path: copy, clock, secretsPath: join(folder, 'none.json') });
  assert.equal(await copied.secrets.get('a'), undefined);
  await copied.close();
});

test('a damaged secrets file is named without quoting it', async () => {
  const secretsPath = join(folder, 'damaged.json');
  writeFileSync(secretsPath, '{"a": "key-of-a');
  const engine = openEmbeddedEngine({ path: ':memory:', clock: drivenClock(), secretsPath });
  for (const call of [engine.secrets.get('a'), engine.secrets.put('b', 'key-of-b')]) {
    await assert.rejects(call, (error: Error) => {
      assert.ok(error.message.includes(secretsPath));
      assert.ok(!String(error.stack).includes('key-of') && error.cause === undefined);
      return true;
    });
  }
  assert.equal(readFileSync(secretsPath, 'utf8'), '{"a": "key-of-a');
  await engine.close();
});
