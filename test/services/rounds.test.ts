import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Marketplace, WebhookReading } from '#marketplaces/marketplace.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { checkSubscription } from '#services/throttled-sync/check-subscription.ts';
import { readMissedWebhooks } from '#services/throttled-sync/read-missed-webhooks.ts';
import { createRoundRequests } from '#services/throttled-sync/request-due-rounds.ts';
import { createFunctionWorld } from '#test/support/function-world.ts';
import { answer } from '#test/support/plain-marketplace.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** between two looks at a subscription */
const PERIOD_MINUTES = 360;
const CALLBACK_URL = 'https://hooks.example/webhooks/plain';
const CONTEXT = { attempt: 1, turnAt: undefined, rest: <Result>(wait: Promise<Result>) => wait };

/** The plain marketplace, with subscriptions whose answer is `{ repaired }` and a list of missed webhooks. */
async function createRounding(scope: 'connection' | 'app' = 'connection') {
  const all = await createFunctionWorld();
  const request = (path: string): HttpRequest => ({ method: 'GET', url: `https://plain.example${path}`, headers: {} });
  const callbacks: string[] = [];
  const marketplace: Marketplace = {
    ...all.marketplace,
    webhook: {
      ...all.marketplace.webhook,
      ...(scope === 'app' && { subscriptionScope: 'app' }),
      subscribe(_, { callbackUrl }, [told]) {
        callbacks.push(callbackUrl);
        if (!told) return { call: { operation: 'subscribe', request: request('/subscriptions') } };
        return { done: JSON.parse(told.body) as { repaired: number } };
      },
      missed: {
        everyMs: 2 * HOUR_MS,
        scope,
        list(_, [told]) {
          if (!told) return { call: { operation: 'listMissed', request: request('/missed') } };
          return { done: JSON.parse(told.body) as WebhookReading[] };
        },
      },
    },
  };
  const members = new Map([['plain', { marketplace, app: { webhookUrl: CALLBACK_URL } }]]);
  const deps = { ...all.deps, members };
  all.world.answering = () => answer({ repaired: 0 });
  const rounds = createRoundRequests(deps);
  return {
    ...all,
    deps,
    callbacks,
    /** Lets ticks come for a while: the events of one type that were asked for, each with the minute. */
    async ticks<Type extends 'webhook-subscription.requested' | 'missed-webhooks.requested'>(
      type: Type,
      minutes: number,
    ) {
      const asked: { minute: number; connectionId: string }[] = [];
      for (let minute = 0; minute < minutes; minute++) {
        await rounds.requestDue();
        const events = await all.takeEvents('sync', type);
        asked.push(...events.map(({ data }) => ({ minute, connectionId: data.connectionId })));
        for (const event of events) {
          if (event.type === 'webhook-subscription.requested') await checkSubscription(deps, event, CONTEXT);
          else await readMissedWebhooks(deps, event, CONTEXT);
        }
        await all.clock.sleep(MINUTE_MS);
      }
      return asked;
    },
    check: (attempt = 1) =>
      checkSubscription(
        deps,
        deps.newEvent('webhook-subscription.requested', { connectionId: 'plain-1', reason: 'due' }, { id: 'check-1' }),
        { ...CONTEXT, attempt },
      ),
    readMissed: () =>
      readMissedWebhooks(deps, deps.newEvent('missed-webhooks.requested', { connectionId: 'plain-1' }), CONTEXT),
  };
}

const reading = (key: string, more: Partial<WebhookReading> = {}): WebhookReading => ({
  topic: 'orders',
  sellerId: 'seller-of-plain-1',
  deduplicationKey: key,
  orderIds: [`order-${key}`],
  occurredAt: 1_767_225_600_000,
  ...more,
});

test('every active connection’s subscriptions are looked at every six hours, spread over them', async () => {
  const all = await createRounding();
  const ids = Array.from({ length: 30 }, (_, n) => `plain-${n}`);
  for (const id of ids) await all.connect(id, 'access');
  await all.deps.connections.needsConsent('plain-0', 'grant-dead');
  const asked = await all.ticks('webhook-subscription.requested', 3 * PERIOD_MINUTES + 2);
  for (const id of ids.slice(1)) {
    const minutes = asked.filter(({ connectionId }) => connectionId === id).map(({ minute }) => minute);
    assert.ok(minutes.length === 3, `${id} at ${minutes}`);
    const pauses = minutes.map((minute, i) => minute - (minutes[i - 1] ?? 0));
    assert.ok(
      pauses.every((pause) => pause <= PERIOD_MINUTES + 1),
      `${minutes}`,
    );
  }
  assert.equal(
    asked.some(({ connectionId }) => connectionId === 'plain-0'),
    false,
  );
  const most = Math.max(...asked.map(({ minute }) => asked.filter((other) => other.minute === minute).length));
  assert.ok(most < 8, `${most} in one minute`);
});

test('what is one for the app is looked at once in six hours, as now one connection, now another', async () => {
  const all = await createRounding('app');
  for (const id of ['plain-1', 'plain-2', 'plain-3']) await all.connect(id, 'access');
  await all.deps.connections.needsConsent('plain-2', 'grant-dead');
  const asked = await all.ticks('webhook-subscription.requested', 4 * PERIOD_MINUTES + 1);
  assert.equal(asked.length, 4);
  assert.deepEqual([...new Set(asked.map(({ connectionId }) => connectionId))].sort(), ['plain-1', 'plain-3']);
});

test('a look says where webhooks go by the registration, and repairs are told of, each under one id', async () => {
  const all = await createRounding();
  await all.connect('plain-1', 'access');
  await all.check();
  assert.deepEqual(await all.takeEvents('audit', 'webhook-subscription.repaired'), []);
  assert.deepEqual([...new Set(all.callbacks)], [CALLBACK_URL]);
  all.world.answering = () => answer({ repaired: 2 });
  await all.check();
  await all.check();
  const told = await all.takeEvents('audit', 'webhook-subscription.repaired');
  assert.deepEqual(told[0]?.data, { marketplace: 'plain', connectionId: 'plain-1', repaired: 2 });
  assert.equal(new Set(told.map(({ id }) => id)).size, 1);
  assert.equal((await all.deps.rounds.get('subscription', 'plain-1'))?.outcome, 'repaired');
});

test('a marketplace that does not let us subscribe is asked again six hours later, and no message dies of it', async () => {
  const all = await createRounding();
  await all.connect('plain-1', 'access');
  all.world.answering = () => answer({ error: 'not-allowed' }, 403);
  await all.check();
  const round = await all.deps.rounds.get('subscription', 'plain-1');
  assert.deepEqual([round?.outcome, round!.dueAt - round!.endedAt!], ['not-allowed', PERIOD_MINUTES * MINUTE_MS]);
  all.world.answering = () => answer('', 503);
  for (let attempt = 1; attempt < 5; attempt++) await assert.rejects(all.check(attempt));
  await all.check(5);
  assert.equal((await all.deps.rounds.get('subscription', 'plain-1'))?.outcome, 'http-503');
});

test('a look that was lost is asked for again hours later; one that is asked for but not marked, at the next tick', async () => {
  const all = await createRounding();
  await all.connect('plain-1', 'access');
  let isKilled = true;
  const asked: typeof all.deps.rounds.asked = async (...parameters) => {
    if (isKilled) throw new Error('killed');
    return all.deps.rounds.asked(...parameters);
  };
  const rounds = createRoundRequests({ ...all.deps, rounds: { ...all.deps.rounds, asked } });
  await rounds.requestDue();
  await all.clock.sleep(PERIOD_MINUTES * MINUTE_MS);
  await assert.rejects(rounds.requestDue(), /killed/);
  isKilled = false;
  await rounds.requestDue();
  const count = async () => (await all.takeEvents('sync', 'webhook-subscription.requested')).length;
  assert.equal(await count(), 2);
  await all.clock.sleep(5 * HOUR_MS);
  await rounds.requestDue();
  assert.equal(await count(), 0);
  await all.clock.sleep(HOUR_MS);
  await rounds.requestDue();
  assert.equal(await count(), 1);
});

test('a missed webhook is a hint like any other: found again, or delivered after all, it is dropped', async () => {
  const all = await createRounding();
  await all.connect('plain-1', 'access');
  const all3 = [
    reading('a'),
    reading('b'),
    reading('stranger', { sellerId: 'nobody here' }),
    reading('c', { sellerId: null }),
  ];
  all.world.answering = () => answer(all3);
  await all.readMissed();
  const hints = await all.takeEvents('sync', 'webhook.received');
  assert.deepEqual(
    hints.map(({ data }) => [data.connectionId, data.orderIds[0]]),
    [
      ['plain-1', 'order-a'],
      ['plain-1', 'order-b'],
      [null, 'order-c'],
    ],
  );
  await all.readMissed();
  assert.deepEqual(await all.takeEvents('sync', 'webhook.received'), []);
});

test('a list of missed webhooks is read to its end, page by page', async () => {
  const all = await createRounding();
  await all.connect('plain-1', 'access');
  const pages = [[reading('a')], [reading('b')], []];
  all.world.answering = () => answer(pages.shift()!);
  await all.readMissed();
  assert.deepEqual(pages, []);
  assert.equal((await all.takeEvents('sync', 'webhook.received')).length, 2);
});

test('the list of what all sellers missed is asked for as often as the marketplace says, as one of them', async () => {
  const all = await createRounding('app');
  for (const id of ['plain-1', 'plain-2']) await all.connect(id, 'access');
  all.world.answering = () => answer([]);
  const asked = await all.ticks('missed-webhooks.requested', 8 * 60);
  assert.equal(asked.length, 4);
  assert.equal(new Set(asked.map(({ connectionId }) => connectionId)).size, 2);
});

test('a read of missed webhooks that was cut off is done again, and no hint is lost or doubled', async () => {
  const all = await createRounding();
  await all.connect('plain-1', 'access');
  all.world.answering = () => answer([reading('a'), reading('b')]);
  const { publisher } = all.deps;
  let published = 0;
  const dying = {
    ...all.deps,
    publisher: {
      async publish(event: Parameters<typeof publisher.publish>[0]) {
        if (event.type === 'webhook.received' && published++ === 1) throw new Error('killed');
        return publisher.publish(event);
      },
    },
  };
  const event = all.deps.newEvent('missed-webhooks.requested', { connectionId: 'plain-1' });
  await assert.rejects(readMissedWebhooks(dying, event, CONTEXT));
  await readMissedWebhooks(all.deps, event, { ...CONTEXT, attempt: 2 });
  const hints = await all.takeEvents('sync', 'webhook.received');
  assert.deepEqual(hints.map(({ data }) => data.orderIds[0]).sort(), ['order-a', 'order-b']);
});
