import { Failure, type FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { type Envelope, readEnvelope } from './answer.ts';
import { isTokenOperation, type Operation, pauseMs } from './limits.ts';
import { isRefusal } from './refusals.ts';

/** A page token that TikTok no longer takes: the only failure whose cure is to start the window anew. */
export const PAGE_TOKEN_EXPIRED = 'page-token-expired';

/** Calls whose business refusal their own reader takes as an outcome. */
const REFUSED_AS_OUTCOME: readonly string[] = [
  'updateInventory',
  'shipPackage',
  'markPackageAsShipped',
] satisfies Operation[];

/** One code for many things: only the message tells which, as TikTok's page on common errors says itself. */
const BAD_REQUEST = 36009004;

/** Codes that mean the same in every call: https://partner.tiktokshop.com/docv2/page/common-errors */
const COMMON: Readonly<Record<number, readonly [FailureKind, string]>> = {
  // Of a seller's token, or of a shop that the token no longer covers: the refresh finds out.
  101000: ['auth', 'access-token-refused'],
  105001: ['auth', 'access-token-refused'],
  105002: ['auth', 'access-token-expired'],
  105005: ['permanent', 'scope-missing'],
  106001: ['permanent', 'signature-refused'],
  106013: ['permanent', 'shop-cipher-missing'],
  36009009: ['permanent', 'unknown-path'],
  36009010: ['permanent', 'unknown-method'],
  36009014: ['permanent', 'version-retired'],
  36009022: ['permanent', 'bad-request'],
  36009033: ['permanent', 'ip-not-allowed'],
  10006402: ['permanent', 'access-denied'],
};

/** What the message of a bad request may be about, looked for in this order. */
const BAD_REQUESTS: readonly (readonly [RegExp, FailureKind, string])[] = [
  [/access[_-]token/i, 'auth', 'access-token-refused'],
  // The call is built anew before it is sent again.
  [/timestamp/i, 'retryable', 'timestamp-refused'],
  [/app_key/i, 'permanent', 'app-refused'],
  [/signature|\bsign\b/i, 'permanent', 'signature-refused'],
  [/api version/i, 'permanent', 'version-retired'],
];

/** Codes of the token endpoint for a code, or a refresh token, that it does not know or that is over. */
const GRANT_OVER: readonly number[] = [36004001, 36004004, 36004005];

/**
 * What an answer means. TikTok answers most refusals with HTTP 200, so `code` decides, and the status only where there
 * is no `code` to read. `message` is looked at where a code stands for many things, but never passed on.
 */
export function readFailure(response: HttpResponse, operation: string): Failure | undefined {
  const { status } = response;
  const envelope = readEnvelope(response);
  const fail = (kind: FailureKind, code: string, retryAfterMs?: number): Failure =>
    new Failure(
      kind,
      `TikTok Shop ${operation}: ${code} (HTTP ${status}, request ${envelope?.requestId ?? 'unknown'})`,
      {
        code,
        retryAfterMs,
      },
    );

  const retryAfterMs = pauseMs(response);
  if (retryAfterMs !== undefined) return fail('throttled', 'rate-limited', retryAfterMs);
  // A server in trouble is not believed about grants or orders, whatever its body says.
  if (status >= 500) return fail('retryable', `http-${status}`);
  if (!envelope) return fail('retryable', status >= 400 ? `http-${status}` : 'unreadable-answer');
  if (envelope.code === 0) return status >= 200 && status < 300 ? undefined : fail('retryable', `http-${status}`);

  if (isTokenOperation(operation)) return fail(...classifyOfToken(envelope));
  if (REFUSED_AS_OUTCOME.includes(operation) && isRefusal(envelope)) return undefined;
  return fail(...classify(envelope, status, operation as Operation));
}

function classify({ code, message }: Envelope, status: number, operation: Operation): [FailureKind, string] {
  if (COMMON[code]) return [...COMMON[code]];
  if (code === BAD_REQUEST) {
    const [, kind, word] = BAD_REQUESTS.find(([pattern]) => pattern.test(message)) ?? [];
    if (kind && word) return [kind, word];
  }
  if (operation === 'searchOrdersNext' && (code === BAD_REQUEST || /page.?token/i.test(message))) {
    return ['permanent', PAGE_TOKEN_EXPIRED];
  }
  if (code === BAD_REQUEST) return ['permanent', 'bad-request'];
  if (operation === 'getOrders' && code === 21008111) return ['permanent', 'order-not-found'];
  if (status === 401) return ['auth', 'access-token-refused'];
  return ['retryable', `code-${code}`];
}

/** TikTok publishes one code of the token endpoint, 36004004; third parties saw 36004005 for unknown refresh tokens, 36004001 for ended ones. */
function classifyOfToken({ code, message }: Envelope): [FailureKind, string] {
  if (GRANT_OVER.includes(code)) return ['permanent', 'grant-dead'];
  if (/app.?(key|secret)/i.test(message)) return ['permanent', 'app-credentials-refused'];
  if (/refresh.?token|auth.?code|auth record/i.test(message)) return ['permanent', 'grant-dead'];
  return ['retryable', `code-${code}`];
}
