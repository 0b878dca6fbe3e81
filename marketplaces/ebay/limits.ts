import type { Limit, Limits } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { readThrottleMs } from './failure.ts';

/**
 * eBay counts calls from midnight to midnight US Pacific: at most 25 h, when summer time ends. 5 minutes more (ours)
 * cover calls that are booked on one day and counted on the next: latency and clock skew.
 */
const LONGEST_DAY_SECONDS = 25 * 3600 + 300;

/** Share of a day's quota that may go at once, ours; the rest is spread over the day. */
const BURST_SHARE = 0.01;

const CALL_LIMITS = 'developer.ebay.com, API call limits';
const TOKEN_LIMITS = 'developer.ebay.com, OAuth rate limits';

export type Operation =
  | 'exchangeCode'
  | 'refreshToken'
  | 'appToken'
  | 'getUser'
  | 'getOrders'
  | 'getShippingFulfillments'
  | 'createShippingFulfillment'
  | 'bulkUpdatePriceQuantity'
  | 'getPublicKey'
  | 'updateConfig'
  | 'getDestinations'
  | 'createDestination'
  | 'updateDestination'
  | 'getSubscriptions'
  | 'createSubscription'
  | 'createAppSubscription'
  | 'updateSubscription'
  | 'enableSubscription';

const order = perDay('fulfillment-order', 100_000, CALL_LIMITS);
const notification = perDay('notification', 10_000, CALL_LIMITS);

// eBay counts the revisions of each listing too, 250 a day: there is no bucket of a listing, so its refusal is an outcome.
const LIMITS: Record<Operation, Limit> = {
  exchangeCode: perDay('token-authorization-code', 10_000, TOKEN_LIMITS),
  refreshToken: perDay('token-refresh-token', 50_000, TOKEN_LIMITS),
  appToken: perDay('token-client-credentials', 1_000, TOKEN_LIMITS),
  getUser: perDay('identity', 1_000, 'chosen, as eBay lists none for the Identity API and only a new consent calls it'),
  getOrders: order,
  getShippingFulfillments: order,
  createShippingFulfillment: order,
  bulkUpdatePriceQuantity: perDay('inventory', 2_000_000, CALL_LIMITS),
  getPublicKey: notification,
  updateConfig: notification,
  getDestinations: notification,
  createDestination: notification,
  updateDestination: notification,
  getSubscriptions: notification,
  createSubscription: notification,
  createAppSubscription: notification,
  updateSubscription: notification,
  enableSubscription: notification,
};

export const limits: Limits = {
  forOperation(operation) {
    return [limitOf(operation)];
  },

  learn(response, operation) {
    const blockedForMs = readThrottleMs(response);
    return blockedForMs === undefined ? [] : [{ bucket: limitOf(operation).bucket, blockedForMs }];
  },
};

/** A bucket that can't exceed the quota in any day, wherever the day begins: rate × day + burst = quota. */
function perDay(bucket: string, quota: number, source: string): Limit {
  const burst = quota * BURST_SHARE;
  return {
    bucket,
    scope: 'app',
    ratePerSecond: (quota - burst) / LONGEST_DAY_SECONDS,
    burst,
    source: `${source}: ${quota} a day and application`,
  };
}

function limitOf(operation: string): Limit {
  if (Object.hasOwn(LIMITS, operation)) return LIMITS[operation as Operation];
  throw new Failure('permanent', `no eBay limit is known for ${operation}`, { code: 'unknown-operation' });
}
