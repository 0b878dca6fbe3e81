import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { connectSeller } from '#platform/functions/connect-seller.ts';
import { createFunctionDeps, type FunctionDeps, type World } from '#platform/functions/deps.ts';
import { startSchedules } from '#platform/functions/schedules.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { lookAtDeadLetters } from '#platform/state/dead-letters.ts';
import { createMemoryNetwork } from '#services/all-in-one/memory-network.ts';
import { startThrottledSync } from '#services/throttled-sync/start.ts';
import { startTokenRefresh } from '#services/token-refresh/start.ts';
import { MARK, malformedOf } from '#test/marketplaces/malformed-answers.ts';
import { draftIn, members, type TestMember } from '#test/marketplaces/members.ts';

const START_AT = Date.parse('2026-11-24T06:00:00.000Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** longer than a poll is apart from the next one, and than any backoff */
const STEP_MS = 20 * MINUTE_MS;
/** long enough for every malformed answer to have come */
const MOST_STEPS = 500;
/** in simulated time a receive may wait long, ms */
const RECEIVE_WAIT_MS = HOUR_MS;
/** one answer of three: the few calls that belong together come through sooner or later */
const SPOILT_SHARE = 1 / 3;
const ORIGIN = 'http://sandbox.test';
const TOKENS = { status: 200, headers: {}, body: '{"access_token":"a"}' };

/** One marketplace, one connected seller, and the functions that read orders and refresh tokens. */
async function startWorld({ marketplace, createSandbox, currency }: TestMember) {
  const { name } = marketplace;
  const clock = virtualClock(START_AT);
  const random = seededRandom(`malformed answers of ${name}`);
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  const network = createMemoryNetwork({ clock, random });
  const logged: string[] = [];
  const note = (fields: Record<string, unknown>, message: string): void => {
    logged.push(JSON.stringify({ ...fields, message }));
  };
  const logger: Logger = { info: note, warn: note, error: note };
  const sandbox = createSandbox(
    {
      now: clock.now,
      sleep: (ms) => clock.sleep(ms),
      random: random.fraction,
      randomHex: random.hex,
      send: async () => ({ status: 200 }),
      enqueue: async () => {},
      faults: createFaults(() => 1),
    },
    { publicUrl: ORIGIN, webhookUrl: 'http://sluice.test', sellers: 1 },
  );
  network.listen(ORIGIN, sandbox.app);

  /** by kind of call, which malformed answers are yet to come */
  const toCome = new Map<string, number[]>();
  const comingTo = (kind: string): number[] => {
    const coming = toCome.get(kind) ?? malformedOf(TOKENS).map((_, index) => index);
    toCome.set(kind, coming);
    return coming;
  };
  const world: World = {
    engine,
    clock,
    random,
    logger,
    consuming: { waitMs: RECEIVE_WAIT_MS },
    async send(request, options) {
      const kind = kindOf(request);
      const coming = comingTo(kind);
      const index = random.fraction() < SPOILT_SHARE ? coming.shift() : undefined;
      if (index === undefined) return network.send(request, options);
      // A token that is given once is lost with its answer, so the marketplace is not even asked for it.
      const good = isForTokens(kind) ? TOKENS : await network.send(request, options);
      return malformedOf(good)[index]!.response;
    },
  };

  const app = marketplace.appSchema.parse(sandbox.registration);
  const asFunction = async (of: string): Promise<FunctionDeps> => ({
    ...(await createFunctionDeps(world, of)),
    members: new Map([[name, { marketplace, app }]]),
  });
  const inTime = clock.runUntilDone;

  const deps = await inTime(asFunction('test'));
  const connectionId = `${name}-1`;
  const [seller = assert.fail()] = sandbox.sellers;
  const context = { app, connection: { connectionId, ...seller }, accessToken: 'a', now: START_AT };
  const { auth, orders } = marketplace;
  /** what is asked all the time; the rest, such as subscriptions, is spoilt as it comes */
  const asked = [
    auth.refreshCall(app, { ...context, refreshToken: seller.refreshToken }),
    orders.pageCall(context, { from: START_AT, to: START_AT, pageToken: undefined }),
    orders.detailCall(context, ['1000']),
  ].map(({ request }) => kindOf(request));
  await inTime(connectSeller(deps, { connectionId, marketplace: name, grant: 'seller', ...seller }));
  await inTime(startSchedules(world));
  const running = [
    startTokenRefresh(await inTime(asFunction('token-refresh'))),
    startThrottledSync(await inTime(asFunction('throttled-sync'))),
  ];

  return {
    ...{ deps, logged, inTime, connectionId },
    /** Has every malformed answer come to every kind of call that is made all the time? */
    isOver: (): boolean => asked.every((kind) => comingTo(kind).length === 0),
    pass: (ms: number): Promise<void> => clock.run({ endAt: clock.now() + ms }),
    place: () => sandbox.books.place(seller.sellerId, draftIn(currency)),
    /** A webhook that was taken. */
    async hint(orderId: string): Promise<void> {
      const now = new Date(clock.now()).toISOString();
      const hint = deps.newEvent('webhook.received', {
        ...{ marketplace: name, connectionId, topic: 'orders', orderIds: [orderId] },
        ...{ occurredAt: now, receivedAt: now, bodyBytes: 1, bodySha256: null },
      });
      await inTime(deps.publisher.publish(hint));
    },
    /** A wish for a new access token. */
    async wishForToken(): Promise<void> {
      const credentialsVersion = await inTime(deps.credentials.generation(connectionId));
      const wish = deps.newEvent('token-refresh.requested', { connectionId, reason: 'due', credentialsVersion });
      await inTime(deps.publisher.publish(wish));
    },
    async deadLetters(queue: string) {
      const names = { queue, deadLetterQueue: `${queue}-dead-letters` };
      return inTime(lookAtDeadLetters(engine.queues, names, () => 'drop'));
    },
    async stop(): Promise<void> {
      await inTime(Promise.all(running.map((one) => one.stop())));
      await engine.close();
    },
  };
}

/** Method and path, without the ids in it. */
const kindOf = ({ method, url }: HttpRequest): string =>
  `${method} ${new URL(url).pathname.replaceAll(/[^/]*\d{3}[^/]*/g, '#')}`;
const isForTokens = (kind: string): boolean => /token/.test(kind);

for (const member of members) {
  test(`${member.marketplace.name}: after each malformed answer the connection goes on with the next good one`, async () => {
    const world = await startWorld(member);
    const placed: string[] = [];
    for (let step = 0; step < MOST_STEPS && !world.isOver(); step++) {
      const { orderId } = world.place();
      placed.push(orderId);
      if (step % 2 === 0) await world.hint(orderId);
      await world.wishForToken();
      await world.pass(STEP_MS);
    }
    assert.ok(world.isOver());
    const last = world.place();
    await world.pass(2 * HOUR_MS);

    for (const orderId of [...placed, last.orderId]) {
      const stored = await world.inTime(world.deps.orders.get(world.connectionId, orderId));
      assert.ok(stored, `${orderId} is stored`);
      assert.equal(stored.order.lines.length, 2);
    }
    const connection = await world.inTime(world.deps.connections.get(world.connectionId));
    assert.equal(connection?.status, 'active');
    for (const queue of ['sync', 'token-refresh']) assert.deepEqual(await world.deadLetters(queue), []);
    const said = world.logged.filter((line) => line.includes(MARK) || line.includes('unclassified'));
    assert.deepEqual(said, [], 'each was classified, and nothing of one was logged');
    assert.ok(world.logged.some((line) => line.includes('unreadable-answer')));
    await world.stop();
  });
}
