import { Failure, type FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { type Envelope, readEnvelope } from './body.ts';
import { isTokenOperation, pauseMs } from './limits.ts';
import { isOutcome, NO_ACCESS } from './refusals.ts';

/** The app itself is refused: wrong key, key expired, unknown partner. */
const APP_REFUSED = ['error_sign', 'error_partner_key_expired', 'invalid_partner_id'];

/** The seller's authorization is over; only a new consent helps. */
const GRANT_OVER = [
  'refresh_token_expired',
  'error_shop_refresh_token',
  'error_merchant_refresh_token',
  'shop_access_expired',
  'merchant_access_expired',
  'supplier_access_expired',
  'shop_no_linked',
  'merchant_no_linked',
  'supplier_no_linked',
  'partner_shop_no_link',
];

/** The callback's code, or its account, is not one that Shopee gave out (the spelling is Shopee's). */
const CODE_REFUSED = ['invalid_code', 'invalid_shop_id', 'invalid_main_acount_id'];

/** The second spelling is Shopee's. */
const ACCESS_TOKEN_REFUSED = ['invalid_access_token', 'invalid_acceess_token'];

/** A wrong request, or an app that may not make it. */
const PERMANENT = [...NO_ACCESS, 'error_auth', 'error_param', 'error_not_found', 'order_list_invalid_time'];

/**
 * What an answer means. Shopee answers nearly everything with HTTP 200, so `error` decides, and the status only where
 * there is no `error` to read. `message` is looked at, because some codes stand for many things, but never passed on.
 * https://open.shopee.com/documents/v2 (common error list)
 */
export function readFailure(response: HttpResponse, operation: string): Failure | undefined {
  const envelope = readEnvelope(response);
  if (!envelope) return unreadable(response, operation);
  if (envelope.error === '') return undefined;
  const read = classify(response, envelope, operation);
  if (!read) return undefined;
  const [kind, code] = read;
  const requestId = /^[\w-]{1,64}$/.exec(envelope.requestId ?? '')?.[0] ?? 'unknown';
  return new Failure(kind, `shopee ${operation}: ${code} (request ${requestId})`, {
    code,
    retryAfterMs: pauseMs(envelope.error, response),
  });
}

function unreadable(response: HttpResponse, operation: string): Failure {
  const message = `shopee ${operation}: HTTP ${response.status} without a readable body`;
  if (response.status === 429) {
    return new Failure('throttled', message, {
      code: 'rate-limited',
      retryAfterMs: pauseMs('error_rate_limit', response),
    });
  }
  return new Failure('retryable', message, {
    code: response.status >= 400 ? `http-${response.status}` : 'unreadable-answer',
  });
}

/** Undefined: a refusal that is an outcome of its call. */
function classify({ status }: HttpResponse, envelope: Envelope, operation: string): [FailureKind, string] | undefined {
  const { error, message } = envelope;
  const forTokens = isTokenOperation(operation);

  if (error === 'error_rate_limit') return ['throttled', 'rate-limited'];
  if (error === 'error_limit') return ['throttled', 'daily-quota-spent'];

  if (APP_REFUSED.includes(error) || (error === 'error_auth' && /partner_id is invalid/i.test(message))) {
    return ['permanent', forTokens ? 'app-credentials-refused' : 'signature-refused'];
  }
  // A ban is lifted or not, but the grant outlives it.
  if (error === 'shop_banned') return ['permanent', 'shop-paused'];

  if (forTokens) {
    const tokenRefused = error === 'error_auth' && /invalid (refresh_token|code)/i.test(message);
    if (tokenRefused || GRANT_OVER.includes(error) || CODE_REFUSED.includes(error)) return ['permanent', 'grant-dead'];
  } else {
    // `error_auth` also stands for missing permissions and refused stock, which no fresh token cures.
    const tokenRefused = error === 'error_auth' && /invalid (access_token|partner_id or shopid)/i.test(message);
    if (tokenRefused || ACCESS_TOKEN_REFUSED.includes(error)) return ['auth', 'access-token-refused'];
    // Whether the grant is over is for the refresh to find out.
    if (GRANT_OVER.includes(error)) return ['auth', 'grant-refused'];
  }

  if (error === 'error_param' && /timestamp is expired/i.test(message)) return ['retryable', 'timestamp-expired'];
  if (operation === 'getOrderList' && error === 'error_param' && /cursor/i.test(message)) {
    return ['permanent', 'page-token-expired'];
  }
  if (operation === 'getOrderDetail' && error === 'error_not_found') return ['permanent', 'order-not-found'];

  if (status < 500 && isOutcome(envelope, operation)) return undefined;

  // Only words of Shopee's form travel on: anything else might quote its input.
  const code = /^[a-z][a-z_]{0,63}$/.test(error) ? error.replaceAll('_', '-') : 'unknown-error';
  return [PERMANENT.includes(error) ? 'permanent' : 'retryable', code];
}
