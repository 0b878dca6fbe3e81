import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { BookListing, Books } from '#marketplaces/sandbox-kit/books.ts';
import { forbidden, invalid, notFound, readJson, refuse } from './answers.ts';
import type { SellerEnv } from './gateway.ts';
import type { Listings } from './listings.ts';
import { SITE_ID } from './registration.ts';

/** The one store that is a stock location of each seller: its id is that of the seller with an 8 before it. */
const storeIdOf = (sellerId: string): string => `8${sellerId}`;
const nodeIdOf = (sellerId: string): string => `${SITE_ID.slice(0, 2)}P${sellerId}`;

const stockUpdate = z.object({
  locations: z
    .array(
      z.object({
        store_id: z.coerce.string().min(1),
        network_node_id: z.string().optional(), // not looked at
        quantity: z.int().min(0),
      }),
    )
    .min(1),
});

/** Stock by user product and store, each change of which must name the version that it changes. */
export function userProductsApi({ books, listings }: { books: Books; listings: Listings }): Hono<SellerEnv> {
  const seen = new Map<string, { quantity: number; version: number }>();

  /** Rises with every change, whoever made it. */
  function versionOf(userProductId: string, { quantity }: BookListing): number {
    const before = seen.get(userProductId);
    if (before?.quantity === quantity) return before.version;
    const version = (before?.version ?? 0) + 1;
    seen.set(userProductId, { quantity, version });
    return version;
  }

  function renderStock(c: Context<SellerEnv>, listing: BookListing): Response {
    const sellerId = c.get('sellerId');
    const id = listing.reference.userProductId!;
    c.header('x-version', String(versionOf(id, listing)));
    const location = {
      type: 'seller_warehouse',
      network_node_id: nodeIdOf(sellerId),
      store_id: storeIdOf(sellerId),
      quantity: listing.quantity,
    };
    return c.json({ locations: [location], user_id: Number(sellerId), product_release_date: null, id });
  }

  const app = new Hono<SellerEnv>();

  app.get('/user-products/:id/stock', (c) => {
    const listing = listings.ofUserProduct(c.get('sellerId'), c.req.param('id'));
    return listing ? renderStock(c, listing) : notFound(c, 'User product not found');
  });

  app.put('/user-products/:id/stock/type/seller_warehouse', async (c) => {
    const id = c.req.param('id');
    const sellerId = c.get('sellerId');
    const listing = listings.ofUserProduct(sellerId, id);
    if (!listing) return notFound(c, 'User product not found');
    const version = c.req.header('x-version');
    if (version === undefined) return invalid(c, 'Missing X-Version header');
    if (version !== String(versionOf(id, listing))) return refuse(c, 409, 'conflict', 'Version mismatch');
    const body = stockUpdate.safeParse(await readJson(c));
    if (!body.success) return invalid(c, `${body.error.issues[0]?.path.join('.') || 'body'} is missing or invalid`);
    const { locations } = body.data;
    const foreign = locations.find(({ store_id }) => store_id !== storeIdOf(sellerId));
    if (foreign) return invalid(c, `store not found: ${foreign.store_id}`);
    if (locations.length > 1) return invalid(c, 'the store is there twice');
    // Even a write that changes nothing makes a new version.
    seen.set(id, { quantity: locations[0]!.quantity, version: Number(version) + 1 });
    books.setStock(sellerId, listing.sku, locations[0]!.quantity);
    return renderStock(c, listing);
  });

  app.get('/users/:id/stores/search', (c) => {
    const sellerId = c.get('sellerId');
    if (c.req.param('id') !== sellerId) return forbidden(c, 'The caller is not the user');
    const store = {
      id: storeIdOf(sellerId),
      user_id: sellerId,
      description: 'Sandbox warehouse',
      status: 'active',
      location: { address_line: 'Rua do Exemplo 1', zip_code: '01001000', city: 'São Paulo', country: 'Brasil' },
      tags: ['stock_location'],
      network_node_id: nodeIdOf(sellerId),
    };
    const tag = c.req.query('tags');
    const results = tag === undefined || store.tags.includes(tag) ? [store] : [];
    return c.json({ paging: { limit: 50, offset: 0, total: results.length }, results });
  });
  return app;
}
