import type { Limit, Limits } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';

/** Calls of the token endpoint. */
export type TokenOperation = 'exchangeCode' | 'refreshToken';

export type Operation =
  | TokenOperation
  | 'getUser'
  | 'searchOrders'
  | 'getOrder'
  | 'getShipment'
  | 'notifyShipment'
  | 'getItem'
  | 'updateItem'
  | 'getUserProductStock'
  | 'updateUserProductStock'
  | 'getMissedFeeds';

/** calls a minute that third parties see refused beyond; Mercado Libre publishes no number */
const CALLS_PER_MINUTE = 1_500;
/** calls a minute of the token endpoint, ours: nobody names a number, and a seller needs four a day */
const TOKEN_CALLS_PER_MINUTE = 30;
/** Share of a minute's calls that may go at once, ours. No minute, wherever it begins, gets more than the number. */
const BURST_SHARE = 0.1;

/**
 * Third parties speak of 1,500 calls a minute for each seller, Mercado Libre of limits that mostly go by application. So
 * the number is taken for the whole application, and a 429 teaches the rest.
 */
const API = perMinute('api', CALLS_PER_MINUTE, 'third parties: 1,500 a minute; taken for the whole application');
const TOKEN = perMinute('token', TOKEN_CALLS_PER_MINUTE, 'chosen: Mercado Libre publishes none; 30 a minute');

const LIMITS: Record<Operation, Limit> = {
  exchangeCode: TOKEN,
  refreshToken: TOKEN,
  getUser: API,
  searchOrders: API,
  getOrder: API,
  getShipment: API,
  notifyShipment: API,
  getItem: API,
  updateItem: API,
  getUserProductStock: API,
  updateUserProductStock: API,
  getMissedFeeds: API,
};

/** wait after a 429 that names no time, ms; ours, the period that third parties say is counted */
const DEFAULT_PAUSE_MS = 60_000;
/** shortest and longest wait that is taken from an answer, ms; ours */
const MIN_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 300_000;

/** Is this a call of the token endpoint, which answers in OAuth's words? */
export function isTokenOperation(operation: string): operation is TokenOperation {
  return operation === 'exchangeCode' || operation === 'refreshToken';
}

/** How long a refusal asks to wait, ms. */
export function pauseMs({ headers }: HttpResponse): number {
  const seconds = headers['retry-after'] ?? '';
  const asked = /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : DEFAULT_PAUSE_MS;
  return Math.min(Math.max(asked, MIN_PAUSE_MS), MAX_PAUSE_MS);
}

export const limits: Limits = {
  forOperation: (operation) => [limitOf(operation)],

  /** No answer states a rate, so none is learned. */
  learn(response, operation) {
    return response.status === 429 ? [{ bucket: limitOf(operation).bucket, blockedForMs: pauseMs(response) }] : [];
  },
};

function perMinute(bucket: string, calls: number, source: string): Limit {
  const burst = calls * BURST_SHARE;
  return { bucket, scope: 'app', ratePerSecond: (calls - burst) / 60, burst, source };
}

function limitOf(operation: string): Limit {
  if (Object.hasOwn(LIMITS, operation)) return LIMITS[operation as Operation];
  throw new Failure('permanent', `Mercado Libre has no operation ${operation}`, { code: 'unknown-operation' });
}
