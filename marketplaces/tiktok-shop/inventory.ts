import { z } from 'zod';
import type { Call, CallContext, Inventory, LineOutcome, StockLine } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readData } from './answer.ts';
import type { TikTokShopApp } from './app.ts';
import { refusalAs, refusalOf } from './refusals.ts';
import { shopCall } from './request.ts';

/** most lines in one call, ours: a product has at most 100 SKUs, Update Inventory, error 12052050 */
const BATCH = 100;

const errors = z
  .object({
    errors: z
      .array(
        z.object({
          code: z.int(),
          detail: z
            .object({
              sku_id: z.string().nullish(),
              extra_errors: z.array(z.object({ warehouse_id: z.string().nullish(), code: z.int() })).nullish(),
            })
            .nullish(),
        }),
      )
      .nullish(),
  })
  .nullish();

/** Update Inventory: all SKUs of a product in one call, each with every warehouse that holds it. */
export const inventory: Inventory<TikTokShopApp> = {
  references: {
    productId: { required: true, description: "TikTok Shop's id of the product" },
    skuId: { required: true, description: "TikTok Shop's id of the SKU, `sku_id` of an order's line items" },
    warehouseId: {
      required: true,
      description: 'id of the warehouse; a SKU in several needs a line for each of them at the same time',
    },
  },
  batch: BATCH,
  batchKey: ({ reference }) => reference.productId ?? '',

  update(context, lines, answers) {
    const [whole, ...single] = answers;
    if (!whole) return { call: updateCall(context, lines) };
    const skuIds = [...new Set(lines.map(skuIdOf))];
    if (refusalOf(whole) === undefined || skuIds.length === 1) {
      return { done: lines.map((line) => readOutcome(whole, line)) };
    }
    // One refused SKU must not keep the others of its product from being set.
    const next = skuIds[single.length];
    if (next !== undefined)
      return {
        call: updateCall(
          context,
          lines.filter((line) => skuIdOf(line) === next),
        ),
      };
    return { done: lines.map((line) => readOutcome(single[skuIds.indexOf(skuIdOf(line))]!, line)) };
  },
};

const skuIdOf = ({ reference }: StockLine): string => reference.skuId ?? '';

function updateCall(context: CallContext<TikTokShopApp>, lines: readonly StockLine[]): Call {
  const skus = new Map<string, Map<string | undefined, number>>();
  for (const line of lines) {
    const warehouses = skus.get(skuIdOf(line)) ?? new Map<string | undefined, number>();
    skus.set(skuIdOf(line), warehouses.set(line.reference.warehouseId, line.quantity));
  }
  return shopCall(context, 'updateInventory', {
    method: 'POST',
    path: `/product/202309/products/${encodeURIComponent(lines[0]!.reference.productId ?? '')}/inventory/update`,
    body: {
      skus: [...skus].map(([id, warehouses]) => ({
        id,
        inventory: [...warehouses].map(([warehouse_id, quantity]) => ({ warehouse_id, quantity })),
      })),
    },
  });
}

/** A success may refuse single SKUs. With one of its warehouses refused, nothing of a SKU is sure to be set. */
function readOutcome(response: HttpResponse, { reference }: StockLine): LineOutcome {
  const refusal = refusalOf(response);
  if (refusal !== undefined) return failed(refusal);
  const told = readData(response, errors)?.errors ?? [];
  const error = told.find(({ detail }) => !detail?.sku_id || detail.sku_id === reference.skuId);
  if (!error) return { outcome: 'applied' };
  const extra = error.detail?.extra_errors ?? [];
  const ofWarehouse = extra.find(({ warehouse_id }) => warehouse_id === reference.warehouseId) ?? extra[0];
  return failed(ofWarehouse?.code ?? error.code);
}

function failed(code: number): LineOutcome {
  return { outcome: 'failed', ...refusalAs(code, 'the quantity') };
}
