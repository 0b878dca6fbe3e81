import { deadLetterQueue, QUEUES } from '#events/routes.ts';
import type { Fault } from '#marketplaces/sandbox-kit/faults.ts';
import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { type AuditResult, checkAuditLog } from './audit.ts';
import { differences } from './compare.ts';
import type { Invoice } from './invoices.ts';
import { createReplay } from './replay.ts';
import { type SellerSystem, startSellerSystem } from './seller-system.ts';
import { type Simulation, startSimulation } from './simulate.ts';

const DAY_MS = 86_400_000;
/** the pipeline starts this long before the first invoice, ms: tokens are fetched and first polls done by then */
const HEAD_START_MS = 600_000;
/** after the last change, every connection is polled at least twice within this time, ms */
const SETTLE_MS = 2_700_000;
const SELLERS_PER_MARKETPLACE = 2;

/** `--faults`: shares of all chances. */
export const DEMO_FAULTS: Partial<Record<Fault, number>> = {
  'lose-webhook': 0.05,
  'duplicate-webhook': 0.05,
  'reorder-webhook': 0.05,
  'server-error': 0.02,
  'expire-access-token': 0.005,
};

export type DemoResult = {
  invoices: number;
  orders: { placed: number; stored: number; missing: number; stale: number };
  webhooks: { sent: number; accepted: number; refused: number; duplicates: number; lost: number };
  foundOnlyByPoll: number;
  calls: { made: number; throttled: number };
  orderEvents: { published: number; distinct: number; wrong: number };
  refreshes: number;
  audit: AuditResult;
  deadLetters: number;
  simulatedSeconds: number;
  seconds: number;
};

export type DemoReport = {
  result: DemoResult;
  byMarketplace: { marketplace: string; orders: number; foundOnlyByPoll: number; calls: number; webhooks: number }[];
  /** what was wrong, a line each */
  complaints: string[];
};

/** Replays invoices through the whole pipeline in simulated time, and compares what came of it with the books. */
export async function runDemo(options: {
  invoices: readonly Invoice[];
  seed: string;
  faults: boolean;
  /** real time, ms */
  now: () => number;
  onDay: (simulatedAt: number, replayed: number) => void;
}): Promise<DemoReport> {
  const startedAt = options.now();
  const [first] = options.invoices;
  if (!first) throw new Error('there is no invoice to replay');
  const taps = createTaps();
  const simulation = await startSimulation({
    seed: options.seed,
    startAt: first.at - HEAD_START_MS,
    sellers: SELLERS_PER_MARKETPLACE,
    faults: options.faults ? DEMO_FAULTS : {},
    logger: taps.logger,
  });
  const { clock, deps } = simulation;
  const simulatedFrom = clock.now();
  const seller = startSellerSystem(deps);
  const sandboxes = [...simulation.sandboxes.values()];
  const random = seededRandom(`${options.seed}/replay`);
  const replay = createReplay({ clock, random }, sandboxes, options.invoices);

  let quietSince: number | undefined;
  void replay.run().then(() => {
    quietSince = clock.now();
  });
  let nextDay = clock.now();
  await clock.run({
    until: () => {
      if (clock.now() >= nextDay) {
        options.onDay(clock.now(), replay.replayed());
        nextDay += DAY_MS;
      }
      return quietSince !== undefined && clock.now() > quietSince + SETTLE_MS;
    },
  });

  await simulation.settle();
  const { refreshes, problem, ...audit } = await checkAuditLog(deps);
  const report = await compareWithBooks(simulation, sandboxes, seller);
  const sum = (pick: (sandbox: Sandbox) => number): number =>
    sandboxes.reduce((total, sandbox) => total + pick(sandbox), 0);
  const depths = await Promise.all(QUEUES.map((queue) => simulation.engine.queues.depth(deadLetterQueue(queue))));
  const result: DemoResult = {
    invoices: replay.replayed(),
    orders: report.orders,
    webhooks: {
      sent: sum(({ webhooks }) => webhooks.sent),
      accepted: sum(({ webhooks }) => webhooks.accepted),
      refused: sum(({ webhooks }) => webhooks.refused),
      duplicates: taps.duplicates(),
      lost: sum(({ webhooks }) => webhooks.lost),
    },
    foundOnlyByPoll: report.byMarketplace.reduce((total, row) => total + row.foundOnlyByPoll, 0),
    calls: { made: sum(({ calls }) => calls.made), throttled: sum(({ calls }) => calls.throttled) },
    orderEvents: { published: seller.published(), distinct: seller.distinct(), wrong: report.wrong },
    refreshes,
    audit,
    deadLetters: depths.reduce((total, { visible, inFlight, delayed }) => total + visible + inFlight + delayed, 0),
    simulatedSeconds: Math.round((clock.now() - simulatedFrom) / 1000),
    seconds: 0,
  };
  if (problem !== undefined) report.complaints.push(`the audit log does not verify: ${problem}`);
  if (audit.calls !== result.calls.made) {
    report.complaints.push(
      `the audit log tells of ${audit.calls} calls, the marketplaces counted ${result.calls.made}`,
    );
  }
  const stopping = seller.stop();
  await simulation.stop();
  await stopping;
  result.seconds = Math.round((options.now() - startedAt) / 100) / 10;
  return { result, byMarketplace: report.byMarketplace, complaints: [...report.complaints, ...taps.troubles()] };
}

/** Counts what only the functions know, from their own log lines. */
function createTaps() {
  let duplicates = 0;
  const troubles = new Map<string, number>();
  const note = (fields: Record<string, unknown>, message: string): void => {
    const line = `${message}: ${[fields.handler, fields.type, fields.outcome, fields.failure, fields.detail, fields.stack].filter(Boolean).join(' · ')}`;
    troubles.set(line, (troubles.get(line) ?? 0) + 1);
  };
  const logger: Logger = {
    info(fields, message) {
      if (message === 'delivery' && fields.outcome === 'duplicate') duplicates += 1;
      if (fields.failure === 'unclassified') note(fields, message);
    },
    warn: note,
    error: note,
  };
  return {
    logger,
    duplicates: () => duplicates,
    troubles: () => [...troubles].map(([line, times]) => `${times} × ${line}`),
  };
}

async function compareWithBooks({ deps, clock }: Simulation, sandboxes: readonly Sandbox[], seller: SellerSystem) {
  const orders = { placed: 0, stored: 0, missing: 0, stale: 0 };
  const byMarketplace: DemoReport['byMarketplace'] = [];
  const complaints: string[] = [];
  let wrong = seller.contradictions();
  const known = new Set<string>();

  for (const { name, books, calls, webhooks, sellers } of sandboxes) {
    const row = { marketplace: name, orders: 0, foundOnlyByPoll: 0, calls: calls.made, webhooks: webhooks.sent };
    byMarketplace.push(row);
    for (const book of books.orders.values()) {
      orders.placed += 1;
      row.orders += 1;
      const connectionId = `${name}-${sellers.findIndex(({ sellerId }) => sellerId === book.sellerId) + 1}`;
      known.add(`${connectionId}/${book.orderId}`);
      const stored = await deps.orders.get(connectionId, book.orderId);
      if (!stored) {
        orders.missing += 1;
        complaints.push(`${connectionId} ${book.orderId} is missing`);
        continue;
      }
      orders.stored += 1;
      if (stored.firstFoundBy !== 'webhook') row.foundOnlyByPoll += 1;
      const buyer = await deps.buyers.get(connectionId, book.orderId, clock.now());
      const stale = differences(book, stored.order, buyer);
      if (stale.length > 0) {
        orders.stale += 1;
        complaints.push(`${connectionId} ${book.orderId} differs in ${[...new Set(stale)].join(', ')}`);
      }
      const event = seller.latest.get(`${connectionId}/${book.orderId}`);
      const told = event ? differences(book, event.data.order) : ['no event'];
      if (told.length > 0) {
        wrong += 1;
        complaints.push(`${connectionId} ${book.orderId}: its last event differs in ${[...new Set(told)].join(', ')}`);
      }
    }
  }
  for (const key of seller.latest.keys()) {
    if (known.has(key)) continue;
    wrong += 1;
    complaints.push(`an event tells of ${key}, which is in no book`);
  }
  return { orders, byMarketplace, complaints, wrong };
}
