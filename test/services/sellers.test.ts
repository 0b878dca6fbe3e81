import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '#platform/state/connections.ts';
import { createSellers } from '#services/webhook-intake/sellers.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const CONNECTION = { connectionId: 'plain-1' } as Connection;

function asking(answer: () => Connection | undefined) {
  const clock = drivenClock();
  let asked = 0;
  const sellers = createSellers({
    clock,
    connections: {
      async bySeller() {
        asked += 1;
        await clock.sleep(10);
        return answer();
      },
    },
  });
  return { clock, find: () => sellers.bySeller('plain', 'seller'), asked: () => asked };
}

test('a seller’s connection is asked for once in a minute, however many deliveries come at once', async () => {
  const { clock, find, asked } = asking(() => CONNECTION);
  assert.deepEqual(await Promise.all([find(), find(), find()]), [CONNECTION, CONNECTION, CONNECTION]);
  await clock.sleep(50_000);
  await find();
  assert.equal(asked(), 1);
  await clock.sleep(10_000);
  await find();
  assert.equal(asked(), 2);
});

test('that there is no connection, or no answer, is not remembered', async () => {
  const answers = [undefined, 'away', CONNECTION] as const;
  let next = 0;
  const { find, asked } = asking(() => {
    const answer = answers[next++];
    if (answer === 'away') throw new Error('the store is away');
    return answer;
  });
  assert.deepEqual(await Promise.all([find(), find()]), [undefined, undefined]);
  const both = await Promise.allSettled([find(), find()]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(await find(), CONNECTION);
  assert.equal(asked(), 3);
});
