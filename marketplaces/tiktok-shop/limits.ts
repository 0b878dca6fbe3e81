import type { Limit, Limits } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readEnvelope } from './answer.ts';

/** Calls of the token endpoint. */
export type TokenOperation = 'exchangeCode' | 'refreshToken';

export type Operation =
  | TokenOperation
  | 'getAuthorizedShops'
  | 'searchOrders'
  | 'searchOrdersNext'
  | 'getOrders'
  | 'updateInventory'
  | 'getShippingProviders'
  | 'shipPackage'
  | 'markPackageAsShipped'
  | 'getWebhooks'
  | 'updateWebhook';

/** calls a second of one API, for each app and shop; TikTok Shop Partner Center, "Rate limits" */
const CALLS_PER_SECOND = 50;
/**
 * Calls that may go at once, ours. TikTok does not say how it counts a second, so no second, wherever it begins, gets
 * more than the published number: rate + burst = calls. Large enough to cover the half second of spread that the
 * budgets reckon with (burst > rate / 2), or calls would have to be spaced.
 */
const BURST = 18;
/** calls a second of what belongs to no shop yet, ours: TikTok publishes none, and both are rare */
const CALLS_PER_SECOND_OF_APP = 10;
const BURST_OF_APP = 4;

const searchOrders = ofShop('searchOrders');

const LIMITS: Record<Operation, Limit> = {
  exchangeCode: ofApp('token'),
  refreshToken: ofApp('token'),
  getAuthorizedShops: ofApp('getAuthorizedShops'),
  searchOrders,
  searchOrdersNext: searchOrders,
  getOrders: ofShop('getOrders'),
  updateInventory: ofShop('updateInventory'),
  getShippingProviders: ofShop('getShippingProviders'),
  shipPackage: ofShop('shipPackage'),
  markPackageAsShipped: ofShop('markPackageAsShipped'),
  getWebhooks: ofShop('getWebhooks'),
  updateWebhook: ofShop('updateWebhook'),
};

/** The published code of a call too many, and one that developers see besides it. */
const THROTTLED_CODES: readonly number[] = [36009002, 36009037];

/** wait after a refusal that names no time, ms; ours, the period that calls are counted in */
const DEFAULT_PAUSE_MS = 1_000;
/** longest wait that is taken from an answer, ms; ours */
const MAX_PAUSE_MS = 300_000;

/** Is this a call of the token endpoint, which is not signed and has codes of its own? */
export function isTokenOperation(operation: string): operation is TokenOperation {
  return operation === 'exchangeCode' || operation === 'refreshToken';
}

/** How long an answer asks to wait, ms; undefined if it refuses no call as one too many. */
export function pauseMs(response: HttpResponse): number | undefined {
  const code = readEnvelope(response)?.code ?? 0;
  if (response.status !== 429 && !THROTTLED_CODES.includes(code)) return undefined;
  const seconds = response.headers['retry-after'] ?? '';
  const asked = /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : DEFAULT_PAUSE_MS;
  return Math.min(Math.max(asked, DEFAULT_PAUSE_MS), MAX_PAUSE_MS);
}

export const limits: Limits = {
  forOperation: (operation) => [limitOf(operation)],

  /** No answer states a rate, so none is learned. */
  learn(response, operation) {
    const blockedForMs = pauseMs(response);
    return blockedForMs === undefined ? [] : [{ bucket: limitOf(operation).bucket, blockedForMs }];
  },
};

function ofShop(bucket: string): Limit {
  return {
    bucket,
    scope: 'app-and-connection',
    ratePerSecond: CALLS_PER_SECOND - BURST,
    burst: BURST,
    source: `TikTok Shop Partner Center, "Rate limits": ${CALLS_PER_SECOND} a second`,
  };
}

function ofApp(bucket: string): Limit {
  return {
    bucket,
    scope: 'app',
    ratePerSecond: CALLS_PER_SECOND_OF_APP - BURST_OF_APP,
    burst: BURST_OF_APP,
    source: `chosen: TikTok Shop publishes none; ${CALLS_PER_SECOND_OF_APP} a second`,
  };
}

function limitOf(operation: string): Limit {
  if (Object.hasOwn(LIMITS, operation)) return LIMITS[operation as Operation];
  throw new Failure('permanent', `TikTok Shop has no operation ${operation}`, { code: 'unknown-operation' });
}
