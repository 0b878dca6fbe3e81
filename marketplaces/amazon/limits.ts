import type { Limit, Limits } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';

/** Calls of the Selling Partner API; each has a bucket of its own, named as the operation. */
export type ApiOperation = 'searchOrders' | 'getOrder';
/** Calls of Login with Amazon's token endpoint. */
export type TokenOperation = 'exchangeCode' | 'refreshToken';

// Every bucket is counted for the pair of selling partner account and application:
// https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
const apiLimits: Record<ApiOperation, Limit> = {
  searchOrders: {
    bucket: 'searchOrders',
    scope: 'app-and-connection',
    ratePerSecond: 0.0056,
    burst: 20,
    source: 'Orders API v2026-01-01 model, usage plan of searchOrders',
  },
  getOrder: {
    bucket: 'getOrder',
    scope: 'app-and-connection',
    ratePerSecond: 0.5,
    burst: 30,
    source: 'Orders API v2026-01-01 model, usage plan of getOrder',
  },
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
  return operation === 'exchangeCode' || operation === 'refreshToken';
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
