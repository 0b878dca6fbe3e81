import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHealth } from '#platform/functions/health.ts';

const MINUTE_MS = 60_000;

async function createWatched() {
  let now = 1_795_500_000_000;
  const health = createHealth({ clock: { now: () => now } });
  return {
    health,
    pass: (ms: number): void => {
      now += ms;
    },
    status: async (): Promise<number> => (await health.app.request('/health')).status,
  };
}

test('a function that has started is well, until it stops', async () => {
  const { health, status } = await createWatched();
  assert.equal(await status(), 200);
  health.stopping();
  assert.equal(await status(), 503);
  assert.deepEqual(await (await health.app.request('/health')).json(), { status: 'stopping' });
});

test('a queue that fails for a minute makes it unwell, one receive that ends well makes it well again', async () => {
  const { health, pass, status } = await createWatched();
  health.received('sync', 'failed');
  pass(MINUTE_MS - 1);
  health.received('sync', 'failed');
  assert.equal(await status(), 200);
  pass(1);
  assert.equal(await status(), 503);
  health.received('sync', 'ok');
  assert.equal(await status(), 200);
});

test('of several queues, one that fails is enough', async () => {
  const { health, pass, status } = await createWatched();
  health.received('sync', 'failed');
  pass(MINUTE_MS);
  health.received('audit', 'ok');
  assert.equal(await status(), 503);
});

test('a queue in which nothing comes is no trouble', async () => {
  const { health, pass, status } = await createWatched();
  health.received('sync', 'ok');
  pass(60 * MINUTE_MS);
  assert.equal(await status(), 200);
});
