import type { Hono } from 'hono';
import { z } from 'zod';
import type { BookListing, Books } from '#marketplaces/sandbox-kit/books.ts';
import { type Answers, invalidParameter, type Refusal, readBody } from './answers.ts';
import type { Gateway, ShopEnv } from './gateway.ts';
import { type Listings, WAREHOUSE_ID } from './listings.ts';

// All from TikTok Shop's Open API, Update Inventory.
/** most SKUs of a product */
const MAX_SKUS = 100;
/** The documentation begins at 1; clients write 0 for what is sold out. */
const MAX_QUANTITY = 99_999;
const UNKNOWN_PRODUCT: Refusal = { code: 12052032, message: 'The product does not exist.' };
const SKU_TWICE: Refusal = { code: 12052553, message: 'A SKU id is there twice.' };
const CHECK_FAILED = { code: 12052990, message: 'Check failed' };
const UNKNOWN_SKU = { code: 12052556, message: 'The SKU id does not exist.' };
const UNKNOWN_WAREHOUSE = { code: 12052097, message: 'The warehouse does not exist.' };
const WRONG_QUANTITY = { code: 12052055, message: 'The quantity is outside of the limits.' };

/** most ids in one search: this sandbox's choice */
const MAX_SEARCHED = 100;

const updateBody = z.object({
  skus: z
    .array(
      z.object({
        id: z.string().min(1),
        inventory: z
          .array(
            z.object({
              warehouse_id: z.string().default(WAREHOUSE_ID),
              quantity: z.int(),
              backorder_quantity: z.int().optional(),
              handling_time: z.int().optional(),
            }),
          )
          .min(1),
      }),
    )
    .min(1)
    .max(MAX_SKUS),
});
const ids = z.array(z.string()).max(MAX_SEARCHED).default([]);
const searchBody = z.object({ product_ids: ids, sku_ids: ids });

type SkuUpdate = z.output<typeof updateBody>['skus'][number];

/** Stock, which is absolute. A wrong SKU fails alone, inside a success. */
export function addInventoryRoutes(
  app: Hono<ShopEnv>,
  { gateway, answers, books, listings }: { gateway: Gateway; answers: Answers; books: Books; listings: Listings },
): void {
  const updateApi = gateway.shop('updateInventory', 'no-cipher');
  app.post('/product/202309/products/:productId/inventory/update', updateApi, async (c) => {
    const body = await readBody(c, updateBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    const { skus } = body.value;
    const shopId = c.get('shop').sellerId;
    const offered = listings.ofProduct(books, shopId, c.req.param('productId'));
    if (offered.length === 0) return answers.refuse(c, UNKNOWN_PRODUCT);
    if (new Set(skus.map(({ id }) => id)).size < skus.length) return answers.refuse(c, SKU_TWICE);

    const errors = skus.flatMap((update) => {
      const listing = offered.find(({ reference }) => reference.skuId === update.id);
      if (!listing) return [{ ...UNKNOWN_SKU, detail: { sku_id: update.id, extra_errors: [] } }];
      const wrong = objections(update);
      if (wrong.length > 0) return [{ ...CHECK_FAILED, detail: { sku_id: update.id, extra_errors: wrong } }];
      books.setStock(shopId, listing.sku, update.inventory[0]!.quantity);
      return [];
    });
    return answers.succeed(c, errors.length > 0 ? { errors } : {});
  });

  app.post('/product/202309/inventory/search', gateway.shop('searchInventory'), async (c) => {
    const body = await readBody(c, searchBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    const { product_ids, sku_ids } = body.value;
    if (product_ids.length + sku_ids.length === 0) return answers.refuse(c, invalidParameter('product_ids'));
    const shopId = c.get('shop').sellerId;
    const found = new Set([
      ...product_ids.flatMap((id) => listings.ofProduct(books, shopId, id)),
      ...sku_ids.flatMap((id) => listings.find(books, shopId, id) ?? []),
    ]);
    const byProduct = Map.groupBy(found, ({ reference }) => reference.productId);
    return answers.succeed(c, {
      inventory: [...byProduct].map(([productId, skus]) => ({ product_id: productId, skus: skus.map(renderStock) })),
    });
  });
}

/** What is wrong with the stock of a SKU, by warehouse. A shop here has one, so a second entry can't be right. */
function objections({ inventory }: SkuUpdate) {
  return inventory.flatMap(({ warehouse_id, quantity }, index) => {
    const isKnown = warehouse_id === WAREHOUSE_ID && index === 0;
    if (isKnown && quantity >= 0 && quantity <= MAX_QUANTITY) return [];
    return [{ warehouse_id, ...(isKnown ? WRONG_QUANTITY : UNKNOWN_WAREHOUSE) }];
  });
}

/** Nothing is reserved for orders that are not shipped yet: the books know the sellable quantity only. */
function renderStock({ sku, reference, quantity }: BookListing) {
  return {
    id: reference.skuId,
    seller_sku: sku,
    total_available_quantity: quantity,
    total_committed_quantity: 0,
    warehouse_inventory: [{ warehouse_id: WAREHOUSE_ID, available_quantity: quantity, committed_quantity: 0 }],
    total_available_inventory_distribution: {
      campaign_inventory: [],
      creator_inventory: [],
      in_shop_inventory: { quantity },
    },
  };
}
