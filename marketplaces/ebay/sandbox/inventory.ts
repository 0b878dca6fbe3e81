import { type Context, Hono } from 'hono';
import type { BookListing, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Access, SellerEnv } from './access.ts';
import { badRequest, INVENTORY, refuse } from './answers.ts';
import { bulkUpdate, UNKNOWN_OFFER, UNKNOWN_SKU } from './bulk-update.ts';
import { SCOPE_INVENTORY, SCOPE_INVENTORY_READONLY } from './grants.ts';
import type { Offers } from './offers.ts';
import { listingId } from './order-shape.ts';
import type { Quotas } from './quotas.ts';

/** inventory items on a page [eBay Inventory API, getInventoryItems] */
const MAX_LIMIT = 200;
const DEFAULT_LIMIT = '25';

/** The Inventory API, as far as stock goes: what is there, and changes of it. Items and offers can't be made by it. */
export function inventoryApi(
  deps: Pick<SandboxDeps, 'now'>,
  options: { baseUrl: string; books: Books; offers: Offers; access: Access; quotas: Quotas },
): Hono<SellerEnv> {
  const { baseUrl, books, offers, access, quotas } = options;

  const own = (c: Context<SellerEnv>, sku: string): BookListing | undefined =>
    books.listings.get(`${c.get('caller').sellerId}/${sku}`);

  const renderItem = (listing: BookListing) => ({
    sku: listing.sku,
    locale: 'en_GB',
    condition: 'NEW',
    product: { title: listing.sku },
    availability: { shipToLocationAvailability: { quantity: offers.stockOf(listing).total } },
  });

  const renderOffer = (listing: BookListing) => ({
    offerId: listing.reference.offerId,
    sku: listing.sku,
    marketplaceId: 'EBAY_GB',
    format: 'FIXED_PRICE',
    availableQuantity: offers.stockOf(listing).available,
    status: 'PUBLISHED',
    listing: { listingId: listingId(listing.sku), listingStatus: 'ACTIVE', soldQuantity: 0 },
  });

  const app = new Hono<SellerEnv>();
  app.use('*', access.seller(SCOPE_INVENTORY, SCOPE_INVENTORY_READONLY), quotas.count('inventory'));
  app.post('/bulk_update_price_quantity', access.also(SCOPE_INVENTORY), bulkUpdate(deps, { books, offers }));

  app.get('/inventory_item', (c) => {
    const limit = Number(c.req.query('limit') ?? DEFAULT_LIMIT);
    const offset = Number(c.req.query('offset') ?? 0);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT || !Number.isInteger(offset) || offset < 0) {
      return refuse(c, 400, badRequest(INVENTORY, 25706, 'limit or offset is wrong.'));
    }
    const prefix = `${c.get('caller').sellerId}/`;
    const all = [...books.listings].flatMap(([key, listing]) => (key.startsWith(prefix) ? [listing] : []));
    const items = all.slice(offset, offset + limit);
    const url = `${baseUrl}/inventory_item`;
    return c.json({
      href: `${url}?limit=${limit}&offset=${offset}`,
      ...(offset + limit < all.length ? { next: `${url}?limit=${limit}&offset=${offset + limit}` } : {}),
      limit,
      size: items.length,
      total: all.length,
      inventoryItems: items.map(renderItem),
    });
  });
  app.get('/inventory_item/:sku', (c) => {
    const listing = own(c, c.req.param('sku'));
    return listing ? c.json(renderItem(listing)) : refuse(c, 404, UNKNOWN_SKU);
  });

  app.get('/offer', (c) => {
    const sku = c.req.query('sku');
    if (!sku) return refuse(c, 400, badRequest(INVENTORY, 25709, 'sku is missing.'));
    const listing = own(c, sku);
    if (!listing) return refuse(c, 404, UNKNOWN_OFFER);
    const href = `${baseUrl}/offer?${new URLSearchParams({ sku })}`;
    return c.json({ href, limit: 1, size: 1, total: 1, offers: [renderOffer(listing)] });
  });
  app.get('/offer/:offerId', (c) => {
    const listing = offers.find(books, c.get('caller').sellerId, c.req.param('offerId'));
    return listing ? c.json(renderOffer(listing)) : refuse(c, 404, UNKNOWN_OFFER);
  });
  return app;
}
