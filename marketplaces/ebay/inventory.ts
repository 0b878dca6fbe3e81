import { z } from 'zod';
import type { Call, CallContext, Inventory, LineOutcome, StockLine } from '#marketplaces/marketplace.ts';
import { type Procedure, stepOf } from '#marketplaces/procedure.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { ebayError, readAnswer, unreadable } from './answer.ts';
import type { EbayApp } from './app.ts';
import { isRefusal, refusalAs, refusalOf } from './refusals.ts';
import { apiCall } from './request.ts';

/** most offers in one call, Inventory API bulkUpdatePriceQuantity: up to 25, all of one SKU */
const BATCH = 25;

const updated = z.object({
  responses: z.array(
    z.object({
      statusCode: z.int(),
      sku: z.string().nullish(),
      offerId: z.string().nullish(),
      errors: z.array(ebayError).nullish(),
    }),
  ),
});

/** https://developer.ebay.com/api-docs/sell/inventory/resources/inventory_item/methods/bulkUpdatePriceQuantity */
export const inventory: Inventory<EbayApp> = {
  references: {
    offerId: {
      required: true,
      description: "eBay's id of the published offer; a SKU that is offered on several sites has one for each",
    },
  },
  batch: BATCH,
  batchKey: ({ sku }) => sku,
  update: (context, lines, answers) => stepOf(update(context, lines), answers),
};

function* update(context: CallContext<EbayApp>, lines: readonly StockLine[]): Procedure<LineOutcome[]> {
  // The later of two lines of one offer holds: eBay takes an offer once a call.
  const quantities = new Map(lines.map(({ reference, quantity }) => [reference.offerId ?? '', quantity]));
  const answers = new Map<string, HttpResponse>();
  const whole = yield updateCall(context, lines, quantities);
  for (const [offerId, quantity] of quantities) {
    // One refused offer must not keep the others of its SKU from being set.
    const alone = refusalOf(whole) !== undefined && quantities.size > 1;
    answers.set(offerId, alone ? yield updateCall(context, lines, new Map([[offerId, quantity]])) : whole);
  }
  return lines.map((line) => readOutcome(answers.get(line.reference.offerId ?? '')!, line));
}

/**
 * A listing shows the lesser of its offer's quantity and of the SKU's over all sites, so both are set: a SKU has as many
 * as the offer that may sell the most of them.
 */
function updateCall(
  { app, accessToken }: CallContext<EbayApp>,
  lines: readonly StockLine[],
  quantities: ReadonlyMap<string, number>,
): Call {
  const request = {
    sku: lines[0]!.sku,
    shipToLocationAvailability: { quantity: Math.max(...lines.map(({ quantity }) => quantity)) },
    offers: [...quantities].map(([offerId, availableQuantity]) => ({ offerId, availableQuantity })),
  };
  const url = `${app.apiUrl}/sell/inventory/v1/bulk_update_price_quantity`;
  return apiCall('bulkUpdatePriceQuantity', { accessToken, method: 'POST', url, body: { requests: [request] } });
}

/** A success may refuse single offers, and so may an entry for the SKU as a whole. */
function readOutcome(response: HttpResponse, { sku, reference }: StockLine): LineOutcome {
  const refusal = refusalOf(response);
  if (refusal !== undefined) return { outcome: 'failed', ...refusalAs(refusal, 'the quantity') };
  const { responses } = readAnswer(response, updated, 'outcome of the quantities');
  const ofOffer = responses.find(({ offerId }) => offerId === reference.offerId);
  const ofSku = responses.find((entry) => !entry.offerId && (!entry.sku || entry.sku === sku));
  const refused = [ofOffer, ofSku].find((entry) => entry && entry.statusCode >= 300);
  if (!refused) {
    if (ofOffer) return { outcome: 'applied' };
    throw unreadable('outcome of an offer asked for');
  }
  const [error] = refused.errors ?? [];
  if (!error || !isRefusal(error)) {
    const code = `http-${refused.statusCode}`;
    throw new Failure('retryable', `eBay answered HTTP ${refused.statusCode} for a quantity`, { code });
  }
  return { outcome: 'failed', ...refusalAs(error.errorId, 'the quantity') };
}
