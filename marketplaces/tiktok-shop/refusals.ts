import type { HttpResponse } from '#platform/runtime/http.ts';
import { type Envelope, readEnvelope } from './answer.ts';

/** Codes from here on are of single APIs; those below, and the gateway's, concern every call alike. */
const LEAST_BUSINESS_CODE = 10_000_000;
const isOfGateway = (code: number): boolean => code < LEAST_BUSINESS_CODE || Math.floor(code / 1000) === 36009;

/** Business codes that stand for trouble on TikTok's side: Update Inventory, Ship Package and Mark Package As Shipped. */
const TRANSIENT_CODES: readonly number[] = [
  11001027, 11001031, 11005010, 11006005, 11006026, 21001003, 21001008, 21001011, 21001029, 21001043, 21001055,
  21008300, 21022026, 21022029, 21022030, 21034006, 21042001, 21042076,
];
/** How TikTok words such trouble, for codes that are new to us. */
const TRANSIENT_WORDS = /try again later|timeout|process error|internal error/i;

/** That the package is with the carrier, or delivered, already. */
const SHIPPED_CODES: readonly number[] = [11006021, 21008099, 21011006, 21011020, 21011027, 21011040, 21042056];

/** For people, of the codes that the API reference lists; of any other only the number is known. */
const MEANINGS: Readonly<Record<number, string>> = {
  12019022: 'the warehouse is not valid for the SKU',
  12019024: 'the quantity is not valid',
  12019028: 'the SKU is in several warehouses, and all must be named',
  12052032: 'no such product',
  12052037: 'stock is allocated by TikTok, or the warehouses are not all of the right ones',
  12052055: 'the quantity is outside the limits',
  12052097: 'no such warehouse',
  12052141: 'stock must be edited in the global product',
  12052393: 'the product is locked for a promotion',
  12052533: 'the SKU has other warehouses',
  12052556: 'no such SKU',
  12052850: 'stock of a bundle can not be edited',
  12052901: 'the product is not active',
  12052921: 'stock is shared with the source shop',
  11028006: 'the tracking number fits no carrier',
  21004012: 'the tracking number has special characters',
  21004015: 'the tracking number does not fit the carrier',
  21004019: 'an invoice must be uploaded first',
  21008025: 'TikTok fulfils this order',
  21008106: 'not in this region',
  21011007: 'the buyer has asked for a cancellation or a return',
  21011022: 'the tracking number or the carrier is not valid',
  21011025: 'the tracking number is in use',
  21011041: 'the order is cancelled',
  21034012: 'the tracking number is in use',
};

/** The code of a business refusal; undefined if the answer is a success, not understood, or trouble of the gateway. */
export function refusalOf(response: HttpResponse): number | undefined {
  const envelope = readEnvelope(response);
  return envelope && response.status < 500 && isRefusal(envelope) ? envelope.code : undefined;
}

/** Does it say that this request can't be done, rather than that something went wrong? */
export function isRefusal({ code, message }: Envelope): boolean {
  return !isOfGateway(code) && !TRANSIENT_CODES.includes(code) && !TRANSIENT_WORDS.test(message);
}

/** Does it say that a package is shipped already? */
export const isShippedAlready = (code: number): boolean => SHIPPED_CODES.includes(code);

/** A refusal for people, in our words and never in TikTok's, which may quote what was sent. */
export function refusalAs(code: number, what: string): { code: string; message: string } {
  const meaning = MEANINGS[code] ?? (isShippedAlready(code) ? 'it is shipped already' : undefined);
  return { code: String(code), message: `TikTok Shop refused ${what}: ${code}${meaning ? ` (${meaning})` : ''}` };
}
