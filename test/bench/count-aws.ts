/**
 * What a webhook costs on AWS: `npm run --silent count:aws -- --json`. Exit code 1 if a promise is not kept.
 */
import { parseArgs } from 'node:util';
import { openEmulator } from '#test/support/emulator.ts';
import { callsOf, isForArchive, type Row, type Totals, totalsOf } from './count-aws/ledger.ts';
import { type Run, run, runIdle } from './count-aws/runs.ts';

const WEBHOOKS = 10_000;
const AT_ONCE = 200;
/** in the second run, whose figures are told for each order */
const ORDERS = 2_000;
const SELLERS = 8;
/** what the way of a webhook may take at most, from its delivery to its entry in the audit log */
const CALLS_PER_WEBHOOK = 0.45;
const DOLLARS_PER_MILLION = 1;
/** decimals of the figures that are told */
const DECIMALS = 4;
/** 730 hours */
const MONTH_MINUTES = 43_800;

const HELP = `usage: npm run --silent count:aws -- [options]

Functions, each a process of its own, reach an emulator of AWS through a proxy that counts their calls, while simulated
marketplaces deliver signed webhooks about new orders. Twice, with the same load:

  1  The sellers' consents have ended, so nobody reads the orders. Every call that is made is for the way of the webhooks:
     receiving, deduplication, queueing, handling, the audit log. This is what the first figures are of.
  2  The orders are read, stored and published. What a webhook takes more than in the first run is in 'beside'.

There is also the archive: once a minute, copies of the audit log in a bucket that nobody can change.

  calls                 of AWS's API by operation, polls that brought nothing among them, in 'idle' by themselves
  writeUnitsPerWebhook  of DynamoDB, reckoned from the items in the requests by AWS's rules
  dollarsPerMillion     for a million webhooks: requests to SQS, DynamoDB and S3, no storage; prices in count-aws/prices.ts

  --webhooks N   how many in the first run instead of ${WEBHOOKS}
  --orders N     how many in the second run instead of ${ORDERS}; 0 is no second run
  --at-once N    deliveries at once instead of ${AT_ONCE}
  --sellers N    at each of two marketplaces instead of ${SELLERS}
  --idle N       only, and instead: what an installation with nothing to do costs in a month, from N minutes of it
  --calls        also each kind of call by function and queue or table
  --json         as a last line, all of it as JSON
  --help         this text

The emulator is the one at SLUICE_TEST_AWS_ENDPOINT; where that is not set, LocalStack is started in a container.
Exit code 1 if a webhook takes more than ${CALLS_PER_WEBHOOK} calls or a million of them more than $${DOLLARS_PER_MILLION.toFixed(2)}.`;

const { values } = parseArgs({
  options: {
    webhooks: { type: 'string', default: String(WEBHOOKS) },
    'at-once': { type: 'string', default: String(AT_ONCE) },
    sellers: { type: 'string', default: String(SELLERS) },
    orders: { type: 'string', default: String(ORDERS) },
    idle: { type: 'string' },
    calls: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) console.log(HELP);
else process.exitCode = await count();

async function count(): Promise<0 | 1> {
  const [webhooks, orders] = [number('webhooks', values.webhooks), number('orders', values.orders, 0)];
  const [atOnce, sellers] = [number('at-once', values['at-once']), number('sellers', values.sellers)];
  const minutes = values.idle === undefined ? undefined : number('idle', values.idle);
  const report = (line: string) => console.error(line);
  const emulator = await openEmulator();
  if ('missing' in emulator) {
    report(emulator.missing);
    return 1;
  }
  try {
    if (minutes !== undefined) {
      tellIdle(await runIdle(emulator, { sellers, minutes, report }), minutes);
      return 0;
    }
    report(`1: ${webhooks} webhooks, whose orders nobody reads`);
    const way = await run(emulator, { webhooks, atOnce, sellers, readsOrders: false, report });
    if (values.calls) printCalls(way.rows, '$/million', 1e6 / webhooks);
    if (orders === 0) return judge(way, undefined);
    report(`2: ${orders} webhooks, whose orders are read`);
    const all = await run(emulator, { webhooks: orders, atOnce, sellers, readsOrders: true, report });
    if (values.calls) printCalls(all.rows, '$/million', 1e6 / orders);
    return judge(way, all);
  } finally {
    await emulator.stop();
  }
}

function judge(way: Run, all: Run | undefined): 0 | 1 {
  const { webhooks } = way;
  const { ofWay, ofArchive } = partsOf(way);
  const totals = totalsOf(ofWay);
  const figures = perWebhook(totals, webhooks);
  const result = {
    webhooks,
    calls: callsOf(ofWay),
    ...figures,
    idle: { calls: totals.idleCalls },
    seconds: Math.round(way.seconds),
    refused: way.refused,
    beside: {
      archive: perWebhook(totalsOf(ofArchive), webhooks),
      ...(all && { orders: besideOf(figures, all) }),
    },
  };
  console.log('From delivery to audit entry; reading orders, and archiving the audit log, are beside it:');
  tellNumbers(result);
  for (const [name, figures] of Object.entries(result.beside)) {
    console.log(`beside: ${name}`);
    tellNumbers(figures);
  }
  if (values.json) console.log(JSON.stringify(result));
  const isKept = figures.callsPerWebhook <= CALLS_PER_WEBHOOK && figures.dollarsPerMillion <= DOLLARS_PER_MILLION;
  if (!isKept) console.error(`at most ${CALLS_PER_WEBHOOK} calls and $${DOLLARS_PER_MILLION.toFixed(2)} are promised`);
  return isKept ? 0 : 1;
}

function partsOf({ rows }: Run) {
  return { ofWay: rows.filter((row) => !isForArchive(row)), ofArchive: rows.filter(isForArchive) };
}

/** What reading, storing and publishing the orders took more, for each webhook. */
function besideOf(less: ReturnType<typeof perWebhook>, all: Run) {
  const { webhooks, orders, entries } = all;
  const { ofWay } = partsOf(all);
  const more = perWebhook(totalsOf(ofWay), webhooks);
  const difference = (name: keyof typeof more) => rounded(more[name] - less[name]);
  return {
    webhooks,
    stored: orders,
    calledMarketplaces: entries['api-call.recorded'] ?? 0,
    calls: callsOf(ofWay),
    callsPerWebhook: difference('callsPerWebhook'),
    writeUnitsPerWebhook: difference('writeUnitsPerWebhook'),
    readUnitsPerWebhook: difference('readUnitsPerWebhook'),
    dollarsPerMillion: difference('dollarsPerMillion'),
  };
}

function tellIdle(rows: readonly Row[], minutes: number): void {
  const { calls, dollars, idleCalls } = totalsOf(rows);
  if (values.calls) printCalls(rows, '$/month', MONTH_MINUTES / minutes);
  const perMonth = (value: number) => rounded((value * MONTH_MINUTES) / minutes);
  const result = {
    sellers: 2 * Number(values.sellers),
    minutes,
    calls: callsOf(rows),
    callsPerMonth: Math.round(perMonth(calls)),
    pollsPerMonth: Math.round(perMonth(idleCalls)),
    dollarsPerMonth: perMonth(dollars),
  };
  tellNumbers(result);
  if (values.json) console.log(JSON.stringify(result));
}

function tellNumbers(result: object): void {
  for (const [name, value] of Object.entries(result)) {
    if (typeof value === 'number') console.log(`${name.padEnd(22)} ${value}`);
  }
}

function perWebhook({ calls, writeUnits, readUnits, dollars }: Totals, webhooks: number) {
  return {
    callsPerWebhook: rounded(calls / webhooks),
    writeUnitsPerWebhook: rounded(writeUnits / webhooks),
    readUnitsPerWebhook: rounded(readUnits / webhooks),
    dollarsPerMillion: rounded((dollars / webhooks) * 1e6),
  };
}

/** @param scale makes of the dollars of all calls those that the heading names */
function printCalls(rows: readonly Row[], heading: string, scale: number): void {
  console.log(`${heading.padStart(11)}   calls  each full  write units  read units`);
  for (const row of rows) {
    const { dollars, calls, entries, writeUnits, readUnits, caller, operation, resource } = row;
    const columns = [
      (dollars * scale).toFixed(4).padStart(11),
      String(calls).padStart(7),
      (entries / calls).toFixed(1).padStart(10),
      String(writeUnits).padStart(12),
      String(readUnits).padStart(11),
    ];
    console.log(`${columns.join(' ')}  ${caller} ${operation} ${resource}`);
  }
}

function rounded(value: number): number {
  return Number(value.toFixed(DECIMALS));
}

function number(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${name} is ${JSON.stringify(text)}: give a whole number from ${least} on`);
}
