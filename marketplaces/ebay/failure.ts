import { z } from 'zod';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { errorsOf, parseBody, unreadable } from './answer.ts';
import type { Operation } from './limits.ts';
import { isOutcome } from './refusals.ts';

export const TOKEN_OPERATIONS: readonly string[] = ['exchangeCode', 'refreshToken', 'appToken'];

/** 60 s, ours: the pause after a 429 without Retry-After. eBay sends that header only sometimes. */
const DEFAULT_RETRY_AFTER_MS = 60_000;

/** Token endpoint errors that no retry mends (RFC 6749 §5.2); eBay's statuses vary, so the word decides. */
const TOKEN_ERROR_CODES: Record<string, string> = {
  invalid_grant: 'grant-dead',
  invalid_client: 'app-credentials-refused',
  unauthorized_client: 'app-credentials-refused',
  invalid_request: 'token-request-refused',
  invalid_scope: 'token-request-refused',
  unsupported_grant_type: 'token-request-refused',
};

const TOO_MANY_REQUESTS = 2001;
const INVALID_ACCESS_TOKEN = 1001;

/** Error ids of the Fulfillment and Notification APIs (their OpenAPI documents) that get a name of their own. */
const API_ERROR_CODES: Record<number, string> = {
  31000: 'page-token-refused', // invalid offset
  32100: 'order-not-found',
  195001: 'public-key-not-found',
  195003: 'alert-email-missing',
  195011: 'topic-not-authorized',
  195020: 'endpoint-challenge-failed',
};

/** What writes that answer without a body answer with, by eBay's OpenAPI documents; a page of a proxy is another answer. */
const WRITTEN: Partial<Record<Operation, number>> = {
  createShippingFulfillment: 201,
  createDestination: 201,
  createSubscription: 201,
  createAppSubscription: 201,
  updateConfig: 204,
  updateDestination: 204,
  updateSubscription: 204,
  enableSubscription: 204,
};

const tokenErrorBody = z.object({ error: z.string() });

/**
 * The failure that an eBay answer means; undefined for a 2xx as documented, whose body its reader checks, and for a refusal
 * that is an outcome. Messages carry the status and the error id only, since eBay's own texts may quote what was sent.
 */
export function readFailure(response: HttpResponse, operation: string): Failure | undefined {
  if (isSuccess(response)) {
    const written = WRITTEN[operation as Operation] ?? response.status;
    return written === response.status ? undefined : unreadable(`outcome of ${operation}`);
  }
  return TOKEN_OPERATIONS.includes(operation) ? readTokenFailure(response) : readApiFailure(response, operation);
}

/** How long a 429 asks to wait, ms; undefined for any other answer. */
export function readThrottleMs(response: HttpResponse): number | undefined {
  if (isSuccess(response)) return undefined;
  const throttled = response.status === 429 || errorsOf(response).some((error) => error.errorId === TOO_MANY_REQUESTS);
  if (!throttled) return undefined;
  // Retry-After as a date would need a clock, so it counts as none.
  const seconds = response.headers['retry-after'] ?? '';
  return /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : DEFAULT_RETRY_AFTER_MS;
}

function isSuccess(response: HttpResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

function readTokenFailure(response: HttpResponse): Failure {
  const error = parseBody(response.body, tokenErrorBody)?.error ?? '';
  const code = Object.hasOwn(TOKEN_ERROR_CODES, error) ? TOKEN_ERROR_CODES[error] : undefined;
  if (code !== undefined) return new Failure('permanent', `eBay's token endpoint answered ${error}`, { code });
  return readThrottle(response) ?? retryable(response);
}

function readApiFailure(response: HttpResponse, operation: string): Failure | undefined {
  const throttle = readThrottle(response);
  if (throttle) return throttle;
  if (response.status >= 500) return retryable(response);

  const errors = errorsOf(response);
  if (response.status === 401 || errors.some((error) => error.errorId === INVALID_ACCESS_TOKEN)) {
    return new Failure('auth', 'eBay refused the access token', { code: 'access-token-refused' });
  }
  if (isOutcome(response, operation)) return undefined;
  const first = errors[0];
  if (!first || errors.some((error) => error.category === 'APPLICATION')) return retryable(response);

  const permanent = (code: string): Failure =>
    new Failure('permanent', `eBay refused ${operation}: HTTP ${response.status}, error ${first.errorId}`, { code });
  const named = errors.map((error) => API_ERROR_CODES[error.errorId]).find((code) => code !== undefined);
  if (named !== undefined) return permanent(named);
  if (response.status === 403) return permanent('access-denied');
  if (response.status === 404) return permanent(operation === 'getOrders' ? 'order-not-found' : 'not-found');
  const refused = errors.every((error) => error.category === 'REQUEST' || error.category === 'BUSINESS');
  return refused ? permanent(`ebay-${first.errorId}`) : retryable(response);
}

function readThrottle(response: HttpResponse): Failure | undefined {
  const retryAfterMs = readThrottleMs(response);
  if (retryAfterMs === undefined) return undefined;
  return new Failure('throttled', 'eBay throttled the call', { code: 'http-429', retryAfterMs });
}

function retryable(response: HttpResponse): Failure {
  return new Failure('retryable', `eBay answered HTTP ${response.status}`, { code: `http-${response.status}` });
}
