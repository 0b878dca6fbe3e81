import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { FunctionDeps } from '#platform/functions/deps.ts';
import { connectionIdOf } from '#services/all-in-one/connect-sandboxes.ts';
import { verifyAuditLog } from '#services/all-in-one/demo/audit.ts';
import { type Comparison, compareWithBooks } from '#services/all-in-one/demo/compare-with-books.ts';
import type { Invoice } from '#services/all-in-one/demo/invoices.ts';
import { createReplay, type Pace, type Replay } from '#services/all-in-one/demo/replay.ts';
import { auditComplaints, type DemoReport, type DemoResult, sumOf } from '#services/all-in-one/demo/result.ts';
import { type SellerSystem, startSellerSystem } from '#services/all-in-one/demo/seller-system.ts';
import type { RemoteSandbox } from '#services/all-in-one/remote-sandboxes.ts';
import { type Counts, count, countedBetween, isQuiet, underWay } from './counts.ts';

/** time between two invoices, ms */
const EVERY_MS = 50;
/** the life of an order, ms: short, and long enough that its parts are changes of their own */
const SHIPS_AFTER_MS = [2_000, 6_000] as const;
const DELIVERED_AFTER_MS = [2_000, 6_000] as const;
const CANCELLED_AFTER_MS = 2_000;
/**
 * Amazon allows one read in 2 s for a seller, 30 at once, and Lazada sends a push for each piece of an order: sellers of the
 * others have so many times as many orders.
 */
const FEW_ORDERS = ['amazon', 'lazada'];
const SHARE_OF_OTHERS = 5;
/** Here notifications tell of new orders, and not of all that becomes of them: only the next poll would, in minutes. */
const TELL_NO_CHANGES = ['ebay', 'walmart'];
/** A poll reads changes that are a minute old at most marketplaces: then it finds what no webhook has brought, ms. */
const POLL_AFTER_MS = 65_000;
/** longest wait for what was under way before, and for all to be through afterwards, ms */
const QUIET_WITHIN_MS = 90_000;
const THROUGH_WITHIN_MS = 240_000;
const LOOK_EVERY_MS = 1_000;
const TELL_EVERY_MS = 5_000;
/** entries of the audit log from so long before the check are looked at too, ms: they may be appended late */
const LATE_ENTRIES_MS = 600_000;

export type CheckOptions = {
  invoices: readonly Invoice[];
  /** told how it goes, a line each */
  tell(line: string): void;
};

/** What the parts of a check share. */
type Check = CheckOptions & {
  deps: FunctionDeps;
  sandboxes: readonly RemoteSandbox[];
  /** entries of the audit log before this instant are left out */
  from: string;
};

/**
 * Replays invoices in real time at sandboxes of another process, waits until everything is through the functions, which
 * run elsewhere too, and compares what came of it with the books. What was before the check does not count.
 */
export async function checkLive(
  deps: FunctionDeps,
  sandboxes: readonly RemoteSandbox[],
  options: CheckOptions,
): Promise<DemoReport> {
  const startedAt = deps.clock.now();
  const from = new Date(startedAt - LATE_ENTRIES_MS).toISOString();
  const check: Check = { ...options, tell: sometimes(deps, options.tell), deps, sandboxes, from };

  const before = await untilQuiet(check);
  const earlier = new Set<string>();
  for (const [name, orders] of await ordersBy(sandboxes)) {
    for (const { orderId } of orders) earlier.add(`${name}/${orderId}`);
  }
  const isEarlier = (name: string, { orderId }: BookOrder): boolean => earlier.has(`${name}/${orderId}`);
  const seller = startSellerSystem(deps);
  const replay = await replayAll(check);
  const { after, comparison } = await untilThrough(check, { before, seller, isEarlier });
  await seller.stop();
  const { problem, verified } = await verifyAuditLog(deps);

  const { byMarketplace, entries, auditedCalls, ...counted } = countedBetween(before, after);
  const seconds = Math.round((deps.clock.now() - startedAt) / 100) / 10;
  const result: DemoResult = {
    invoices: replay.replayed(),
    orders: comparison.orders,
    webhooks: counted.webhooks,
    foundOnlyByPoll: sumOf(comparison.byMarketplace, (row) => row.foundOnlyByPoll),
    calls: counted.calls,
    orderEvents: { published: seller.published(), distinct: seller.distinct(), wrong: comparison.wrong },
    refreshes: counted.refreshes,
    audit: { entries, calls: auditedCalls, verified },
    deadLetters: counted.deadLetters,
    simulatedSeconds: seconds,
    seconds,
  };
  return {
    result,
    byMarketplace: comparison.byMarketplace.map((row) => ({ ...row, ...byMarketplace.get(row.marketplace) })),
    complaints: [...comparison.complaints, ...auditComplaints(result, problem)],
  };
}

/** Waits until every connection has a token and nothing is under way, and counts what was until now. */
async function untilQuiet(check: Check): Promise<Counts> {
  const { deps, sandboxes, from, tell } = check;
  const leftovers = startSellerSystem(deps);
  const deadline = deps.clock.now() + QUIET_WITHIN_MS;
  try {
    for (;;) {
      const waitsFor = (await missingToken(check)) ?? (await waitsForQueues(check));
      const counts = waitsFor === undefined ? await count(deps, sandboxes, from) : undefined;
      if (counts?.isSettled) return counts;
      const line = `before the check: ${waitsFor ?? 'calls go on'}`;
      if (deps.clock.now() > deadline) throw new Error(`${line}, for ${QUIET_WITHIN_MS / 1000} s: see the logs`);
      tell(line);
      await deps.clock.sleep(LOOK_EVERY_MS);
    }
  } finally {
    await leftovers.stop();
  }
}

async function missingToken({ deps, sandboxes }: Check): Promise<string | undefined> {
  const ids = sandboxes.flatMap(({ name, sellers }) => sellers.map((_, index) => connectionIdOf(name, index)));
  const missing = await Promise.all(
    ids.map(async (connectionId) => {
      const status = (await deps.connections.get(connectionId))?.status ?? 'not connected';
      if (status !== 'active') throw new Error(`${connectionId} is ${status}: connect it with npm run seed`);
      return (await deps.credentials.accessToken(connectionId)) ? [] : [`${connectionId} has no access token yet`];
    }),
  );
  return missing.flat()[0];
}

async function waitsForQueues({ deps, sandboxes }: Check): Promise<string | undefined> {
  const now = await underWay(deps, sandboxes);
  if (isQuiet(now)) return undefined;
  return `${now.messages} messages in the queues, ${now.delayed} that come later, ${now.webhooks} webhooks under way`;
}

const ordersBy = async (sandboxes: readonly RemoteSandbox[]): Promise<Map<string, BookOrder[]>> =>
  new Map(await Promise.all(sandboxes.map(async ({ name, orders }) => [name, await orders()] as const)));

async function replayAll({ deps, sandboxes, invoices, tell }: Check): Promise<Replay> {
  const shops = sandboxes.map((shop) => ({
    ...shop,
    share: FEW_ORDERS.includes(shop.name) ? 1 : SHARE_OF_OTHERS,
    staysPlaced: TELL_NO_CHANGES.includes(shop.name),
  }));
  const startAt = deps.clock.now();
  const pace: Pace = {
    dueAt: (_, index) => startAt + index * EVERY_MS,
    shipsAfterMs: SHIPS_AFTER_MS,
    deliveredAfterMs: DELIVERED_AFTER_MS,
    cancelledAfterMs: CANCELLED_AFTER_MS,
  };
  const replay = createReplay(deps, shops, invoices, pace);
  const ended = new AbortController();
  const replaying = replay.run().finally(() => ended.abort('ended'));
  const told = (async () => {
    while (!ended.signal.aborted) {
      tell(`${replay.replayed()} of ${invoices.length} invoices, ${replay.open()} orders live on`);
      await deps.clock.sleep(LOOK_EVERY_MS, ended.signal);
    }
  })();
  await Promise.all([replaying, told]);
  return replay;
}

type Judging = {
  before: Counts;
  seller: SellerSystem;
  isEarlier(name: string, order: BookOrder): boolean;
};

/** Waits until all that was counted and stored is right; at the deadline it is as it is. */
async function untilThrough(
  check: Check,
  { before, seller, isEarlier }: Judging,
): Promise<{ after: Counts; comparison: Comparison }> {
  const { deps, sandboxes, from, tell } = check;
  const endedAt = deps.clock.now();
  const deadline = endedAt + THROUGH_WITHIN_MS;
  let isPolled = false;
  for (;;) {
    if (!isPolled && deps.clock.now() > endedAt + POLL_AFTER_MS) {
      isPolled = true;
      await pollNow(check);
    }
    const waitsFor = await waitsForQueues(check);
    const isLast = deps.clock.now() > deadline;
    if (waitsFor === undefined || isLast) {
      const after = await count(deps, sandboxes, from);
      const accounts = [...(await ordersBy(sandboxes))].map(([name, orders]) => ({
        name,
        sellers: sandboxes.find((sandbox) => sandbox.name === name)!.sellers,
        orders,
        isCompared: (order: BookOrder) => !isEarlier(name, order),
        calls: 0,
        webhooks: 0,
      }));
      const comparison = await compareWithBooks(deps, accounts, seller);
      const { calls, auditedCalls } = countedBetween(before, after);
      const isThrough = after.isSettled && comparison.complaints.length === 0 && calls.made === auditedCalls;
      if (isThrough || isLast) return { after, comparison };
      tell(
        `not through yet: ${comparison.complaints[0] ?? 'calls'}, and ${Math.max(0, comparison.complaints.length - 1)} more`,
      );
    } else {
      tell(waitsFor);
    }
    await deps.clock.sleep(LOOK_EVERY_MS);
  }
}

/** Passes on what is told, but not more often than a person reads. */
function sometimes({ clock }: Pick<FunctionDeps, 'clock'>, tell: (line: string) => void): (line: string) => void {
  let toldAt = 0;
  return (line) => {
    if (clock.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = clock.now();
    tell(line);
  };
}

/** Brings the next poll of every connection forward, with the tick that makes it begin. */
export async function pollNow({ deps, sandboxes }: Pick<Check, 'deps' | 'sandboxes'>): Promise<void> {
  const dueAt = deps.clock.now();
  for (const { name, sellers } of sandboxes) {
    for (const [index] of sellers.entries()) {
      await deps.cursors.begin(connectionIdOf(name, index), { dueAt, underWayUntil: 0 });
    }
  }
  const tick = deps.newEvent('schedule.elapsed', { schedule: 'order-polls' });
  const [sent] = await deps.queues.send('sync', [{ body: JSON.stringify(tick) }]);
  if (!sent?.ok) throw new Error('the queue sync did not take a tick');
}
