import type { Limit, Limits } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readEnvelope } from './answer.ts';

/** Calls of the token endpoint. */
export type TokenOperation = 'exchangeCode' | 'refreshToken';

export type Operation =
  | TokenOperation
  | 'getOrders'
  | 'getOrder'
  | 'getOrderItems'
  | 'updateStock'
  | 'getShipmentProviders'
  | 'packOrder'
  | 'readyToShip';

/**
 * Lazada publishes one rate, that of stock, and a quota a day. It does not say how it counts a second, so no second,
 * wherever it begins, gets more than the number: rate + burst = calls. Each burst covers the half second of spread that
 * the budgets reckon with (burst > rate / 2), or calls would have to be spaced.
 */
const STOCK: Limit = {
  bucket: 'stock',
  scope: 'app-and-connection',
  ratePerSecond: 32,
  burst: 18,
  source: 'Lazada Open Platform, inventory API best practice: 50 a second for a seller',
};

/** At most 60 × 86,400 = 5.2 million calls a day. An app still in test has 10,000, which is for its operator to heed. */
const APP: Limit = {
  bucket: 'app',
  scope: 'app',
  ratePerSecond: 60,
  burst: 40,
  source: 'chosen, within the 10,000,000 calls a day of an online app, Lazada Open Platform, API call limits',
};

const LIMITS: Record<Operation, Limit> = {
  exchangeCode: ofApi('token', { ratePerSecond: 6, burst: 4 }),
  refreshToken: ofApi('token', { ratePerSecond: 6, burst: 4 }),
  getOrders: ofApi('getOrders'),
  getOrder: ofApi('getOrder'),
  getOrderItems: ofApi('getOrderItems'),
  updateStock: STOCK,
  getShipmentProviders: ofApi('getShipmentProviders'),
  packOrder: ofApi('packOrder'),
  readyToShip: ofApi('readyToShip'),
};

/** A call too many: of the API, of the service behind it, and E901 "too frequent" of the product APIs. */
const THROTTLED_CODES: readonly string[] = ['ApiCallLimit', 'ServiceCurrentlimit', '901'];

/** wait after a refusal that names no time, ms: what Lazada asks after E901, and the usual ban */
const DEFAULT_PAUSE_MS = 1_000;
/** longest wait that is taken from an answer, ms; ours: a ban for the rest of a day is asked about once an hour */
const MAX_PAUSE_MS = 3_600_000;

/** Is this a call of the token endpoint? */
export function isTokenOperation(operation: string): operation is TokenOperation {
  return operation === 'exchangeCode' || operation === 'refreshToken';
}

/** How long an answer asks to wait, ms ("this ban will last 1 seconds"); undefined if it refuses no call as one too many. */
export function pauseMs(response: HttpResponse): number | undefined {
  const { code = '0', message = '' } = readEnvelope(response) ?? {};
  if (response.status !== 429 && !THROTTLED_CODES.includes(code)) return undefined;
  const [, seconds] = /will last (?:for )?(\d{1,6})\b/i.exec(message) ?? [];
  const asked = seconds === undefined ? DEFAULT_PAUSE_MS : Number(seconds) * 1000;
  return Math.min(Math.max(asked, DEFAULT_PAUSE_MS), MAX_PAUSE_MS);
}

export const limits: Limits = {
  forOperation: (operation) => [limitOf(operation), APP],

  /** A ban is one of the API alone. No answer states a rate, so none is learned. */
  learn(response, operation) {
    const blockedForMs = pauseMs(response);
    return blockedForMs === undefined ? [] : [{ bucket: limitOf(operation).bucket, blockedForMs }];
  },
};

/** Lazada says that each API has a limit a second, but neither which nor for whom: the strictest reading is the app's. */
function ofApi(bucket: string, { ratePerSecond, burst } = { ratePerSecond: 12, burst: 8 }): Limit {
  const source = `chosen: Lazada publishes no rate of this API; ${ratePerSecond + burst} a second for all sellers`;
  return { bucket, scope: 'app', ratePerSecond, burst, source };
}

function limitOf(operation: string): Limit {
  if (Object.hasOwn(LIMITS, operation)) return LIMITS[operation as Operation];
  throw new Failure('permanent', `Lazada has no operation ${operation}`, { code: 'unknown-operation' });
}
