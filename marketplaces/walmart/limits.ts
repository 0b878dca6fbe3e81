import type { BucketScope, Limit, Limits } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';

/** Calls of the token endpoint. */
export type TokenOperation = 'exchangeCode' | 'refreshToken';

export type Operation =
  | TokenOperation
  | 'getOrders'
  | 'getOrdersNext'
  | 'getOrder'
  | 'acknowledgeOrder'
  | 'shipOrder'
  | 'updateInventory'
  | 'updateNodeInventory'
  | 'listSubscriptions'
  | 'createSubscription'
  | 'updateSubscription';

const PUBLISHED = 'developer.walmart.com, Rate limiting, as of April 2026';
const TOKEN_SOURCE = 'chosen: Walmart publishes no limit of token calls, and clients of it keep to 30 a minute';

/**
 * Share of a minute's calls that may go at once, ours. Walmart speaks of token buckets but not of their size, so no
 * minute, wherever it begins, gets more than the published number: rate × 60 + burst = calls.
 */
const BURST_SHARE = 0.1;

const getOrders = perMinute('getOrders', 5000);

const LIMITS: Record<Operation, Limit> = {
  exchangeCode: perMinute('exchangeCode', 30, { scope: 'app', source: TOKEN_SOURCE }),
  refreshToken: perMinute('refreshToken', 30, { source: TOKEN_SOURCE }),
  getOrders,
  getOrdersNext: getOrders,
  getOrder: perMinute('getOrder', 5000),
  acknowledgeOrder: perMinute('acknowledgeOrder', 60),
  shipOrder: perMinute('shipOrder', 60),
  updateInventory: perMinute('updateInventory', 200),
  updateNodeInventory: perMinute('updateNodeInventory', 200),
  listSubscriptions: perMinute('listSubscriptions', 50),
  createSubscription: perMinute('createSubscription', 200),
  updateSubscription: perMinute('updateSubscription', 5),
};

/** wait after a 429 that names no time, ms; chosen: every published bucket here refills within a minute */
const DEFAULT_PAUSE_MS = 60_000;
/** shortest wait after a refusal, ms; chosen, so that a time that is past, or a clock ahead, makes no hot loop */
const MIN_PAUSE_MS = 1_000;
/** longest wait that is taken from an answer, ms; chosen, five times the period of the buckets */
const MAX_PAUSE_MS = 300_000;
/** A replenishment time below this is in seconds (until the year 5138), not in ms (until 1973). */
const LEAST_MS = 100_000_000_000;

/** Is this a call of the token endpoint, which answers in OAuth's words? */
export function isTokenOperation(operation: string): operation is TokenOperation {
  return operation === 'exchangeCode' || operation === 'refreshToken';
}

/** How long a refusal asks to wait, ms. */
export function pauseMs({ headers }: HttpResponse): number {
  const seconds = headers['retry-after'] ?? '';
  const asked = /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : untilReplenished(headers);
  return Math.min(Math.max(asked ?? DEFAULT_PAUSE_MS, MIN_PAUSE_MS), MAX_PAUSE_MS);
}

/** Time till the bucket holds a token again; by the marketplace's own clock, which `Date` tells. */
function untilReplenished(headers: Record<string, string>): number | undefined {
  const written = headers['x-next-replenishment-time'] ?? headers['x-next-replenish-time'] ?? '';
  const number = /^\d{1,15}$/.test(written) ? Number(written) : undefined;
  const at = number === undefined ? Date.parse(written) : number < LEAST_MS ? number * 1000 : number;
  const waitMs = at - Date.parse(headers.date ?? '');
  return Number.isNaN(waitMs) ? undefined : waitMs;
}

export const limits: Limits = {
  forOperation: (operation) => [limitOf(operation)],

  learn(response, operation) {
    const { bucket } = limitOf(operation);
    const count = response.headers['x-current-token-count'] ?? '';
    return [
      ...(/^\d{1,9}$/.test(count) ? [{ bucket, available: Number(count) }] : []),
      ...(response.status === 429 ? [{ bucket, blockedForMs: pauseMs(response) }] : []),
    ];
  },
};

/** Walmart counts each API by itself, for each seller, and apart for each of its solution providers. */
function perMinute(
  bucket: string,
  calls: number,
  { scope = 'app-and-connection', source = PUBLISHED }: { scope?: BucketScope; source?: string } = {},
): Limit {
  const burst = Math.max(1, calls * BURST_SHARE);
  return { bucket, scope, ratePerSecond: (calls - burst) / 60, burst, source: `${source}: ${calls} a minute` };
}

function limitOf(operation: string): Limit {
  if (Object.hasOwn(LIMITS, operation)) return LIMITS[operation as Operation];
  throw new Failure('permanent', `Walmart has no operation ${operation}`, { code: 'unknown-operation' });
}
