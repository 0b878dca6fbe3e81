import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const VECTORS = join(ROOT, 'test/vectors');
const FEWEST = 10;
/** vectors of ours that are of no marketplace */
const OF_NO_MARKETPLACE = ['audit-log', 'events'];
/** folders of `marketplaces/` that send nothing */
const NO_SENDERS = ['sandbox-kit'];

const folders = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

/** A file that is a list, or has lists of cases in it, holds as many vectors as these; any other is one. */
function vectorsIn(json: unknown): number {
  const lists = Array.isArray(json) ? [json] : Object.values(json as object).filter(isListOfCases);
  return lists.reduce((count, list) => count + list.length, 0) || 1;
}

const isListOfCases = (value: unknown): value is object[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'object' && one !== null);

const senders = folders(join(ROOT, 'marketplaces')).filter((name) => !NO_SENDERS.includes(name));
const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(ROOT, 'test', path), 'utf8'))
  .join('\n');

test('every sender of webhooks has vectors, and no vectors are of anybody else', () => {
  assert.deepEqual(folders(VECTORS), [...senders, ...OF_NO_MARKETPLACE].sort());
});

for (const sender of senders) {
  test(`${sender} has ${FEWEST} vectors or more, and each of their files is in a test`, (t) => {
    const files = readdirSync(join(VECTORS, sender)).filter((name) => name.endsWith('.json'));
    const counted = files.map((name) => {
      const path = join(VECTORS, sender, name);
      assert.ok(tests.includes(`#test/vectors/${relative(VECTORS, path)}`), `${sender}/${name} is in no test`);
      return { name, count: vectorsIn(JSON.parse(readFileSync(path, 'utf8'))) };
    });
    const total = counted.reduce((sum, { count }) => sum + count, 0);
    t.diagnostic(`${sender}: ${total} vectors (${counted.map(({ name, count }) => `${name} ${count}`).join(', ')})`);
    assert.ok(total >= FEWEST, `${sender} has only ${total}`);
  });
}
