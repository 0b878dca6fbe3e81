import type { Context } from 'hono';
import { z } from 'zod';
import type { BookListing, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { SellerEnv } from './access.ts';
import { badRequest, type EbayError, INVENTORY, refuse } from './answers.ts';
import type { Offers } from './offers.ts';
import { createDailyQuota } from './quotas.ts';

/** most inventory items, and most offers, in a call [eBay Inventory API, bulkUpdatePriceQuantity] */
const MAX_LINES = 25;
/** most revisions of a listing in a day [eBay Inventory API, bulkUpdatePriceQuantity] */
const MAX_REVISIONS = 250;

const bulkRequest = z.object({
  requests: z
    .array(
      z.object({
        sku: z.string().optional(),
        shipToLocationAvailability: z.object({ quantity: z.number() }).optional(),
        offers: z
          .array(
            z.object({
              offerId: z.string(),
              availableQuantity: z.number().optional(),
              // Taken and forgotten: the books know no price of what is not ordered.
              price: z.object({ value: z.string().regex(/^\d+(\.\d+)?$/), currency: z.string().length(3) }).optional(),
            }),
          )
          .default([]),
      }),
    )
    .min(1)
    .max(MAX_LINES),
});

type ItemRequest = z.output<typeof bulkRequest>['requests'][number];
type Line = { statusCode: number; sku?: string | undefined; offerId?: string; errors: unknown[]; warnings: unknown[] };

const refusal = (errorId: number, message: string): EbayError => badRequest(INVENTORY, errorId, message);

export const UNKNOWN_SKU = refusal(25710, 'There is no such inventory item.');
export const UNKNOWN_OFFER = refusal(25713, 'There is no such offer.');
const invalid = (field: string): EbayError => refusal(25709, `${field} is missing or wrong.`);
/** Its id is our guess. */
const TOO_MANY_REVISIONS = refusal(25002, 'The listing was revised as often as a day allows.');

const isQuantity = (quantity: number): boolean => Number.isInteger(quantity) && quantity >= 0;

/**
 * bulkUpdatePriceQuantity: sets absolute stock of inventory items and of their offers, each line with a status of its
 * own. eBay's pages say both that a call takes one SKU and that it takes 25; here it takes 25.
 */
export function bulkUpdate(
  deps: Pick<SandboxDeps, 'now'>,
  { books, offers }: { books: Books; offers: Offers },
): (c: Context<SellerEnv>) => Promise<Response> {
  const revisions = new WeakMap<BookListing, ReturnType<typeof createDailyQuota>>();

  function mayRevise(listing: BookListing): boolean {
    const quota = revisions.get(listing) ?? createDailyQuota(MAX_REVISIONS);
    revisions.set(listing, quota);
    return quota.take(deps.now());
  }

  /** Sets the item's total, if the request tells one. */
  function updateItem(sellerId: string, { sku, shipToLocationAvailability }: ItemRequest): EbayError | undefined {
    const listing = books.listings.get(`${sellerId}/${sku}`);
    if (sku !== undefined && !listing) return UNKNOWN_SKU;
    if (!shipToLocationAvailability) return undefined;
    if (!listing) return refusal(25702, 'The SKU is missing.');
    const { quantity } = shipToLocationAvailability;
    if (!isQuantity(quantity)) return invalid('quantity');
    offers.setStock(books, sellerId, listing, { total: quantity });
    return undefined;
  }

  function updateOffer(sellerId: string, request: ItemRequest, index: number): EbayError | undefined {
    const { offerId, availableQuantity, price } = request.offers[index]!;
    const listing = offers.find(books, sellerId, offerId);
    if (!listing) return UNKNOWN_OFFER;
    if (request.sku !== undefined && request.sku !== listing.sku) return invalid('sku');
    if (request.offers.findIndex((one) => one.offerId === offerId) < index) return invalid('offerId');
    if (availableQuantity === undefined ? !price : !isQuantity(availableQuantity)) return invalid('availableQuantity');
    if (!mayRevise(listing)) return TOO_MANY_REVISIONS;
    if (availableQuantity !== undefined) {
      offers.setStock(books, sellerId, listing, { available: availableQuantity });
    }
    return undefined;
  }

  function line(of: { sku?: string | undefined; offerId?: string }, error: EbayError | undefined): Line {
    const errors = error ? [{ ...error, longMessage: error.message }] : [];
    return { statusCode: error ? 400 : 200, ...of, errors, warnings: [] };
  }

  function update(sellerId: string, request: ItemRequest): Line[] {
    const { sku } = request;
    const itemError = updateItem(sellerId, request);
    if (request.offers.length === 0) {
      return [line({ sku }, itemError ?? (request.shipToLocationAvailability ? undefined : invalid('offers')))];
    }
    return request.offers.map(({ offerId }, index) =>
      line(
        { sku: sku ?? offers.find(books, sellerId, offerId)?.sku, offerId },
        itemError ?? updateOffer(sellerId, request, index),
      ),
    );
  }

  return async (c) => {
    const body = bulkRequest.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) return refuse(c, 400, invalid(body.error.issues[0]?.path.join('.') || 'body'));
    const { requests } = body.data;
    if (requests.flatMap((request) => request.offers).length > MAX_LINES) return refuse(c, 400, invalid('offers'));
    const responses = requests.flatMap((request) => update(c.get('caller').sellerId, request));
    return c.json({ responses }, responses.every(({ statusCode }) => statusCode === 200) ? 200 : 207);
  };
}
