import { Failure, type FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { type Envelope, readEnvelope } from './answer.ts';
import { isTokenOperation, type Operation, pauseMs } from './limits.ts';
import { isRefusal, isTransient, refusedInside } from './refusals.ts';

/** A page token that is none of ours: the only failure whose cure is to start the window anew. */
export const PAGE_TOKEN_EXPIRED = 'page-token-expired';

/** Calls whose business refusal their own reader takes as an outcome. */
const REFUSED_AS_OUTCOME: readonly string[] = [
  'updateStock',
  'getShipmentProviders',
  'packOrder',
  'readyToShip',
] satisfies Operation[];

/** Codes that mean the same in every call: https://open.lazada.com/apps/doc/doc?nodeId=10449&docId=108068 */
const COMMON: ReadonlyMap<string, readonly [FailureKind, string]> = new Map([
  // Of a seller's token, or of a country that the token does not cover: the refresh finds out.
  ['IllegalAccessToken', ['auth', 'access-token-refused']],
  ['IncompleteSignature', ['permanent', 'signature-refused']],
  ['InvalidAppKey', ['permanent', 'app-refused']],
  ['InvalidParameter', ['permanent', 'bad-request']],
  ['MissingParameter', ['permanent', 'bad-request']],
  ['SellerNotVerified', ['permanent', 'seller-not-verified']],
  ['ServiceTimeout', ['retryable', 'service-timeout']],
]);

/** Of the order APIs: an order id, or all of them, that the seller does not have. */
const UNKNOWN_ORDER = ['16', '37', '39'];
/** Of the order APIs: an offset, a date, a limit, a filter or a list of ids that is not as it must be. */
const BAD_REQUEST = ['14', '17', '19', '36', '38', '56', '74', '75'];
const ORDER_OPERATIONS: readonly string[] = ['getOrders', 'getOrder', 'getOrderItems'] satisfies Operation[];

/** What the token endpoint says of a grant that only a new consent replaces. */
const GRANT_OVER = ['InvalidCode', 'IllegalRefreshToken', 'IllegalAccessToken', 'AUTH_TYPE_UNSUPPORTED'];

/**
 * What an answer means. Lazada answers everything with HTTP 200, so `code` decides, and the status only where there is
 * no `code` to read. `message` is looked at where a code stands for many things, but never passed on.
 */
export function readFailure(response: HttpResponse, operation: string): Failure | undefined {
  const { status } = response;
  const envelope = readEnvelope(response);
  const fail = (kind: FailureKind, code: string, retryAfterMs?: number): Failure => {
    const request = `HTTP ${status}, request ${envelope?.requestId ?? 'unknown'}`;
    return new Failure(kind, `Lazada ${operation}: ${code} (${request})`, { code, retryAfterMs });
  };

  const retryAfterMs = pauseMs(response);
  if (retryAfterMs !== undefined) return fail('throttled', 'rate-limited', retryAfterMs);
  // A server in trouble is not believed about grants or orders, whatever its body says.
  if (status >= 500) return fail('retryable', `http-${status}`);
  if (!envelope) return fail('retryable', status >= 400 ? `http-${status}` : 'unreadable-answer');
  if (envelope.code === '0') {
    if (status < 200 || status >= 300) return fail('retryable', `http-${status}`);
    const inside = refusedInside(response);
    return inside !== undefined && isTransient(inside) ? fail('retryable', `code-${inside}`) : undefined;
  }
  if (REFUSED_AS_OUTCOME.includes(operation) && isRefusal(envelope)) return undefined;
  return fail(...classify(envelope, operation));
}

function classify({ code, type, message }: Envelope, operation: string): [FailureKind, string] {
  // The call is built anew before it is sent again.
  if (/timestamp/i.test(code) || (/Parameter$/.test(code) && /timestamp/i.test(message))) {
    return ['retryable', 'timestamp-refused'];
  }
  if (isTokenOperation(operation)) {
    if (GRANT_OVER.includes(code)) return ['permanent', 'grant-dead'];
    if (code === 'IncompleteSignature' || code === 'InvalidAppKey') return ['permanent', 'app-credentials-refused'];
  }
  const common = COMMON.get(code);
  if (common) return [...common];
  if (ORDER_OPERATIONS.includes(operation) && type !== 'SYSTEM') {
    if (UNKNOWN_ORDER.includes(code)) return ['permanent', 'order-not-found'];
    if (BAD_REQUEST.includes(code)) return ['permanent', 'bad-request'];
  }
  return ['retryable', /^\d+$/.test(code) ? `code-${code}` : 'unknown-error'];
}
