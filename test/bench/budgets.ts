/**
 * That all of every limit is used and none is exceeded, in simulated time: `npm run --silent bench:budgets -- --json`.
 * Exit code 1 if a promise is not kept.
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { type Measured, settingOf } from './budgets/measure.ts';
import { comparedRows, type RivalMeasured, rivals } from './budgets/rivals.ts';
import { rows } from './budgets/rows.ts';
import type { Job } from './budgets/worker.ts';

const HOURS = 24;
const PROCESSES = 2;
/** share of the bound that is used at least; writes for a call at most, where the rate is at least so many calls a second */
const UTILISATION = 0.995;
const WRITES_PER_CALL = 0.1;
const FAST_PER_SECOND = 10;
const QUIET_RATIO = 2;
const JAIN = 0.99;

const HELP = `usage: npm run --silent bench:budgets -- [options]

Sixteen workers with clocks up to 50 ms off and round trips of 40 to 240 ms share the limits of the marketplaces, and
always have more to do than those allow. All of it in simulated time.

  bound                 1, or what is possible where a burst does not cover the spread of arrivals
  utilisation           calls taken by the marketplace, as a share of what its rate allows
  throttled             calls refused by the marketplace
  writesPerCall         writes to the store for each call, failed ones included
  maxReceives           how often a message came out of the queue, at most
  deadLetters           messages that were given up
  quietSellerDelayRatio the wait of sellers who call seldom beside one with 1,000,000 messages, by their wait alone
  jain                  Jain's index of what equal sellers got

  --hours N    simulated hours of each row instead of ${HOURS}
  --only TEXT  only rows with this in their name
  --json       as a last line, all of it as JSON
  --help       this text

Exit code 1 if a promise is missed: utilisation at least ${UTILISATION} of the bound, throttled 0, deadLetters 0, at most
${WRITES_PER_CALL} writes for a call from ${FAST_PER_SECOND} calls a second on, a ratio of at most ${QUIET_RATIO}, jain at least ${JAIN}.`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    hours: { type: 'string' },
    only: { type: 'string' },
  },
});

if (values.help) console.log(HELP);
else process.exitCode = await run(Number(values.hours ?? HOURS), values.only ?? '');

async function run(hours: number, only: string): Promise<0 | 1> {
  const wanted = rows.filter(({ limit }) => limit.includes(only));
  if (!(hours > 0) || wanted.length === 0) {
    console.error(hours > 0 ? `no row has '${only}' in its name` : '--hours takes a number above 0');
    return 1;
  }
  const callsOf = (limit: string): number => {
    const { rate, count } = settingOf(rows.find((row) => row.limit === limit)!).binding;
    return rate * count;
  };
  const ofRows = wanted.map(({ limit }): Job => ({ limit, hours }));
  const ofRivals = comparedRows
    .filter((row) => wanted.includes(row))
    .flatMap(({ limit }) => rivals.map(({ name }): Job => ({ limit, rival: name, hours })));
  const longestFirst = ofRows.toSorted((a, b) => callsOf(b.limit) - callsOf(a.limit));
  const results = await work([...longestFirst, ...ofRivals]);
  const measured = ofRows.map((job) => results.get(nameOf(job)) as Measured);
  const compared = ofRivals.map((job) => results.get(nameOf(job)) as RivalMeasured);

  if (!values.json) {
    console.table(Object.fromEntries(measured.map(({ limit, ...figures }) => [limit, figures])));
    console.table(compared);
    for (const { name, source } of rivals) console.log(`${name}: ${source}`);
  }
  const missed = measured.flatMap((row) => missedBy(row).map((what) => `${row.limit}: ${what}`));
  for (const text of missed) console.error(`missed: ${text}`);
  if (values.json) console.log(JSON.stringify({ rows: measured, rivals: compared }));
  return missed.length === 0 ? 0 : 1;
}

function missedBy(row: Measured): string[] {
  const promises: [boolean, string][] = [
    [row.utilisation >= UTILISATION * row.bound, `utilisation ${row.utilisation} of ${row.bound}`],
    [row.throttled === 0, `throttled ${row.throttled}`],
    [row.deadLetters === 0, `deadLetters ${row.deadLetters}`],
    [row.rate < FAST_PER_SECOND || row.writesPerCall <= WRITES_PER_CALL, `writesPerCall ${row.writesPerCall}`],
    [(row.quietSellerDelayRatio ?? 0) <= QUIET_RATIO, `quietSellerDelayRatio ${row.quietSellerDelayRatio}`],
    [row.jain >= JAIN, `jain ${row.jain}`],
  ];
  return promises.filter(([isKept]) => !isKept).map(([, what]) => what);
}

function nameOf({ limit, rival }: Job): string {
  return rival ? `${limit}, ${rival}` : limit;
}

/** Does the jobs in several threads; each takes the next when it is done with one. */
async function work(jobs: readonly Job[]): Promise<Map<string, Measured | RivalMeasured>> {
  const results = new Map<string, Measured | RivalMeasured>();
  const waiting = [...jobs];
  const oneThread = async (): Promise<void> => {
    const worker = new Worker(new URL('./budgets/worker.ts', import.meta.url));
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const startedAt = performance.now();
      const answer = new Promise<Measured | RivalMeasured>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
      worker.postMessage(job);
      results.set(nameOf(job), await answer);
      worker.removeAllListeners('error');
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
      console.error(`${results.size}/${jobs.length} ${nameOf(job)} (${seconds} s)`);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: PROCESSES }, oneThread));
  return results;
}
