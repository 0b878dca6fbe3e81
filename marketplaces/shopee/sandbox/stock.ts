import type { Hono, MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { Books } from '#marketplaces/sandbox-kit/books.ts';
import { type Answers, type Refusal, readBody, wrongParameter } from './answers.ts';
import type { Listings } from './listings.ts';

/** most models in one call (Shopee's API reference, v2.product.update_stock) */
const MAX_MODELS = 50;

const ITEM_NOT_FOUND: Refusal = { error: 'error_item_not_found', message: 'Item_id is not found.' };
const WRONG_MODEL: Refusal = { error: 'error_param', message: 'Wrong model_id.' };
const REPEATED_MODEL: Refusal = { error: 'error_param', message: 'Repeat model_id.' };
const BELOW_RESERVED: Refusal = { error: 'error_auth', message: 'Total stock must be more than reserved stock.' };

const stockBody = z.object({
  item_id: z.int().positive(),
  stock_list: z
    .array(
      z.object({
        model_id: z.int().min(0).default(0),
        seller_stock: z.array(z.object({ location_id: z.string().optional(), stock: z.int().min(0) })).min(1),
      }),
    )
    .min(1)
    .max(MAX_MODELS),
});

/**
 * Sets absolute stock of one item's models. A model that can't be set fails alone if another one is set; whether Shopee
 * draws the line between `failure_list` and an error just there is not documented.
 */
export function addStockRoutes(
  app: Hono,
  parts: { shopApi: MiddlewareHandler; answers: Answers; books: Books; listings: Listings },
): void {
  const { shopApi, answers, books, listings } = parts;

  app.post('/api/v2/product/update_stock', shopApi, async (c) => {
    const body = await readBody(c, stockBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    const { item_id, stock_list } = body.value;
    const shopId = c.req.query('shop_id') ?? '';
    const models = listings.ofItem(books, shopId, item_id);
    if (models.size === 0) return answers.refuse(c, ITEM_NOT_FOUND);
    if (new Set(stock_list.map(({ model_id }) => model_id)).size < stock_list.length) {
      return answers.refuse(c, REPEATED_MODEL);
    }
    // Shops here have one warehouse, which has no location id.
    if (stock_list.some(({ seller_stock }) => seller_stock.length > 1 || seller_stock[0]?.location_id)) {
      return answers.refuse(c, wrongParameter('location_id is only for shops with several warehouses'));
    }

    const failures: { model_id: number; refusal: Refusal }[] = [];
    const success_list: { model_id: number; location_id: string; stock: number }[] = [];
    for (const { model_id, seller_stock } of stock_list) {
      const { stock } = seller_stock[0]!;
      const listing = models.get(model_id);
      if (!listing) failures.push({ model_id, refusal: WRONG_MODEL });
      else if (stock < listings.reservedOf(listing)) failures.push({ model_id, refusal: BELOW_RESERVED });
      else {
        books.setStock(shopId, listing.sku, stock);
        success_list.push({ model_id, location_id: '', stock });
      }
    }
    if (success_list.length === 0) return answers.refuse(c, failures[0]!.refusal);
    const failure_list = failures.map(({ model_id, refusal }) => ({ model_id, failed_reason: refusal.message }));
    return answers.response(c, { success_list, failure_list });
  });
}
