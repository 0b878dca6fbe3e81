import { schedules } from '#events/routes.ts';
import type { BookBuyer } from '#marketplaces/sandbox-kit/books.ts';
import { realClock } from '#platform/runtime/clock.ts';
import type { Emulator } from '#test/support/emulator.ts';
import { deliver } from './deliver.ts';
import { type Installation, startInstallation } from './installation.ts';
import type { Row } from './ledger.ts';

const MINUTE_MS = 60_000;
const REPORT_EVERY_MS = 5_000;
/** how long all sellers may take to have a token, ms */
const TOKENS_MS = 120_000;
const LOOK_EVERY_MS = 500;

const BUYER: BookBuyer = {
  name: 'Ada Buyer',
  email: 'ada@buyers.example',
  phone: '+44 20 7946 0000',
  street: '1 Market Street',
  city: 'London',
  postalCode: 'N1 9GU',
  countryCode: 'GB',
};
const LINE = { title: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 2, unitPrice: '2.55' };

export type RunOptions = {
  webhooks: number;
  /** deliveries at once */
  atOnce: number;
  sellers: number;
  /** are the orders read that the webhooks name? */
  readsOrders: boolean;
  report(line: string): void;
};

export type Run = {
  webhooks: number;
  rows: Row[];
  /** until all were delivered */
  seconds: number;
  /** deliveries that were not answered 200 and came again */
  refused: number;
  /** in the audit log, by kind */
  entries: Record<string, number>;
  /** in the store */
  orders: number;
};

/**
 * Delivers webhooks at load, lets all that comes of them come to rest, and tells every call that the functions made from
 * the first delivery on. Throws where a webhook is not in the audit log, or an order that was to be read is not there.
 */
export async function run(emulator: Emulator, options: RunOptions): Promise<Run> {
  const { webhooks, atOnce, readsOrders, report } = options;
  const installation = await startInstallation(emulator, options);
  try {
    placeOrders(installation, webhooks);
    await untilTokens(installation);
    if (!readsOrders) await installation.endConsents();
    await installation.untilAtRest();
    installation.ledger.take();

    const beginsAt = realClock.now();
    const ended = new AbortController();
    const checkpoints = tickUntil(ended.signal, installation);
    let reportedAt = beginsAt;
    const refused = await deliver(installation.webhooks.slice(0, webhooks), {
      atOnce,
      onDelivered(count) {
        if (realClock.now() - reportedAt < REPORT_EVERY_MS) return;
        reportedAt = realClock.now();
        report(`${count} of ${webhooks} delivered`);
      },
    });
    const deliveredAt = realClock.now();
    report(`all delivered in ${((deliveredAt - beginsAt) / 1000).toFixed(0)} s`);
    const looking = lookUntil(ended.signal, installation, report);
    await installation.untilAtRest();
    ended.abort('at rest');
    await Promise.all([checkpoints, looking]);
    // the one that covers the last entries
    await installation.tick('audit-checkpoint');
    await realClock.sleep(LOOK_EVERY_MS);
    await installation.untilAtRest();
    const rows = installation.ledger.take();

    const entries = await installation.auditEntries();
    const orders = await installation.orders();
    if (entries['webhook.received'] !== webhooks) {
      throw new Error(`the audit log has ${entries['webhook.received'] ?? 0} of ${webhooks} webhooks`);
    }
    const wanted = readsOrders ? webhooks : 0;
    if (orders !== wanted) throw new Error(`${orders} orders were stored, ${wanted} is right`);
    return { webhooks, rows, seconds: (deliveredAt - beginsAt) / 1000, refused, entries, orders };
  } finally {
    await installation.stop();
  }
}

/**
 * Lets an installation with nothing to do run for some minutes, with all its ticks (those of an hour come once), and tells
 * every call that the functions made.
 */
export async function runIdle(
  emulator: Emulator,
  { sellers, minutes, report }: { sellers: number; minutes: number; report(line: string): void },
): Promise<Row[]> {
  const installation = await startInstallation(emulator, { sellers });
  try {
    await untilTokens(installation);
    await installation.untilAtRest();
    installation.ledger.take();
    for (let minute = 0; minute < minutes; minute++) {
      report(`${minutes - minute} min to go`);
      for (const { name, everyMs } of schedules) {
        if ((minute * MINUTE_MS) % everyMs === 0) await installation.tick(name);
      }
      await realClock.sleep(MINUTE_MS);
    }
    return installation.ledger.take();
  } finally {
    await installation.stop();
  }
}

/** Buyers order at all sellers in turn, so that the marketplaces sign a webhook for each order. */
function placeOrders({ sandboxes, webhooks }: Installation, count: number): void {
  const sellers = [...sandboxes.values()].flatMap(({ books, sellers }) =>
    sellers.map(({ sellerId }) => ({ books, sellerId })),
  );
  for (let n = 0; webhooks.length < count; n++) {
    const { books, sellerId } = sellers[n % sellers.length]!;
    books.place(sellerId, { currency: 'GBP', lines: [{ ...LINE, sku: `SKU-${n % 100}` }], buyer: BUYER });
  }
}

async function untilTokens(installation: Installation): Promise<void> {
  const deadline = realClock.now() + TOKENS_MS;
  await installation.tick('token-refreshes');
  while (!(await installation.haveTokens())) {
    if (realClock.now() > deadline) throw new Error(`no access tokens within ${TOKENS_MS / 1000} s`);
    await realClock.sleep(LOOK_EVERY_MS);
  }
}

async function lookUntil(signal: AbortSignal, { messagesLeft }: Installation, report: RunOptions['report']) {
  while (!signal.aborted) {
    await realClock.sleep(REPORT_EVERY_MS, signal);
    if (!signal.aborted) report(`${await messagesLeft()} messages are in the queues`);
  }
}

/** Sends the tick of the audit log's checkpoints as its rule does. */
async function tickUntil(signal: AbortSignal, { tick }: Installation): Promise<void> {
  while (!signal.aborted) {
    await tick('audit-checkpoint');
    await realClock.sleep(MINUTE_MS, signal);
  }
}
