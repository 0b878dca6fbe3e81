import { connectSeller } from '#platform/functions/connect-seller.ts';
import { createFunctionDeps, type World } from '#platform/functions/deps.ts';
import { startSchedules } from '#platform/functions/schedules.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { startTokenRefresh } from '#services/token-refresh/start.ts';
import { createMemoryEngine } from '#test/simulation/memory-engine.ts';
import { answer, plainMarketplace } from '#test/support/plain-marketplace.ts';

/** some instant, 2026-01-01T00:00:00Z */
const START_AT = 1_767_225_600_000;
const MINUTE_MS = 60_000;
const NETWORK_MS = 150;
const WORKERS = 2;

/**
 * The most refreshes in a minute by the mean of all minutes, over connections that were all authorized in one minute,
 * from the first refreshes on. Each connection's first token is the authorization's own and does not count.
 * @param lifeMs how long an access token lives
 * @param lives for how many of those to look
 */
export async function runSpread(connections: number, lifeMs: number, lives: number): Promise<number> {
  const clock = virtualClock(START_AT);
  const random = seededRandom('spread');
  const engine = createMemoryEngine(clock);
  const got = new Map<string, number>();
  const perMinute = new Map<number, number>();
  const world: World = {
    engine,
    clock,
    random,
    logger: silentLogger,
    consuming: { waitMs: 24 * 60 * MINUTE_MS },
    async send({ body = '' }) {
      await clock.sleep(NETWORK_MS);
      const { refreshToken } = JSON.parse(body) as { refreshToken: string };
      const count = got.get(refreshToken) ?? 0;
      got.set(refreshToken, count + 1);
      const minute = Math.floor((clock.now() - START_AT) / MINUTE_MS);
      if (count > 0) perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
      return answer({ accessToken: `${refreshToken}-${count}`, expiresInMs: lifeMs });
    },
  };
  const member = { marketplace: plainMarketplace({ rotation: 'none' }), app: {} };
  const start = async () => ({
    ...(await createFunctionDeps(world, 'token-refresh')),
    members: new Map([['plain', member]]),
  });
  const deps = await start();
  await startSchedules(world, 'token-refresh');
  const running = [];
  for (let n = 0; n < WORKERS; n++) running.push(startTokenRefresh(await start()));

  async function authorizeAll(): Promise<void> {
    for (let n = 0; n < connections; n++) {
      const at = START_AT + (n * MINUTE_MS) / connections;
      if (at > clock.now()) await clock.sleep(at - clock.now());
      const seller = { connectionId: `seller-${n}`, marketplace: 'plain', sellerId: `${n}`, settings: {} };
      await connectSeller(deps, { ...seller, grant: 'seller', refreshToken: `refresh-${n}` });
    }
  }

  void authorizeAll();
  const minutes = Math.floor((lives * lifeMs) / MINUTE_MS);
  await clock.run({ endAt: START_AT + minutes * MINUTE_MS });
  // The audit log, which nobody reads here, is the most of what the engine holds.
  void running.map((worker) => worker.stop());
  await engine.close();
  if (got.size < connections) throw new Error(`only ${got.size} connections were authorized`);
  const first = Math.min(...perMinute.keys());
  const counts = Array.from({ length: minutes - first }, (_, n) => perMinute.get(first + n) ?? 0);
  return Math.max(...counts) / (counts.reduce((sum, count) => sum + count, 0) / counts.length);
}
