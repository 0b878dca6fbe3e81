import type { Limit, Limits } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';

/** Calls of the Selling Partner API; each has a bucket of its own, named as the operation. */
export type ApiOperation =
  | 'searchOrders'
  | 'getOrder'
  | 'confirmShipment'
  | 'patchListingsItem'
  | 'getListingsItem'
  | 'getSubscription'
  | 'createSubscription'
  | 'deleteSubscriptionById'
  | 'getMarketplaceParticipations';
/** Calls of Login with Amazon's token endpoint. */
export type TokenOperation = 'exchangeCode' | 'refreshToken' | 'appToken';

// https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
const apiLimits: Record<ApiOperation, Limit> = {
  searchOrders: usagePlan('searchOrders', 'Orders API v2026-01-01', { ratePerSecond: 0.0056, burst: 20 }),
  getOrder: usagePlan('getOrder', 'Orders API v2026-01-01', { ratePerSecond: 0.5, burst: 30 }),
  confirmShipment: usagePlan('confirmShipment', 'Orders API v0', { ratePerSecond: 2, burst: 10 }),
  patchListingsItem: usagePlan('patchListingsItem', 'Listings Items API v2021-08-01', { ratePerSecond: 5, burst: 5 }),
  getListingsItem: usagePlan('getListingsItem', 'Listings Items API v2021-08-01', { ratePerSecond: 5, burst: 10 }),
  getSubscription: usagePlan('getSubscription', 'Notifications API v1', { ratePerSecond: 1, burst: 5 }),
  createSubscription: usagePlan('createSubscription', 'Notifications API v1', { ratePerSecond: 1, burst: 5 }),
  deleteSubscriptionById: {
    ...usagePlan('deleteSubscriptionById', 'Notifications API v1', { ratePerSecond: 1, burst: 5 }),
    // It goes with the app's own token, so no seller is counted.
    scope: 'app',
  },
  getMarketplaceParticipations: usagePlan('getMarketplaceParticipations', 'Sellers API v1', {
    ratePerSecond: 0.016,
    burst: 15,
  }),
};

const tokenLimit: Limit = {
  bucket: 'token',
  scope: 'app',
  ratePerSecond: 5,
  burst: 5,
  source: 'chosen, since Login with Amazon documents none: 10,000 connections refreshed hourly make 2.8 calls a second',
};

/** Is this a call of the token endpoint, which answers in OAuth's words and not in the API's? */
export function isTokenOperation(operation: string): operation is TokenOperation {
  return operation === 'exchangeCode' || operation === 'refreshToken' || operation === 'appToken';
}

/** Is this a call of the Selling Partner API? */
export function isApiOperation(operation: string): operation is ApiOperation {
  return Object.hasOwn(apiLimits, operation);
}

/** How long after a 429 the operation's bucket holds a token again, ms: 1/rate, as Amazon sends no Retry-After. */
export function refillMs(operation: ApiOperation): number {
  return Math.ceil(1000 / apiLimits[operation].ratePerSecond);
}

export const limits: Limits = {
  forOperation(operation) {
    if (isTokenOperation(operation)) return [tokenLimit];
    if (isApiOperation(operation)) return [apiLimits[operation]];
    throw new Failure('permanent', `Amazon has no operation ${operation}`, { code: 'unknown-operation' });
  },

  /** The header tells the rate in force, which may differ from the documented one. */
  learn(response, operation) {
    if (!isApiOperation(operation)) return [];
    const { bucket } = apiLimits[operation];
    const ratePerSecond = Number(response.headers['x-amzn-ratelimit-limit']);
    return Number.isFinite(ratePerSecond) && ratePerSecond > 0 ? [{ bucket, ratePerSecond }] : [];
  },
};

/** Every bucket is counted for the pair of selling partner account and application. */
function usagePlan(operation: ApiOperation, api: string, plan: Pick<Limit, 'ratePerSecond' | 'burst'>): Limit {
  return {
    bucket: operation,
    scope: 'app-and-connection',
    ...plan,
    source: `${api} model, usage plan of ${operation}`,
  };
}
