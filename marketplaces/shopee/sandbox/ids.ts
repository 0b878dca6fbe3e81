import { createHash } from 'node:crypto';

/** `85123A`: digits, then a letter or two that tell variants apart */
const VARIANT_SKU = /^(\d{3,})[A-Za-z]{1,2}$/;

/** A number that always is the same for the same text, below 2^40 so that JSON keeps it whole. */
export function idOf(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 5);
}

/**
 * Shopee's ids of a SKU. Variants are models of one item and have their SKU in `model_sku`; an item without models has
 * it in `item_sku`, and model 0.
 */
export function itemIds(sku: string): { item_id: number; model_id: number; item_sku: string; model_sku: string } {
  const base = VARIANT_SKU.exec(sku)?.[1];
  if (base === undefined) return { item_id: idOf(sku), model_id: 0, item_sku: sku, model_sku: '' };
  return { item_id: idOf(`variants of ${base}`), model_id: idOf(`model ${sku}`), item_sku: '', model_sku: sku };
}
