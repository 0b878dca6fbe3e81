import { z } from 'zod';
import { Failure, type FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { type GraphqlError, parseBody, readEnvelope } from './answer.ts';
import { isTokenOperation, type Operation, pauseMs } from './limits.ts';

/** A cursor that Shopify no longer takes: the only failure whose cure is to start the window anew. */
export const PAGE_TOKEN_EXPIRED = 'page-token-expired';

/**
 * Fields that Shopify leaves out, with an error besides the data, for an app that it has not approved for them: an order
 * is read without its buyer then. https://shopify.dev/docs/apps/launch/protected-customer-data
 */
const PERSONAL_FIELDS: readonly (string | number)[] = ['shippingAddress', 'email', 'phone'];

/** https://shopify.dev/docs/api/admin-graphql, "Status and error codes" */
const CODES: ReadonlyMap<string, readonly [FailureKind, string]> = new Map([
  ['INTERNAL_SERVER_ERROR', ['retryable', 'internal-server-error']],
  // A seller in arrears may come back.
  ['SHOP_INACTIVE', ['retryable', 'shop-inactive']],
  ['ACCESS_DENIED', ['permanent', 'access-denied']],
  ['BAD_REQUEST', ['permanent', 'bad-request']],
  ['MAX_COST_EXCEEDED', ['permanent', 'max-cost-exceeded']],
]);
/** Words of GraphQL's own validation, in another writing than the codes above: `undefinedField`. */
const VALIDATION_CODE = /^[a-z]+([A-Z][a-z]+)+$/;

/** Statuses that say nothing of the request itself: 402 frozen shop, 423 locked shop, 430 suspected of an attack. */
const TRANSIENT_STATUSES: readonly number[] = [402, 408, 423, 425, 430];

const refused = z.object({ errors: z.unknown().refine((errors) => errors !== undefined && errors !== null) });
const tokenRefusal = z.object({ error: z.string().min(1), error_description: z.string().nullish().catch(undefined) });
const object = z.looseObject({});

/** RFC 6749 §5.2, and Shopify's own word for an API key that it does not know. */
const TOKEN_ERRORS: ReadonlyMap<string, string> = new Map([
  ['invalid_grant', 'grant-dead'],
  ['invalid_client', 'app-credentials-refused'],
  ['unauthorized_client', 'app-credentials-refused'],
  ['application_cannot_be_found', 'app-credentials-refused'],
  ['invalid_request', 'token-request-refused'],
  ['invalid_scope', 'token-request-refused'],
  ['unsupported_grant_type', 'token-request-refused'],
]);

/** What an answer of the API or of the token endpoint means, or undefined for a success. */
export function readFailure(response: HttpResponse, operation: string): Failure | undefined {
  const { status } = response;
  const fail = (kind: FailureKind, code: string, retryAfterMs?: number): Failure =>
    new Failure(kind, `Shopify ${operation}: ${code} (HTTP ${status})`, { code, retryAfterMs });

  const retryAfterMs = pauseMs(response);
  if (retryAfterMs !== undefined) return fail('throttled', 'rate-limited', retryAfterMs);
  const isClientError = status >= 400 && status < 500 && !TRANSIENT_STATUSES.includes(status);
  const isSuccess = status >= 200 && status < 300;
  // A server in trouble is not believed about grants or orders, whatever its body says.
  if (!isClientError && !isSuccess) return fail('retryable', `http-${status}`);

  const body = parseBody(response);
  if (isTokenOperation(operation)) {
    const { data: refusal } = tokenRefusal.safeParse(body);
    if (refusal) {
      const known = tokenErrorCode(refusal.error, refusal.error_description ?? '');
      return known === undefined ? fail('retryable', `http-${status}`) : fail('permanent', known);
    }
    return isSuccess && object.safeParse(body).success ? undefined : fail('retryable', 'unreadable-answer');
  }
  if (status === 401) return fail('auth', 'access-token-refused');
  if (isClientError) {
    if (!refused.safeParse(body).success) return fail('retryable', 'unreadable-answer');
    return fail('permanent', status === 403 ? 'access-denied' : status === 404 ? 'not-found' : `http-${status}`);
  }
  const envelope = readEnvelope(response);
  if (!envelope) return fail('retryable', 'unreadable-answer');
  const hasData = envelope.data !== null && envelope.data !== undefined;
  const errors = (envelope.errors ?? []).filter((error) => !(hasData && isOfPersonalField(error)));
  if (errors.length === 0) return hasData ? undefined : fail('retryable', 'unreadable-answer');
  const classified = errors.map((error) => classify(error, operation));
  // Among several, what may pass is waited for.
  return fail(...(classified.find(([kind]) => kind === 'retryable') ?? classified[0]!));
}

function isOfPersonalField({ path, extensions }: GraphqlError): boolean {
  return extensions?.code === 'ACCESS_DENIED' && (path ?? []).some((part) => PERSONAL_FIELDS.includes(part));
}

/** The message is looked at where no code tells, and never passed on: it may quote what was sent. */
function classify({ message, extensions }: GraphqlError, operation: string): readonly [FailureKind, string] {
  if (operation === ('listOrdersNext' satisfies Operation) && /cursor/i.test(message)) {
    return ['permanent', PAGE_TOKEN_EXPIRED];
  }
  const code = extensions?.code ?? '';
  const known = CODES.get(code);
  if (known) return known;
  return VALIDATION_CODE.test(code) ? ['permanent', 'query-refused'] : ['retryable', 'graphql-error'];
}

/** A code of consent that is unknown, or used, is told in words alone. */
function tokenErrorCode(error: string, description: string): string | undefined {
  if (error === 'invalid_request' && /authorization code/i.test(description)) return 'grant-dead';
  return TOKEN_ERRORS.get(error);
}
