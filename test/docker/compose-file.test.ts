import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FUNCTIONS } from '#docker/functions.ts';

const DOCKER = join(import.meta.dirname, '..', '..', 'docker');
const composeFile = readFileSync(join(DOCKER, 'compose.yaml'), 'utf8').replaceAll('"', "'");
const services = new Map(
  [
    ...composeFile
      .slice(composeFile.indexOf('\nservices:'), composeFile.indexOf('\nsecrets:'))
      .matchAll(/^ {2}([a-z-]+):\n((?: {4}.*\n|\n)+)/gm),
  ].map(([, name = '', text = '']) => [name, text]),
);
const recipes = readdirSync(DOCKER, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('Dockerfile') && !path.startsWith('.build'),
);

test('compose runs every function, hardened in the same way, and an emulator', () => {
  assert.deepEqual([...services.keys()].sort(), [...FUNCTIONS, 'emulator'].sort());
  for (const name of FUNCTIONS) assert.ok(services.get(name)!.startsWith('    <<: *function\n'), name);
  const hardened = composeFile.slice(composeFile.indexOf('x-function'), composeFile.indexOf('x-settings'));
  for (const line of ['init: true', 'read_only: true', 'cap_drop: [ALL]', "['no-new-privileges:true']", 'mem_limit:']) {
    assert.ok(hardened.includes(line), line);
  }
});

test('every port is published on the loopback address only', () => {
  const published = [...composeFile.matchAll(/ports: \[(.*)\]/g)].map((match) => match[1]!);
  assert.equal(published.length, 6);
  for (const port of published) assert.match(port, /^'127\.0\.0\.1:\$\{SLUICE_[A-Z_]+:-\d+\}:\d+'$/);
});

test('no image is called latest, no container has a fixed name, no secret is a setting', () => {
  const secret = /_(SECRET|TOKEN|PASSWORD|KEY)\b|ACCESS_KEY/;
  for (const path of ['compose.yaml', ...recipes]) {
    const lines = readFileSync(join(DOCKER, path), 'utf8').split('\n');
    const code = lines.filter((line) => !line.trim().startsWith('#')).join('\n');
    assert.ok(!/:latest|container_name/.test(code), path);
    assert.ok(!secret.test(code), path);
  }
});

test('the recipes keep to what the classic builder knows', () => {
  assert.ok(recipes.length >= 4);
  for (const path of recipes) {
    const text = readFileSync(join(DOCKER, path), 'utf8');
    assert.ok(!/COPY .*--chmod|RUN .*--mount|^# *syntax=|<<[A-Z]/m.test(text), path);
  }
});

test('what the emulators are made of is pinned', () => {
  for (const path of ['localstack/constraints.txt', 'ministack/constraints.txt']) {
    for (const line of readFileSync(join(DOCKER, path), 'utf8').trim().split('\n'))
      assert.match(line, /^[\w.-]+==[\w.]+$/);
  }
});
