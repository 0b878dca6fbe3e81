import type { HttpResponse } from '#platform/runtime/http.ts';
import { type EbayError, errorsOf } from './answer.ts';
import type { Operation } from './limits.ts';

/** Ids from here on are of single APIs; those below are the gateway's and concern every call alike. */
const LEAST_ERROR_ID = 10_000;
const REFUSAL_STATUSES: readonly number[] = [400, 403, 404, 409];

/** Notification API: no such topic, not authorized for it, subscribed to already. */
const TOPIC_REFUSALS = [195006, 195011, 195012];

/** The refusals that a call's own reader takes as an outcome. */
const OUTCOMES: Partial<Record<Operation, 'any' | readonly number[]>> = {
  bulkUpdatePriceQuantity: 'any',
  getShippingFulfillments: [32100],
  createShippingFulfillment: 'any',
  createAppSubscription: TOPIC_REFUSALS,
};

/** For people, of the ids that the Inventory and Fulfillment APIs list; of any other only the number is known. */
const MEANINGS: Readonly<Record<number, string>> = {
  25002: 'a field is not valid',
  25702: 'no such SKU',
  25709: 'a value is not valid',
  25710: 'no such SKU',
  25759: 'the quantity is less than auctions hold',
  32100: 'no such order',
  32200: 'the order has no such line',
  32210: 'a line stands there twice',
  32300: 'the carrier or the tracking number is not valid',
  32400: 'the account is suspended',
  32500: 'the date of shipping is not valid',
  32600: 'a field is not valid',
  34100: 'the order has too many tracking numbers',
  34200: 'the order ships by the Global Shipping Program',
  34300: 'the order ships by the Global Shipping Program',
  34500: 'it is shipped already',
};

/** eBay's number for what it refused for good; undefined if the answer is a success, not understood, or trouble. */
export function refusalOf(response: HttpResponse): number | undefined {
  if (!REFUSAL_STATUSES.includes(response.status)) return undefined;
  const errors = errorsOf(response);
  return errors.every(isRefusal) ? errors[0]?.errorId : undefined;
}

/** Does it say that this can't be done, rather than that something went wrong? */
export function isRefusal({ errorId, category }: EbayError): boolean {
  return errorId >= LEAST_ERROR_ID && (category === 'REQUEST' || category === 'BUSINESS');
}

/** Is this refusal an outcome of its call, and so no failure? */
export function isOutcome(response: HttpResponse, operation: string): boolean {
  const outcomes = Object.hasOwn(OUTCOMES, operation) ? OUTCOMES[operation as Operation] : undefined;
  const refusal = outcomes && refusalOf(response);
  return refusal !== undefined && (outcomes === 'any' || outcomes!.includes(refusal));
}

/** A refusal for people, in our words and never in eBay's, which may quote what was sent. */
export function refusalAs(errorId: number, what: string): { code: string; message: string } {
  const meaning = MEANINGS[errorId];
  return { code: `ebay-${errorId}`, message: `eBay refused ${what}: ${errorId}${meaning ? ` (${meaning})` : ''}` };
}
