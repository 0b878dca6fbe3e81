import { z } from 'zod';
import { Failure, type FailureDetails, type FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { parseAnswer, readAnswer, unreadable } from './answer.ts';
import { type ApiOperation, isApiOperation, isTokenOperation, refillMs } from './limits.ts';

/** A page token that Amazon no longer takes: the only failure whose cure is to start the window anew. */
export const PAGE_TOKEN_EXPIRED = 'page-token-expired';

/** wait after a throttled token call, ms; chosen, since Login with Amazon documents neither a limit nor a header */
const TOKEN_THROTTLED_MS = 10_000;

/** Client errors that say nothing about the request itself, so that it may succeed later. */
const TRANSIENT_STATUSES: readonly number[] = [408, 425];

/** Refusals that the reader of the answer takes as an outcome: of one line, or that something is not there. */
const OUTCOMES: ReadonlyMap<string, readonly number[]> = new Map<ApiOperation, readonly number[]>([
  ['patchListingsItem', [400, 404]],
  ['getListingsItem', [400, 404]],
  ['confirmShipment', [400, 404]],
  ['getSubscription', [404]],
  ['deleteSubscriptionById', [404]],
  ['getMarketplaceParticipations', [403]],
]);

const anyObject = z.looseObject({});

/** Amazon's ErrorList. Some fields come as null (`"message": null`). */
const errorList = z.object({
  errors: z
    .array(z.object({ code: z.string().nullish(), message: z.string().nullish(), details: z.string().nullish() }))
    .min(1),
});

/** RFC 6749 §5.2, in Login with Amazon's words. */
const oauthError = z.object({ error: z.string() });

// Of the codes that the official SDK lists, only two are worth a retry.
const oauthErrors: ReadonlyMap<string, readonly [FailureKind, string]> = new Map([
  ['invalid_grant', ['permanent', 'grant-dead']],
  ['invalid_client', ['permanent', 'app-credentials-refused']],
  ['unauthorized_client', ['permanent', 'app-credentials-refused']],
  ['access_denied', ['permanent', 'token-access-denied']],
  ['invalid_request', ['permanent', 'token-invalid-request']],
  ['invalid_scope', ['permanent', 'token-invalid-scope']],
  ['server_error', ['retryable', 'token-server-error']],
  ['temporarily_unavailable', ['retryable', 'token-temporarily-unavailable']],
]);

/** What an answer of the API or of the token endpoint means, or undefined for a success. */
export function readFailure(response: HttpResponse, operation: string): Failure | undefined {
  const { status } = response;
  const fail = (kind: FailureKind, details: FailureDetails) => failureOf(response, operation, kind, details);

  if (status >= 200 && status < 300) {
    // Its success is HTTP 204 without a body, and nothing else.
    if (operation === ('confirmShipment' satisfies ApiOperation)) {
      return status === 204 ? undefined : unreadable(response, 'not as documented');
    }
    const answer = parseAnswer(response, anyObject);
    return answer instanceof Failure ? answer : undefined;
  }
  if (status === 429) {
    const retryAfterMs = isApiOperation(operation) ? refillMs(operation) : TOKEN_THROTTLED_MS;
    return fail('throttled', { code: 'http-429', retryAfterMs });
  }
  // A server in trouble is not believed about grants or orders, whatever its body says.
  if (status < 400 || status >= 500 || TRANSIENT_STATUSES.includes(status)) {
    return fail('retryable', { code: `http-${status}` });
  }
  if (isTokenOperation(operation)) {
    const answer = parseAnswer(response, oauthError);
    if (answer instanceof Failure) return answer;
    const [kind, code] = oauthErrors.get(answer.error) ?? ['retryable', `http-${status}`];
    return fail(kind, { code });
  }
  const answer = parseAnswer(response, errorList);
  if (answer instanceof Failure) return answer;
  const words = answer.errors.flatMap((error) => [error.code, error.message, error.details]).join(' ');
  const [kind, details] = readClientError(status, operation, words);
  const isOutcome = kind === 'permanent' && OUTCOMES.get(operation)?.includes(status);
  return isOutcome ? undefined : fail(kind, details);
}

/** Amazon's word for what it refused, such as `InvalidInput`; undefined if the answer is a success. */
export function refusalOf(response: HttpResponse): string | undefined {
  return response.status < 400 ? undefined : (readAnswer(response, errorList).errors[0]?.code ?? '');
}

/** A refusal for people: Amazon's own word if it is one, and never its sentences, which may quote what was sent. */
export function refusalAs(word: string, what: string): { code: string; message: string } {
  const code = /^\w{1,64}$/.test(word) ? word : 'refused';
  return { code, message: `Amazon refused ${what}: ${code}` };
}

function readClientError(status: number, operation: string, words: string): [FailureKind, { code: string }] {
  if (status === 401 || status === 403) {
    // An expired, revoked or malformed token says so in its details; a role that the app lacks says nothing there.
    const tokenRefused = /expired|revoked/i.test(words);
    return tokenRefused ? ['auth', { code: 'access-token-refused' }] : ['permanent', { code: 'access-denied' }];
  }
  if (status === 404) return ['permanent', { code: operation === 'getOrder' ? 'order-not-found' : 'not-found' }];
  // "The paginationToken you have submitted is not valid. […]", amzn/selling-partner-api-sdk issue 717
  if (status === 400 && operation === 'searchOrders' && /token/i.test(words)) {
    return ['permanent', { code: PAGE_TOKEN_EXPIRED }];
  }
  // Somebody else made the same meanwhile: what is there now, the next look tells.
  if (status === 409) return ['retryable', { code: 'http-409' }];
  return ['permanent', { code: `http-${status}` }];
}

/** Amazon's support asks for the request id. The body's own words stay out of it: they may quote what was sent. */
function failureOf(response: HttpResponse, operation: string, kind: FailureKind, details: FailureDetails): Failure {
  const requestId = response.headers['x-amzn-requestid'];
  const request = requestId ? ` (request id ${requestId})` : '';
  return new Failure(kind, `Amazon answered ${operation} with HTTP ${response.status}${request}`, details);
}
