import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { BookListing, Books } from '#marketplaces/sandbox-kit/books.ts';
import { type Cause, forbidden, invalid, notFound, readJson, refuse } from './answers.ts';
import type { SellerEnv } from './gateway.ts';
import { renderItem, renderVariation } from './item-shape.ts';
import type { Listings } from './listings.ts';

/** most items in one multiget [Mercado Libre developer guide, items] */
const MAX_ITEMS = 20;
/** most results on a page of a seller's items and the default [Mercado Libre developer guide, items and searches] */
const MAX_LIMIT = 50;

const quantity = z.int().min(0).max(99_999);
const variationUpdate = z.object({ available_quantity: quantity });
/** Of all that can be changed in an item the sandbox knows the stock only. */
const itemUpdate = z.object({
  available_quantity: quantity.optional(),
  variations: z
    .array(z.object({ id: z.coerce.string(), available_quantity: quantity.optional() }))
    .min(1)
    .optional(),
});

function invalidItem(c: Context, ...cause: Cause[]): Response {
  return refuse(c, 400, 'validation_error', 'Validation error', cause);
}

const wrongQuantity: Cause = { code: 'item.available_quantity.invalid', message: 'The quantity is invalid' };

/** Items and their variations, and the stock of both. */
export function itemsApi({ books, listings }: { books: Books; listings: Listings }): Hono<SellerEnv> {
  /** What the seller offers under the item that the path names, or the answer that there is nothing. */
  function ownItem(c: Context<SellerEnv>): BookListing[] | Response {
    const itemId = c.req.param('id') ?? '';
    const found = listings.ofItem(c.get('sellerId'), itemId);
    return found.length > 0 ? found : notFound(c, `Item with id ${itemId} not found`);
  }
  const variationOf = (item: readonly BookListing[], id: string): BookListing | undefined =>
    item.find(({ reference }) => reference.variationId === id);

  const app = new Hono<SellerEnv>();

  app.get('/items', (c) => {
    const ids = (c.req.query('ids') ?? '').split(',');
    if (ids.length > MAX_ITEMS || ids[0] === '') return invalid(c, 'ids is invalid');
    return c.json(
      ids.map((id) => {
        const item = listings.ofItem(c.get('sellerId'), id);
        if (item.length > 0) return { code: 200, body: renderItem(c.get('sellerId'), item) };
        return { code: 404, body: { id, message: `Item with id ${id} not found`, error: 'not_found', status: 404 } };
      }),
    );
  });

  app.get('/items/:id', (c) => {
    const item = ownItem(c);
    return item instanceof Response ? item : c.json(renderItem(c.get('sellerId'), item));
  });

  app.put('/items/:id', async (c) => {
    const item = ownItem(c);
    if (item instanceof Response) return item;
    const sellerId = c.get('sellerId');
    const body = itemUpdate.safeParse(await readJson(c));
    if (!body.success) return invalidItem(c, wrongQuantity);
    const { available_quantity: amount, variations } = body.data;
    const [first] = item;
    if (first!.reference.userProductId !== undefined && amount !== undefined) {
      return refuse(c, 400, 'validation_error', 'the fields [available_quantity] are invalid for requested call');
    }
    const hasVariations = first!.reference.variationId !== undefined;
    if ((hasVariations && amount !== undefined) || (!hasVariations && variations)) {
      const code = hasVariations ? 'item.available_quantity.not_modifiable' : 'item.variations.not_modifiable';
      return invalidItem(c, { code, message: 'The field can not be modified in this item' });
    }
    const unknown = variations?.find(({ id }) => !variationOf(item, id));
    if (unknown) return invalidItem(c, { code: 'item.variations.id.invalid', message: `No variation ${unknown.id}` });
    if (amount !== undefined) books.setStock(sellerId, first!.sku, amount);
    if (variations) {
      for (const { sku, reference } of item) {
        const update = variations.find(({ id }) => id === reference.variationId);
        // A variation that is not sent is deleted there; here it stays, with nothing to sell.
        if (!update) books.setStock(sellerId, sku, 0);
        else if (update.available_quantity !== undefined) books.setStock(sellerId, sku, update.available_quantity);
      }
    }
    return c.json(renderItem(sellerId, item));
  });

  app.get('/items/:id/variations', (c) => {
    const item = ownItem(c);
    if (item instanceof Response) return item;
    return c.json(item.filter(({ reference }) => reference.variationId).map(renderVariation));
  });

  app.on(['GET', 'PUT'], '/items/:id/variations/:variation', async (c) => {
    const item = ownItem(c);
    if (item instanceof Response) return item;
    const listing = variationOf(item, c.req.param('variation'));
    if (!listing) return notFound(c, 'Variation not found');
    if (c.req.method === 'PUT') {
      const body = variationUpdate.safeParse(await readJson(c));
      if (!body.success) return invalidItem(c, wrongQuantity);
      books.setStock(c.get('sellerId'), listing.sku, body.data.available_quantity);
    }
    return c.json(renderVariation(listing));
  });

  app.get('/users/:id/items/search', (c) => {
    const sellerId = c.get('sellerId');
    if (c.req.param('id') !== sellerId) return forbidden(c, 'The caller is not the user');
    const { seller_sku: sku, offset = '0', limit = String(MAX_LIMIT) } = c.req.query();
    if (!/^\d{1,6}$/.test(offset) || !/^\d{1,2}$/.test(limit) || Number(limit) > MAX_LIMIT) {
      return invalid(c, 'offset or limit is invalid');
    }
    const found = listings.ofSeller(sellerId).filter((listing) => sku === undefined || listing.sku === sku);
    const ids = [...new Set(found.map(({ reference }) => reference.itemId))];
    return c.json({
      seller_id: sellerId,
      query: null,
      paging: { limit: Number(limit), offset: Number(offset), total: ids.length },
      results: ids.slice(Number(offset), Number(offset) + Number(limit)),
      orders: [],
      available_orders: [],
    });
  });
  return app;
}
