import { z } from 'zod';
import { Failure, type FailureDetails, type FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { parseBody, unreadable } from './answer.ts';
import { isTokenOperation, type Operation, pauseMs } from './limits.ts';

/** A cursor that Walmart no longer takes: the only failure whose cure is to start the window anew. */
export const PAGE_TOKEN_EXPIRED = 'page-token-expired';

/** Calls whose refusal their own reader takes as an outcome: of one line, or of a shipment that may be there already. */
const REFUSED_AS_OUTCOME: readonly string[] = [
  'updateInventory',
  'updateNodeInventory',
  'acknowledgeOrder',
  'shipOrder',
] satisfies Operation[];
const REFUSALS: readonly number[] = [400, 404, 409, 422];

/** Lists that Walmart may answer with 404 when there is nothing in them. */
const LISTS: readonly string[] = ['getOrders', 'listSubscriptions'] satisfies Operation[];
const EMPTY_LIST_CODES: readonly string[] = ['CONTENT_NOT_FOUND', 'NOT_FOUND'];

const THROTTLED_CODES: readonly string[] = ['RATE_LIMIT_EXCEEDED', 'REQUEST_THRESHOLD_VIOLATED'];
/** Client errors that say nothing about the request itself; 423 is a locked resource. */
const TRANSIENT_STATUSES: readonly number[] = [408, 423, 425];

const error = z.object({ code: z.string(), category: z.string().nullish(), description: z.string().nullish() });
const object = z.looseObject({});

/** The documented body, the gateway's with its other root key, RFC 6749's, and RFC 9457's problem+json. */
const errorBody = z.union([
  z.object({ errors: z.array(error).min(1) }).transform((body) => body.errors),
  z.object({ error: z.array(error).min(1) }).transform((body) => body.error),
  z.object({ error: z.string() }).transform((body) => [{ code: body.error, category: null, description: null }]),
  z.object({ title: z.string(), status: z.int() }).transform(() => [{ code: '', category: null, description: null }]),
]);

/** RFC 6749 §5.2. Walmart has published no body of a refused refresh token, so these words are taken by the standard. */
const TOKEN_ERRORS: ReadonlyMap<string, string> = new Map([
  ['invalid_grant', 'grant-dead'],
  ['invalid_client', 'app-credentials-refused'],
  ['unauthorized_client', 'app-credentials-refused'],
  ['invalid_request', 'token-request-refused'],
  ['invalid_scope', 'token-request-refused'],
  ['unsupported_grant_type', 'token-request-refused'],
]);

/** Walmart's word for what it refused, such as `INVALID_SKU`; undefined if the answer is a success or not understood. */
export function refusalOf(response: HttpResponse): string | undefined {
  return REFUSALS.includes(response.status) ? errorsOf(response)?.[0]?.word : undefined;
}

/** A refusal for people: Walmart's own word if it is one, and never its sentences, which may quote what was sent. */
export function refusalAs(word: string, what: string): { code: string; message: string } {
  const code = /^[A-Z][A-Z0-9_]{0,63}$/i.test(word) ? word : 'refused';
  return { code, message: `Walmart refused ${what}: ${code}` };
}

/** Is this the answer of a list that holds nothing? */
export function isEmptyList(response: HttpResponse): boolean {
  const word = response.status === 404 ? errorsOf(response)?.[0]?.word : undefined;
  return word !== undefined && EMPTY_LIST_CODES.includes(word);
}

/** What an answer of the API or of the token endpoint means, or undefined for a success. */
export function readFailure(response: HttpResponse, operation: string): Failure | undefined {
  const { status } = response;
  const fail = (kind: FailureKind, code: string, details: Omit<FailureDetails, 'code'> = {}): Failure =>
    new Failure(kind, `Walmart answered ${operation} with HTTP ${status}`, { code, ...details });

  // 206 SOME_CONTENT_NOT_FOUND: a part of a list is never taken for the whole.
  if (status === 206) return fail('retryable', 'partial-answer');
  if (status >= 200 && status < 300) {
    return object.safeParse(parseBody(response)).success ? undefined : unreadable(response, 'no whole JSON object');
  }
  if (status === 429) return fail('throttled', 'http-429', { retryAfterMs: pauseMs(response) });
  // A server in trouble is not believed about grants or orders, whatever its body says.
  if (status < 400 || status >= 500 || TRANSIENT_STATUSES.includes(status)) return fail('retryable', `http-${status}`);

  const errors = errorsOf(response);
  if (!errors) return unreadable(response, 'no error as documented');
  if (errors.some(({ word }) => THROTTLED_CODES.includes(word))) {
    return fail('throttled', 'http-429', { retryAfterMs: pauseMs(response) });
  }
  if (errors.some(({ category }) => category === 'SYSTEM')) return fail('retryable', `http-${status}`);
  if (isTokenOperation(operation)) return fail('permanent', tokenErrorCode(errors));
  if (status === 401 || errors.some(({ word }) => word === 'UNAUTHORIZED')) return fail('auth', 'access-token-refused');
  if (status === 403) return fail('permanent', 'access-denied');
  if (REFUSED_AS_OUTCOME.includes(operation) && REFUSALS.includes(status)) return undefined;
  if (LISTS.includes(operation) && isEmptyList(response)) return undefined;
  // The cursor is all that such a call holds, so it is what was refused.
  if (operation === ('getOrdersNext' satisfies Operation)) return fail('permanent', PAGE_TOKEN_EXPIRED);
  if (status === 404) return fail('permanent', operation === 'getOrder' ? 'order-not-found' : 'not-found');
  return fail('permanent', `http-${status}`);
}

type ApiError = { word: string; category: string | null | undefined; description: string | null | undefined };

/** The errors of an answer, each code up to its first dot: behind it stands the service that says so. */
function errorsOf(response: HttpResponse): ApiError[] | undefined {
  const { data } = errorBody.safeParse(parseBody(response));
  return data?.map(({ code, category, description }) => ({ word: code.split('.')[0] ?? '', category, description }));
}

/**
 * A refusal in Walmart's own form names no grant, unless by its words. Not knowing, it is taken for the app's
 * credentials, which an operator looks at: a thousand sellers asked to consent again for nothing would be worse.
 */
function tokenErrorCode(errors: readonly ApiError[]): string {
  const known = errors.map(({ word }) => TOKEN_ERRORS.get(word)).find((code) => code !== undefined);
  if (known !== undefined) return known;
  const ofGrant = errors.some(({ word, description }) =>
    /refresh|grant|authorization code/i.test(`${word} ${description}`),
  );
  return ofGrant ? 'grant-dead' : 'app-credentials-refused';
}
