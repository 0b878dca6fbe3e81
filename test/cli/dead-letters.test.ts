import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadLetterQueue } from '#events/routes.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { BUYER, filledFolder, run, runJson } from '#test/cli/filled-data.ts';

const open = (folder: string) => openWorld(readConfig({ SLUICE_DATA: folder }), 'test', { sendsTicks: false });

async function depths(folder: string): Promise<Record<string, number>> {
  const { json } = await runJson(folder, 'status');
  const depth: Record<string, number> = {};
  for (const { queue, visible, deadLetters } of json.queues) {
    depth[queue] = visible;
    depth[`dead ${queue}`] = deadLetters;
  }
  return depth;
}

test('dead letters are listed with their reasons, of all queues or of one, and stay', async () => {
  const folder = await filledFolder();
  const { exitCode, json } = await runJson(folder, 'dead-letters', 'list');
  assert.equal(exitCode, 0);
  assert.equal(json.hiddenCount, 0);
  const [first, , third] = json.deadLetters;
  const { messageId, detail, ...rest } = first;
  assert.deepEqual(rest, {
    queue: 'sync',
    reason: 'http-500',
    handler: 'throttled-sync',
    attempts: 14,
    diedAt: '2026-11-24T06:00:00.000Z',
    eventId: '9b2f6d0c5a7e41f0',
  });
  assert.deepEqual([third.queue, third.eventId], ['amazon-notifications', null]);
  assert.equal((await runJson(folder, 'dead-letters', 'list', '--queue', 'sync')).json.deadLetters.length, 2);
  const { out } = await run(folder, 'dead-letters', 'list', '--queue', 'audit');
  assert.equal(out, 'There are no dead letters.\n');
});

test('what others wrote can’t steer the terminal', async () => {
  const folder = await filledFolder();
  const { out } = await run(folder, 'dead-letters', 'list');
  assert.match(out, /it said <script>.*\\u001b\[31m$/m);
  assert.ok(!out.includes('\u001b'));
});

test('a dead letter is shown as its event; what is none of our events only when its body is asked for', async () => {
  const folder = await filledFolder();
  const { json } = await runJson(folder, 'dead-letters', 'list');
  const [ours, , foreign] = json.deadLetters;
  const shown = await runJson(folder, 'dead-letters', 'show', ours.messageId);
  assert.equal(shown.json.events[0].type, 'order.changed');
  assert.match((await run(folder, 'dead-letters', 'show', ours.messageId)).out, /"type": "order.changed"/);

  const hidden = await runJson(folder, 'dead-letters', 'show', foreign.messageId);
  assert.equal(hidden.json.events, null);
  assert.deepEqual(Object.keys(hidden.json.body), ['bytes', 'sha256']);
  const body = await run(folder, 'dead-letters', 'show', foreign.messageId, '--body');
  assert.ok(body.out.includes(BUYER));
});

test('a redriven letter is back in its queue with its attempts counted anew, and that is recorded', async () => {
  const folder = await filledFolder();
  const { json } = await runJson(folder, 'dead-letters', 'list', '--queue', 'sync');
  const { messageId } = json.deadLetters[0];
  const { exitCode, out } = await run(folder, 'dead-letters', 'redrive', messageId);
  assert.deepEqual([exitCode, out], [0, `${messageId} is back in sync.\n`]);
  const depth = await depths(folder);
  assert.deepEqual([depth.sync, depth['dead sync'], depth['dead amazon-notifications'], depth.audit], [1, 1, 1, 1]);

  const { engine } = await open(folder);
  const receive = async (queue: string) =>
    (await engine.queues.receive(queue, { maxMessages: 1, visibilityTimeoutMs: 1000, waitMs: 0 }))[0]!;
  assert.deepEqual((await receive('sync')).attributes, {});
  const [{ data }] = JSON.parse((await receive('audit')).body);
  await engine.close();
  assert.deepEqual(data, { action: 'dead-letters redrive', target: `sync/${messageId}`, operator: 'anna' });
});

test('all letters, or all of one queue, are redriven at once', async () => {
  const folder = await filledFolder();
  assert.equal((await runJson(folder, 'dead-letters', 'redrive', '--all', '--queue', 'sync')).json.redriven.length, 2);
  const { exitCode, out } = await run(folder, 'dead-letters', 'redrive', '--all');
  assert.deepEqual([exitCode, out], [0, 'Back in their queues: 1 dead letters.\n']);
  const depth = await depths(folder);
  assert.deepEqual([depth.sync, depth['dead sync'], depth['dead amazon-notifications']], [2, 0, 0]);
});

test('a letter that dies after the redrive began is not sent round again', async () => {
  const folder = await filledFolder();
  const world = await open(folder);
  const diedAt = new Date(world.clock.now() + 3_600_000).toISOString();
  await world.engine.queues.send(deadLetterQueue('audit'), [{ body: '{}', attributes: { diedAt } }]);
  await world.engine.close();
  const { json } = await runJson(folder, 'dead-letters', 'redrive', '--all', '--queue', 'audit');
  assert.deepEqual(json.redriven, []);
  assert.equal((await depths(folder))['dead audit'], 1);
});

test('a dropped letter is gone, and the others stay', async () => {
  const folder = await filledFolder();
  const { json } = await runJson(folder, 'dead-letters', 'list', '--queue', 'sync');
  const { messageId } = json.deadLetters[1];
  assert.equal((await runJson(folder, 'dead-letters', 'drop', messageId)).json.dropped.reason, 'order-not-found');
  const depth = await depths(folder);
  assert.deepEqual([depth.sync, depth['dead sync'], depth['dead amazon-notifications']], [0, 1, 1]);
  assert.equal((await run(folder, 'dead-letters', 'drop', messageId)).exitCode, 1);
});

test('letters that another look hides are told of', async () => {
  const folder = await filledFolder();
  const { engine } = await open(folder);
  const [hidden] = await engine.queues.receive(deadLetterQueue('sync'), {
    maxMessages: 1,
    visibilityTimeoutMs: 60_000,
    waitMs: 0,
  });
  const { json } = await runJson(folder, 'dead-letters', 'list', '--queue', 'sync');
  assert.deepEqual([json.deadLetters.length, json.hiddenCount], [1, 1]);
  const { exitCode, err } = await run(folder, 'dead-letters', 'show', hidden!.messageId);
  assert.equal(exitCode, 1);
  assert.match(err, /another look hides 1 for up to a minute: try again then/);
  await engine.close();
});
