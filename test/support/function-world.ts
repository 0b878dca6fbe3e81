import { type AnyEvent, type EventOf, type EventType, readEvent } from '#events/index.ts';
import { QUEUES } from '#events/routes.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { createFunctionDeps, type FunctionDeps } from '#platform/functions/deps.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { drivenClock } from '#test/support/driven-clock.ts';
import { plainMarketplace } from '#test/support/plain-marketplace.ts';

type Answering = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** What functions run on, in memory and in simulated time, beside one plain marketplace that the test answers for. */
export async function createFunctionWorld(options: { rotation?: 'none' | 'strict' } = {}) {
  const clock = drivenClock();
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  const calls: HttpRequest[] = [];
  const world = {
    /** answers the calls to the marketplace */
    answering: (() => {
      throw new Error('no call was expected');
    }) as Answering,
  };
  const marketplace = plainMarketplace(options);
  const created = await createFunctionDeps(
    {
      engine,
      clock,
      random: seededRandom('functions'),
      async send(request) {
        calls.push(request);
        return world.answering(request);
      },
      logger: silentLogger,
    },
    'test',
  );
  const deps: FunctionDeps = { ...created, members: new Map([['plain', { marketplace, app: {} }]]) };

  /** Takes what a queue holds: its events. */
  async function takeAll(queue: (typeof QUEUES)[number]): Promise<AnyEvent[]> {
    const options = { maxMessages: 1_000, visibilityTimeoutMs: 60_000, waitMs: 0 };
    const messages = await engine.queues.receive(queue, options);
    const receipts = messages.map(({ receipt }) => receipt);
    await engine.queues.acknowledge(queue, receipts);
    return messages.flatMap(({ body }) => JSON.parse(body) as unknown).map(readEvent);
  }

  return {
    clock,
    engine,
    deps,
    calls,
    world,
    marketplace,
    /** An active connection with a grant and, if `accessToken` says so, a token in force for a day. */
    async connect(connectionId = 'plain-1', accessToken?: string): Promise<void> {
      const now = clock.now();
      await deps.credentials.put(connectionId, { refreshToken: 'refresh-0', dueAt: now });
      await deps.connections.put({
        connectionId,
        marketplace: 'plain',
        sellerId: `seller-of-${connectionId}`,
        settings: {},
        grant: 'seller',
      });
      if (accessToken === undefined) return;
      const ifGeneration = await deps.credentials.generation(connectionId);
      const lease = await deps.credentials.acquire(connectionId, { ifGeneration, owner: 'test', now, leaseMs: 1 });
      if (lease.outcome !== 'acquired') throw new Error(lease.outcome);
      const tokens = { accessToken, accessTokenExpiresAt: now + 86_400_000, refreshToken: 'refresh-1' };
      await deps.credentials.store(
        connectionId,
        lease.fence,
        { ...tokens, refreshTokenExpiresAt: undefined },
        now + 43_200_000,
      );
      await deps.credentials.announced(connectionId, lease.generation + 1);
    },
    /** The events of one type that one queue holds; they are taken out of it. */
    async takeEvents<Type extends EventType>(queue: (typeof QUEUES)[number], type: Type): Promise<EventOf<Type>[]> {
      const events = await takeAll(queue);
      return events.filter((event): event is EventOf<Type> => event.type === type);
    },
    /** All events of all queues; they are taken out of them. */
    taken: async (): Promise<AnyEvent[]> => (await Promise.all(QUEUES.map(takeAll))).flat(),
  };
}

export type FunctionWorld = Awaited<ReturnType<typeof createFunctionWorld>>;

/** The deps with a publisher that fails for these types as long as `isAway` says so. */
export function publisherAway(deps: FunctionDeps, type: EventType, isAway: () => boolean): FunctionDeps {
  return {
    ...deps,
    publisher: {
      async publish(event) {
        if (event.type === type && isAway()) throw new Error('killed');
        await deps.publisher.publish(event);
      },
    },
  };
}
