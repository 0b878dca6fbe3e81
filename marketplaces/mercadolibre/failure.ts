import { z } from 'zod';
import { Failure, type FailureDetails, type FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { parseBody, unreadable } from './answer.ts';
import { isTokenOperation, type Operation, pauseMs } from './limits.ts';

/** Statuses that a call's own reader takes as an outcome: of a line of stock, of a shipment, of a list of stock locations. */
const OUTCOMES: Partial<Record<Operation, readonly number[]>> = {
  getShipment: [404],
  // 403: a status that the shipment can't take now.
  notifyShipment: [400, 403, 404, 409, 422],
  getItem: [404],
  // Not 409: two writes have met, and the next try finds the item free.
  updateItem: [400, 404, 422],
  getUserProductStock: [404],
  updateUserProductStock: [400, 404, 409, 422],
};

/** Calls whose success may have no body. */
const WRITES: readonly string[] = ['notifyShipment', 'updateUserProductStock'] satisfies Operation[];

/** Client errors that say nothing about the request itself; 423 is a locked resource. */
const TRANSIENT_STATUSES: readonly number[] = [408, 409, 423, 425];

/** Refusals of a token that come under other statuses than 401. */
const TOKEN_TROUBLE = /access[ _-]?token|(invalid|expired)[ _-]?token/i;

/** developers.mercadolibre.com, Authentication and authorization, error codes */
const TOKEN_ERRORS: ReadonlyMap<string, string> = new Map([
  ['invalid_grant', 'grant-dead'],
  ['invalid_client', 'app-credentials-refused'],
  ['unauthorized_client', 'app-credentials-refused'],
  ['unauthorized_application', 'app-credentials-refused'],
  ['forbidden', 'app-credentials-refused'],
  ['invalid_operator_user_id', 'operator-may-not-consent'],
  ['invalid_scope', 'token-request-refused'],
  ['invalid_request', 'token-request-refused'],
  ['unsupported_grant_type', 'token-request-refused'],
]);

const object = z.looseObject({});
const text = z.string().nullish();
const cause = z.object({ code: z.union([z.string(), z.int().transform(String)]).nullish() });
const errorBody = z
  .object({
    message: text,
    error: text,
    code: text.catch(undefined),
    /** shipments write it so */
    error_code: text.catch(undefined),
    cause: z.array(cause).nullish().catch(undefined),
  })
  .refine(({ message, error, code, error_code }) => message || error || code || error_code);

/** Mercado Libre's word for what it refused, such as `item.available_quantity.invalid`; undefined for a success. */
export function refusalOf(response: HttpResponse): string | undefined {
  const told = response.status >= 400 ? errorBody.safeParse(parseBody(response)).data : undefined;
  return told && (told.cause?.[0]?.code ?? told.error ?? told.error_code ?? told.code ?? '');
}

/** A refusal for people: Mercado Libre's own word if it is one, and never its sentences, which may quote what was sent. */
export function refusalAs(word: string, what: string): { code: string; message: string } {
  const code = /^[a-z0-9][\w.-]{0,63}$/i.test(word) ? word : 'refused';
  return { code, message: `Mercado Libre refused ${what}: ${code}` };
}

/** What an answer of the API or of the token endpoint means, or undefined for a success. */
export function readFailure(response: HttpResponse, operation: string): Failure | undefined {
  const { status } = response;
  const fail = (kind: FailureKind, code: string, details: Omit<FailureDetails, 'code'> = {}): Failure =>
    new Failure(kind, `Mercado Libre answered ${operation} with HTTP ${status}`, { code, ...details });

  // An order of which a part could not be had; a part is never taken for the whole.
  if (status === 206) return fail('retryable', 'partial-answer');
  if (status >= 200 && status < 300) {
    if (response.body === '' && WRITES.includes(operation)) return undefined;
    return object.safeParse(parseBody(response)).success ? undefined : unreadable(response, 'no whole JSON object');
  }
  if (status === 429) return fail('throttled', 'http-429', { retryAfterMs: pauseMs(response) });
  // A server in trouble is not believed about grants or orders, whatever its body says.
  if (status < 400 || status >= 500) return fail('retryable', `http-${status}`);

  const told = errorBody.safeParse(parseBody(response)).data;
  if (!told) return unreadable(response, 'no error as documented');
  if (told.error === 'local_rate_limited') {
    return fail('throttled', 'http-429', { retryAfterMs: pauseMs(response) });
  }
  if (isTokenOperation(operation)) {
    const code = TOKEN_ERRORS.get(told.error ?? told.code ?? '');
    return code === undefined ? fail('retryable', `http-${status}`) : fail('permanent', code);
  }
  if (status === 401 || (status !== 404 && TOKEN_TROUBLE.test(`${told.message} ${told.error} ${told.code}`))) {
    return fail('auth', 'access-token-refused');
  }
  if (OUTCOMES[operation as Operation]?.includes(status)) return undefined;
  if (TRANSIENT_STATUSES.includes(status)) return fail('retryable', `http-${status}`);
  // Another seller's order is refused with 403. Where it is the application that is refused, every other call says so too.
  if (operation === ('getOrder' satisfies Operation) && (status === 403 || status === 404)) {
    return fail('permanent', 'order-not-found');
  }
  if (status === 403) return fail('permanent', 'access-denied');
  if (status === 404) return fail('permanent', 'not-found');
  return fail('permanent', `http-${status}`);
}
