import type { Limit, Limits } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readEnvelope } from './body.ts';

/**
 * Shopee publishes no number. One developer reports about 100 calls a second as steady, with throttling that adapts
 * above (JimCurryWang/python-shopee #54, 2024). These stay well below: in any second at most rate + burst calls.
 */
const SOURCE = 'own choice: Shopee publishes no rate; developers report about 100 a second for an app';

// The budgets keep half a second's worth of a burst in reserve (budgets.ts), so a burst must be larger than that.
const APP: Limit = { bucket: 'app', scope: 'app', ratePerSecond: 50, burst: 45, source: SOURCE };
const SHOP: Limit = { bucket: 'shop', scope: 'connection', ratePerSecond: 10, burst: 10, source: SOURCE };

/** how long to pause after `error_rate_limit`, ms; own choice, as the answer names no time */
const RATE_LIMIT_PAUSE_MS = 2_000;
/** how long to pause after `error_limit` in an answer without a Date, ms; own choice */
const QUOTA_PAUSE_MS = 3_600_000;
const DAY_MS = 24 * 3_600_000;
/** The daily quota begins anew at 00:00 UTC+8, Shopee Open Platform common error list, `error_limit` */
const QUOTA_ZONE_MS = 8 * 3_600_000;

const TOKEN_OPERATIONS = ['exchangeCode', 'refreshToken'] as const;
const PUSH_OPERATIONS = [
  'getAppPushConfig',
  'setAppPushConfig',
  'getLostPushMessage',
  'confirmConsumedLostPushMessage',
] as const;

export type Operation =
  | (typeof TOKEN_OPERATIONS)[number]
  | (typeof PUSH_OPERATIONS)[number]
  | 'getOrderList'
  | 'getOrderDetail'
  | 'updateStock'
  | 'getShippingParameter'
  | 'shipOrder'
  | 'getTrackingNumber';

export function isTokenOperation(operation: string): boolean {
  return (TOKEN_OPERATIONS as readonly string[]).includes(operation);
}

/** Calls for tokens and about pushes are the app's own, not a shop's. */
function isOfApp(operation: string): boolean {
  return isTokenOperation(operation) || (PUSH_OPERATIONS as readonly string[]).includes(operation);
}

/** How long an answer asks to pause, ms; undefined if it does not. */
export function pauseMs(error: string, response: HttpResponse): number | undefined {
  if (error === 'error_rate_limit') return RATE_LIMIT_PAUSE_MS;
  if (error !== 'error_limit') return undefined;
  const answeredAt = Date.parse(response.headers.date ?? '');
  return Number.isNaN(answeredAt) ? QUOTA_PAUSE_MS : DAY_MS - ((answeredAt + QUOTA_ZONE_MS) % DAY_MS);
}

export const limits: Limits = {
  forOperation: (operation) => (isOfApp(operation) ? [APP] : [SHOP, APP]),

  /**
   * No answer states a rate, so none is learned: a refusal pauses the narrowest bucket that it may mean, and the pauses
   * set the pace. The daily quota is the app's.
   */
  learn(response, operation) {
    const error = throttleError(response);
    const blockedForMs = pauseMs(error, response);
    if (blockedForMs === undefined) return [];
    const ofApp = error === 'error_limit' || isOfApp(operation);
    return [{ bucket: ofApp ? APP.bucket : SHOP.bucket, blockedForMs }];
  },
};

/** The `error` of an answer, or what a bare 429 from the gateway stands for. */
function throttleError(response: HttpResponse): string {
  const envelope = readEnvelope(response);
  if (envelope) return envelope.error;
  return response.status === 429 ? 'error_rate_limit' : '';
}
