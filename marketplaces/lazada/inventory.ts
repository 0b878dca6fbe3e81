import { z } from 'zod';
import type { Call, CallContext, Inventory, LineOutcome, StockLine } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readAnswer } from './answer.ts';
import type { LazadaApp } from './app.ts';
import { refusalAs, refusalOf } from './refusals.ts';
import { sellerCall } from './request.ts';

/** lines in one call, as Lazada advises; it takes 50, Lazada Open Platform, inventory API best practice */
const BATCH = 20;

const XML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** UpdateSellableQuantity sets what can be sold, without what is reserved; AdjustSellableQuantity would add to it. */
export const inventory: Inventory<LazadaApp> = {
  references: {
    itemId: { required: true, description: "Lazada's id of the product, `item_id`" },
    skuId: { required: true, description: "Lazada's id of the SKU, `SkuId`, `sku_id` of an order's items" },
  },
  batch: BATCH,
  batchKey: () => '',

  /**
   * The API reference does not show how `detail` names the SKUs that E501 refuses, nor say that the others are set. So
   * where a call is refused, each line goes alone: the quantities are absolute, and setting one twice changes nothing.
   */
  update(context, lines, [whole, ...single]) {
    if (!whole) return { call: updateCall(context, lines) };
    if (refusalOf(whole) === undefined || lines.length === 1) return { done: lines.map(() => readOutcome(whole)) };
    const next = lines[single.length];
    return next ? { call: updateCall(context, [next]) } : { done: single.map(readOutcome) };
  },
};

function updateCall(context: CallContext<LazadaApp>, lines: readonly StockLine[]): Call {
  const skus = lines.map(({ sku, quantity, reference }) =>
    element('Sku', [
      element('ItemId', escapeXml(reference.itemId ?? '')),
      element('SkuId', escapeXml(reference.skuId ?? '')),
      element('SellerSku', escapeXml(sku)),
      element('SellableQuantity', String(quantity)),
    ]),
  );
  const payload = element('Request', [element('Product', [element('Skus', skus)])]);
  return sellerCall(context, 'updateStock', {
    method: 'POST',
    path: '/product/stock/sellable/update',
    parameters: { payload },
  });
}

const element = (name: string, content: string | string[]): string => `<${name}>${[content].flat().join('')}</${name}>`;

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => XML_ESCAPES[character]!);

function readOutcome(response: HttpResponse): LineOutcome {
  const code = refusalOf(response);
  if (code !== undefined) return { outcome: 'failed', ...refusalAs(code, 'the quantity') };
  readAnswer(response, z.unknown());
  return { outcome: 'applied' };
}
