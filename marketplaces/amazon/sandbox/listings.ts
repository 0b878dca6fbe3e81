import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { InvalidInput, notFound, unauthorized } from './answers.ts';
import type { Gateway, OperationHandler } from './gateway.ts';
import type { ListingChanges } from './listing-changes.ts';
import { asin, iso, MARKETPLACE_ID } from './render-order.ts';
import { readBody } from './request-body.ts';
import { CHANNEL, judgePatches, patches, productTypeOf } from './stock-submission.ts';
import { uuid } from './uuid.ts';

/** usage plans in SP-API model listingsItems_2021-08-01 */
const GET_ITEM = { name: 'getListingsItem', ratePerSecond: 5, burst: 10, token: 'seller' } as const;
const PATCH_ITEM = { name: 'patchListingsItem', ratePerSecond: 5, burst: 5, token: 'seller' } as const;

const PREVIEW = 'VALIDATION_PREVIEW';

const patchBody = z.object({ productType: z.string().min(1), patches });

type Found = NonNullable<ReturnType<ListingChanges['find']>>;

/** The data sets of `Item` in the same model. What a book can't tell is empty. */
const ITEM_DATA: Record<string, (found: Found) => unknown> = {
  summaries: ({ listing, createdAt, changedAt }) => [
    {
      marketplaceId: MARKETPLACE_ID,
      asin: asin(listing.sku),
      productType: productTypeOf(listing),
      conditionType: 'new_new',
      status: listing.quantity > 0 ? ['BUYABLE', 'DISCOVERABLE'] : ['DISCOVERABLE'],
      itemName: listing.sku,
      createdDate: iso(createdAt),
      lastUpdatedDate: iso(changedAt),
    },
  ],
  attributes: ({ listing }) => ({
    fulfillment_availability: [{ fulfillment_channel_code: CHANNEL, quantity: listing.quantity }],
  }),
  issues: () => [],
  offers: () => [],
  fulfillmentAvailability: ({ listing }) => [{ fulfillmentChannelCode: CHANNEL, quantity: listing.quantity }],
  procurement: () => undefined, // for vendors only
  relationships: () => [{ marketplaceId: MARKETPLACE_ID, relationships: [] }],
  productTypes: ({ listing }) => [{ marketplaceId: MARKETPLACE_ID, productType: productTypeOf(listing) }],
};

/** The Listings Items API, version 2021-08-01: stock is taken at once and in force later. */
export function addListings(
  app: Hono,
  deps: Pick<SandboxDeps, 'now' | 'randomHex'>,
  { gateway, changes }: { gateway: Gateway; changes: ListingChanges },
): void {
  const path = '/listings/2021-08-01/items/:sellerId/:sku';

  /** A seller sees the listings of nobody else. */
  const own =
    (handler: OperationHandler): OperationHandler =>
    (c, sellerId) => {
      if (c.req.param('sellerId') !== sellerId) return unauthorized(c, '');
      const ids = list(c, 'marketplaceIds');
      if (ids.length === 0 || ids.some((id) => id !== MARKETPLACE_ID)) {
        throw new InvalidInput('The parameter marketplaceIds is missing or invalid.');
      }
      return handler(c, sellerId);
    };

  app.get(
    path,
    gateway.operation(
      GET_ITEM,
      own((c, sellerId) => {
        const names = dataNames(c, Object.keys(ITEM_DATA), 'summaries');
        const found = changes.find(sellerId, c.req.param('sku') ?? '');
        if (!found) return notFound(c, 'The SKU was not found in the marketplace.');
        const data = names.map((name) => [name, ITEM_DATA[name]!(found)]);
        return c.json({ sku: found.listing.sku, ...Object.fromEntries(data) });
      }),
    ),
  );

  app.patch(
    path,
    gateway.operation(
      PATCH_ITEM,
      own(async (c, sellerId) => {
        const sku = c.req.param('sku') ?? '';
        const mode = c.req.query('mode');
        const isPreview = mode === PREVIEW;
        if (mode !== undefined && !isPreview) throw new InvalidInput('The parameter mode is invalid.');
        // Only a preview names the item's ASIN.
        const names = dataNames(c, isPreview ? ['identifiers', 'issues'] : ['issues'], 'issues');
        const submission = await readBody(c, patchBody);
        const judgement = judgePatches(submission, changes.find(sellerId, sku)?.listing);
        const isValid = 'quantity' in judgement;
        if (isValid && !isPreview) changes.accept(sellerId, sku, { quantity: judgement.quantity, at: deps.now() });
        const identifiers = isValid ? [{ marketplaceId: MARKETPLACE_ID, asin: asin(sku) }] : [];
        return c.json({
          sku,
          status: isValid ? (isPreview ? 'VALID' : 'ACCEPTED') : 'INVALID',
          submissionId: uuid(deps.randomHex(16)),
          ...(names.includes('identifiers') && { identifiers }),
          ...(names.includes('issues') && { issues: isValid ? [] : [judgement.issue] }),
        });
      }),
    ),
  );
}

/** A comma-separated list, repeated, or both. */
function list(c: Context, name: string): string[] {
  return (c.req.queries(name) ?? []).flatMap((value) => value.split(','));
}

function dataNames(c: Context, known: readonly string[], otherwise: string): string[] {
  const names = list(c, 'includedData');
  if (names.some((name) => !known.includes(name))) throw new InvalidInput('The parameter includedData is invalid.');
  return names.length > 0 ? names : [otherwise];
}
