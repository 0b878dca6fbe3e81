import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { createFunctionDeps, type World } from '#platform/functions/deps.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import type { Send } from '#platform/runtime/send.ts';
import { registrationSecret } from '#platform/state/secrets.ts';
import { connectSandboxes } from '#services/all-in-one/connect-sandboxes.ts';
import { createMemoryNetwork } from '#services/all-in-one/memory-network.ts';
import { reachSandboxes } from '#services/all-in-one/remote-sandboxes.ts';
import { createSandboxes } from '#services/sandbox/sandboxes.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const URL = 'http://sandbox.test';
const SELLERS = 2;

/** An engine and, over a network, sandboxes that can be started anew. */
function createWorld() {
  const clock = drivenClock();
  const random = seededRandom('seed');
  const network = createMemoryNetwork({ clock, random });
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  const world: World = { engine, clock, random, send: network.send, logger: silentLogger };
  const startSandboxes = () => {
    const faults = createFaults(random.fraction);
    const sandboxes = createSandboxes(
      {
        ...{ now: clock.now, sleep: (ms) => clock.sleep(ms), random: random.fraction, randomHex: random.hex, faults },
        send: network.send,
        enqueue: async () => {},
      },
      { publicUrl: URL, webhooksUrl: 'http://sluice.test/webhooks', sellers: SELLERS },
    );
    network.listen(URL, sandboxes.app);
    return sandboxes;
  };
  const seed = async (): Promise<number> => {
    const { startedAt, all } = await reachSandboxes(world.send, URL);
    return connectSandboxes(world, all, { consentedAt: startedAt });
  };
  return { world, startSandboxes, seed };
}

test('seeding connects every seller of every sandbox with its registration, and once', async () => {
  const { world, startSandboxes, seed } = createWorld();
  const { byName } = startSandboxes();
  assert.equal(await seed(), byName.size * SELLERS);
  const { connections, credentials } = await createFunctionDeps(world, 'test');
  for (const [name, { sellers, registration }] of byName) {
    const secret = await world.engine.secrets.get(registrationSecret(name));
    assert.deepEqual(JSON.parse(secret ?? ''), JSON.parse(JSON.stringify(registration)));
    for (const [index, { sellerId }] of sellers.entries()) {
      const connection = await connections.get(`${name}-${index + 1}`);
      assert.deepEqual([connection?.sellerId, connection?.status], [sellerId, 'active']);
    }
  }
  const before = await credentials.generation('shopee-1');
  assert.equal(await seed(), 0);
  assert.equal(await credentials.generation('shopee-1'), before, 'a grant in use stays in use');
});

test('after the sandbox has started anew, its sellers are connected anew: it has forgotten the tokens', async () => {
  const { world, startSandboxes, seed } = createWorld();
  startSandboxes();
  const first = await seed();
  const { connections, credentials } = await createFunctionDeps(world, 'test');
  const before = await credentials.generation('shopee-1');
  await connections.needsConsent('shopee-1', 'grant-dead');
  await world.clock.sleep(1_000);
  startSandboxes();
  assert.equal(await seed(), first);
  assert.equal((await connections.get('shopee-1'))?.status, 'active');
  assert.ok((await credentials.generation('shopee-1')) > before);
});

test('a sandbox that does not answer is named, with what to do', async () => {
  const away: Send = async () => {
    throw new Error('away');
  };
  await assert.rejects(reachSandboxes(away, URL), ({ message }: Error) =>
    /^no sandbox answers at http:\/\/sandbox\.test .*--sandbox$/.test(message),
  );
});
