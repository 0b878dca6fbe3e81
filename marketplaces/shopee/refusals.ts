import type { HttpResponse } from '#platform/runtime/http.ts';
import { type Envelope, readEnvelope } from './body.ts';
import type { Operation } from './limits.ts';

/** Calls whose refusal their own reader takes as an outcome. */
const REFUSED_AS_OUTCOME: readonly string[] = [
  'updateStock',
  'getShippingParameter',
  'shipOrder',
  'getTrackingNumber',
] satisfies Operation[];

/** The app may not make the call, or not from here: said of no line and no shipment. */
export const NO_ACCESS = [
  'error_permission',
  'error_api_permission',
  'error_ashop_api_permission',
  'error_api_call_restricted',
  'error_kyc_auth',
  'api_suspended',
  'source_ip_undeclared',
];

/** Words for trouble on Shopee's side, among those that product.update_stock and logistics.ship_order list. */
const TRANSIENT = [
  'error_connection',
  'error_core_server',
  'error_inner',
  'error_network',
  'error_server',
  'error_system_busy',
  'error_third_party_server',
  'error_timeout',
  'error_unknown',
  'logistic_order_is_locked_on_creating',
];
const TRANSIENT_MESSAGE = /try again|time ?out|busy|internal error|system error/i;

/** For people; of any other word only the word is known. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['error_auth', 'the quantity is below what promotions reserve'],
  ['error_busi_update_stock_failed', 'the quantity is below what promotions reserve, or not allowed'],
  ['error_item_not_found', 'no such item'],
  ['error_param', 'a field is not valid, or there is no such variation'],
  ['error_item_uneditable', 'the item can not be edited'],
  ['error_holiday_mode_change_stock', 'the shop is on holiday'],
  ['lack_of_invoice_data', 'an invoice must be uploaded first'],
  ['package_already_shipped', 'it is shipped already'],
  ['ship_order_long_tracking_number', 'the tracking number is longer than 64 characters'],
  ['ship_order_need_tracking_number', 'a tracking number is needed'],
  ['ship_order_not_ready_to_ship', 'the order is not ready to ship'],
]);

/** Is it a refusal for good of what the call asks for, and so an outcome of it? Tokens, quotas and the like come first. */
export function isOutcome({ error, message }: Envelope, operation: string): boolean {
  if (!REFUSED_AS_OUTCOME.includes(operation) || NO_ACCESS.includes(error) || TRANSIENT.includes(error)) return false;
  // `error_auth` stands for tokens and permissions, and for stock that is reserved.
  return error === 'error_auth' ? /stock/i.test(message) : !isTransientMessage(message);
}

/** Shopee's word for what it refused; undefined for a success. Of an answer that is no failure. */
export function refusalOf(response: HttpResponse): string | undefined {
  return readEnvelope(response)?.error || undefined;
}

/** Does it word trouble on Shopee's side? */
export function isTransientMessage(message: string): boolean {
  return TRANSIENT_MESSAGE.test(message);
}

/** A refusal for people: Shopee's own word if it is one, and never its sentences, which may quote what was sent. */
export function refusalAs(word: string, what: string): { code: string; message: string } {
  const code = /^[a-z][a-z_]{0,63}$/.test(word) ? word.replaceAll('_', '-') : 'refused';
  const meaning = MEANINGS.get(word);
  return { code, message: `Shopee refused ${what}: ${code}${meaning ? ` (${meaning})` : ''}` };
}
