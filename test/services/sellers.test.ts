import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '#platform/state/connections.ts';
import { createSellers } from '#services/webhook-intake/sellers.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

test('a seller’s connection is asked for once in a minute, however many deliveries come at once', async () => {
  const clock = drivenClock();
  const connection = { connectionId: 'plain-1' } as Connection;
  let asked = 0;
  const sellers = createSellers({
    clock,
    connections: {
      async bySeller() {
        asked += 1;
        await clock.sleep(10);
        return connection;
      },
    },
  });
  const find = () => sellers.bySeller('plain', 'seller');
  assert.deepEqual(await Promise.all([find(), find(), find()]), [connection, connection, connection]);
  await clock.sleep(50_000);
  await find();
  assert.equal(asked, 1);
  await clock.sleep(10_000);
  await find();
  assert.equal(asked, 2);
});
