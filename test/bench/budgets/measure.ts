import type { Bucket } from '#platform/state/budgets/budgets.ts';
import type { Row } from './rows.ts';
import { type Outcome, type PacerOf, play, type Seller, SPREAD_MS } from './run.ts';

const HOUR_MS = 3_600_000;
/** till the bursts that buckets begin with are used up, and the lines are as long as they get, ms */
const WARM_UP_MS = 900_000;
/** backlog of a seller: what its share of the limit takes in this time, and some */
const BACKLOG_SECONDS = 600;
const LEAST_BACKLOG = 40;
/** the seller who does not delay the others */
const MILLION = 1_000_000;
const QUIET_SELLERS = 4;
/** a quiet seller calls about this often, ms, or, if that is rarer, uses this share of what there is */
const QUIET_EVERY_MS = 20_000;
const QUIET_SHARE = 0.1;
/** fewest calls of each quiet seller that a mean is taken of */
const LEAST_QUIET_CALLS = 20;
/** Slow buckets: at most so long, ms, however few calls that makes */
const MOST_QUIET_MS = 24 * HOUR_MS;

export type Measured = {
  limit: string;
  /** calls a second and at once, of one bucket: the shared one where there is one that binds */
  rate: number;
  burst: number;
  sellers: number;
  bound: number;
  utilisation: number;
  calls: number;
  throttled: number;
  writesPerCall: number;
  rowsPerCall: number;
  maxReceives: number;
  deadLetters: number;
  quietSellerDelayRatio: number | null;
  jain: number;
};

type Setting = { row: Row; binding: { rate: number; burst: number; count: number } };

/** What binds: the shared bucket, or the sellers' own together where those are slower. */
export function settingOf(row: Row): Setting {
  const perCall = ({ ratePerSecond, burst, cost = 1 }: NonNullable<Row['own']>) => ({
    rate: ratePerSecond / cost,
    burst: burst / cost,
  });
  const own = row.own && { ...perCall(row.own), count: row.sellers };
  const shared = row.shared && { ...perCall(row.shared), count: 1 };
  const isShared = shared && (!own || shared.rate <= own.rate * own.count);
  return { row, binding: (isShared ? shared : own)! };
}

/** The share of a limit that is possible when calls arrive up to D apart that left together: min(1, 1/(1 + r·(D − (b − 1)/r))). */
export function boundOf({ rate, burst }: { rate: number; burst: number }): number {
  const missingSeconds = Math.max(0, SPREAD_MS / 1000 - (burst - 1) / rate);
  return Math.min(1, 1 / (1 + rate * missingSeconds));
}

export function bucketsOf(row: Row, seller: string): Bucket[] {
  const { own, shared } = row;
  return [
    ...(own ? [{ key: `own/${seller}`, ...shapeOf(own), isShared: false }] : []),
    ...(shared ? [{ key: 'shared', ...shapeOf(shared), isShared: true }] : []),
  ];
}

const shapeOf = ({ ratePerSecond, burst, cost = 1 }: NonNullable<Row['own']>) => ({ ratePerSecond, burst, cost });

const limitsOf = (sellers: readonly Seller[]) =>
  new Map(sellers.flatMap(({ buckets }) => buckets.map((bucket) => [bucket.key, bucket] as const)));

/** All sellers have more to do than the limit allows, for so long. */
export async function saturate(
  row: Row,
  forMs: number,
  seed: string,
  { pacerOf, warmUpMs = WARM_UP_MS }: { pacerOf?: PacerOf; warmUpMs?: number } = {},
): Promise<Outcome> {
  const { binding } = settingOf(row);
  const perSeller = (binding.rate * binding.count) / row.sellers;
  const backlog = Math.ceil(binding.burst + perSeller * BACKLOG_SECONDS + LEAST_BACKLOG);
  const sellers = Array.from({ length: row.sellers }, (_, i) => ({
    group: `seller-${i}`,
    buckets: bucketsOf(row, `${i}`),
    backlog,
    isRefilled: true,
  }));
  return play({ sellers, limits: limitsOf(sellers), forMs, seed, warmUpMs, ...(pacerOf && { pacerOf }) });
}

export function utilisationOf(row: Row, outcome: Outcome, forMs: number): number {
  const { binding } = settingOf(row);
  return outcome.calls / ((forMs / 1000) * binding.rate * binding.count);
}

/** Jain's index of what each got: 1 where all got the same. */
export function jainOf(counts: readonly number[]): number {
  const sum = counts.reduce((total, n) => total + n, 0);
  const squares = counts.reduce((total, n) => total + n * n, 0);
  return squares === 0 ? 0 : sum ** 2 / (counts.length * squares);
}

/** The mean wait of sellers who call seldom, beside one with a million messages, by their mean wait alone. */
async function quietRatio(row: Row, seed: string): Promise<number | null> {
  const own = row.own ? row.own.ratePerSecond / (row.own.cost ?? 1) : Number.POSITIVE_INFINITY;
  const shared = row.shared ? row.shared.ratePerSecond / (row.shared.cost ?? 1) / QUIET_SELLERS : own;
  const everyMs = Math.max(QUIET_EVERY_MS, 1000 / (Math.min(own, shared) * QUIET_SHARE));
  const forMs = Math.min(MOST_QUIET_MS, Math.max(HOUR_MS, LEAST_QUIET_CALLS * everyMs));
  const quiet: Seller[] = Array.from({ length: QUIET_SELLERS }, (_, i) => ({
    group: `quiet-${i}`,
    buckets: bucketsOf(row, `quiet-${i}`),
    backlog: 0,
    everyMs,
  }));
  const loud: Seller = { group: 'loud', buckets: bucketsOf(row, 'loud'), backlog: MILLION };
  const meanOf = async (sellers: Seller[]): Promise<number> => {
    const outcome = await play({ sellers, limits: limitsOf(sellers), forMs, seed, warmUpMs: WARM_UP_MS });
    const waits = [...outcome.waits.values()].flat();
    return waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
  };
  const alone = await meanOf(quiet);
  const beside = await meanOf([loud, ...quiet]);
  return Number.isNaN(alone) ? null : beside / alone;
}

/** One row of the bench. `log` is told how far it is. */
export async function measure(row: Row, hours: number, log: (text: string) => void = () => {}): Promise<Measured> {
  const { binding } = settingOf(row);
  const forMs = hours * HOUR_MS;
  const startedAt = performance.now();
  const outcome = await saturate(row, forMs, `${row.limit} saturated`);
  const saturatedAt = performance.now();
  const ratio = await quietRatio(row, `${row.limit} quiet`);
  const seconds = (from: number, to: number): string => `${((to - from) / 1000).toFixed(0)} s`;
  log(`${row.limit}: ${seconds(startedAt, saturatedAt)} + ${seconds(saturatedAt, performance.now())}`);
  return {
    limit: row.limit,
    rate: round(binding.rate, 4),
    burst: round(binding.burst, 1),
    sellers: row.sellers,
    bound: round(boundOf(binding), 4),
    utilisation: round(utilisationOf(row, outcome, forMs), 4),
    calls: outcome.calls,
    throttled: outcome.throttled,
    writesPerCall: round(outcome.writes / outcome.calls, 4),
    rowsPerCall: round(outcome.rows / outcome.calls, 4),
    maxReceives: outcome.maxReceives,
    deadLetters: outcome.deadLetters,
    quietSellerDelayRatio: ratio === null ? null : round(ratio, 3),
    jain: round(jainOf([...outcome.byGroup.values()]), 4),
  };
}

export const round = (value: number, digits: number): number => Number(value.toFixed(digits));
