import type { Fault } from '#marketplaces/sandbox-kit/faults.ts';
import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { countEntries, verifyAuditLog } from './audit.ts';
import { compareWithBooks } from './compare-with-books.ts';
import { deadLettersIn } from './dead-letters.ts';
import type { Invoice } from './invoices.ts';
import { createReplay, type Pace, shopOf } from './replay.ts';
import { auditComplaints, type DemoReport, type DemoResult, sumOf } from './result.ts';
import { startSellerSystem } from './seller-system.ts';
import { startSimulation } from './simulate.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** The time between invoices is shortened so much: more to do at once, and fewer polls in which nothing has changed. */
const TIMES_AS_FAST = 6;
const paceFrom = (first: Invoice): Pace => ({
  dueAt: ({ at }) => first.at + (at - first.at) / TIMES_AS_FAST,
  shipsAfterMs: [HOUR_MS, 8 * HOUR_MS],
  deliveredAfterMs: [3 * HOUR_MS, 10 * HOUR_MS],
  cancelledAfterMs: 90_000,
});
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
  const replay = createReplay({ clock, random }, sandboxes.map(shopOf), options.invoices, paceFrom(first));

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
  const { entries, verified, problem } = await verifyAuditLog(deps);
  const kinds = await countEntries(deps);
  const accounts = sandboxes.map(({ books, calls, webhooks, ...sandbox }) => ({
    ...sandbox,
    orders: books.orders.values(),
    calls: calls.made,
    webhooks: webhooks.sent,
  }));
  const report = await compareWithBooks(deps, accounts, seller);
  const sum = (pick: (sandbox: Sandbox) => number): number => sumOf(sandboxes, pick);
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
    foundOnlyByPoll: sumOf(report.byMarketplace, (row) => row.foundOnlyByPoll),
    calls: { made: sum(({ calls }) => calls.made), throttled: sum(({ calls }) => calls.throttled) },
    orderEvents: { published: seller.published(), distinct: seller.distinct(), wrong: report.wrong },
    refreshes: kinds.get('token.refreshed') ?? 0,
    audit: { entries, calls: kinds.get('api-call.recorded') ?? 0, verified },
    deadLetters: await deadLettersIn(deps.queues),
    simulatedSeconds: Math.round((clock.now() - simulatedFrom) / 1000),
    seconds: 0,
  };
  const stopping = seller.stop();
  await simulation.stop();
  await stopping;
  result.seconds = Math.round((options.now() - startedAt) / 100) / 10;
  const complaints = [...report.complaints, ...auditComplaints(result, problem), ...taps.troubles()];
  return { result, byMarketplace: report.byMarketplace, complaints };
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
