import { z } from 'zod';
import type { Call, CallContext, Inventory, LineOutcome, StockLine } from '#marketplaces/marketplace.ts';
import { type Procedure, stepOf } from '#marketplaces/procedure.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import type { ShopeeApp } from './app.ts';
import { digits, int64, readBody } from './body.ts';
import { isTransientMessage, refusalAs, refusalOf } from './refusals.ts';
import { shopCall } from './request.ts';

/** most variations in one call, v2.product.update_stock `stock_list` */
const BATCH = 50;
/** what stands for the only variation of an item that has none */
const NO_MODEL = '0';
const ID = /^(0|[1-9]\d{0,18})$/;

/** Shopee says in a sentence why a variation is refused; only these are understood. */
const REASONS: readonly [RegExp, string][] = [
  [/reserved|promotion/i, 'stock-reserved'],
  [/model_id|model id|not found|not exist/i, 'no-such-variation'],
];

const updated = z.object({
  error: z.literal(''),
  response: z.object({
    success_list: z.array(z.object({ model_id: digits })).nullish(),
    failure_list: z.array(z.object({ model_id: digits, failed_reason: z.string().nullish() })).nullish(),
  }),
});

/** https://open.shopee.com/documents/v2/v2.product.update_stock */
export const inventory: Inventory<ShopeeApp> = {
  references: {
    itemId: { required: true, description: "Shopee's id of the item" },
    modelId: { required: false, description: "Shopee's id of the variation; 0 or nothing for an item that has none" },
    locationId: { required: false, description: 'id of the warehouse, in a shop that has several and in no other' },
  },
  batch: BATCH,
  batchKey: ({ reference }) => reference.itemId ?? '',
  update: (context, lines, answers) => stepOf(update(context, lines), answers),
};

const modelIdOf = ({ reference }: StockLine): string => reference.modelId || NO_MODEL;
const isSendable = (line: StockLine): boolean => ID.test(line.reference.itemId ?? '') && ID.test(modelIdOf(line));

function* update(context: CallContext<ShopeeApp>, lines: readonly StockLine[]): Procedure<LineOutcome[]> {
  const sendable = lines.filter(isSendable);
  const modelIds = [...new Set(sendable.map(modelIdOf))];
  const answers = new Map<string, HttpResponse>();
  if (sendable.length > 0) {
    const whole = yield updateCall(context, sendable);
    for (const modelId of modelIds) {
      // One refused variation must not keep the others of its item from being set.
      const alone = refusalOf(whole) !== undefined && modelIds.length > 1;
      const ofModel = sendable.filter((line) => modelIdOf(line) === modelId);
      answers.set(modelId, alone ? yield updateCall(context, ofModel) : whole);
    }
  }
  return lines.map((line) => {
    if (isSendable(line)) return readOutcome(answers.get(modelIdOf(line))!, line);
    return { outcome: 'failed', code: 'invalid-reference', message: 'the ids of the listing are none of Shopee’s' };
  });
}

function updateCall(context: CallContext<ShopeeApp>, lines: readonly StockLine[]): Call {
  const models = new Map<string, Map<string | undefined, number>>();
  for (const line of lines) {
    const stocks = models.get(modelIdOf(line)) ?? new Map<string | undefined, number>();
    models.set(modelIdOf(line), stocks.set(line.reference.locationId || undefined, line.quantity));
  }
  const body = {
    item_id: int64(lines[0]!.reference.itemId!),
    stock_list: [...models].map(([modelId, stocks]) => ({
      model_id: int64(modelId),
      seller_stock: [...stocks].map(([location_id, stock]) => ({ location_id, stock })),
    })),
  };
  return shopCall(context, { operation: 'updateStock', path: '/api/v2/product/update_stock', body });
}

/** A success may refuse single variations. With one of its warehouses refused, nothing of it is sure to be set. */
function readOutcome(response: HttpResponse, line: StockLine): LineOutcome {
  const refusal = refusalOf(response);
  if (refusal !== undefined) return { outcome: 'failed', ...refusalAs(refusal, 'the quantity') };
  const { success_list, failure_list } = readBody(response, updated).response;
  const isOfLine = ({ model_id }: { model_id: string }) => model_id === modelIdOf(line);
  const refused = failure_list?.find(isOfLine);
  if (!refused) {
    if (success_list?.some(isOfLine)) return { outcome: 'applied' };
    throw new Failure('retryable', "Shopee's answer does not tell of every variation", { code: 'unreadable-answer' });
  }
  const reason = refused.failed_reason ?? '';
  if (isTransientMessage(reason)) {
    throw new Failure('retryable', 'Shopee had trouble with the stock of a variation', { code: 'stock-trouble' });
  }
  const code = REASONS.find(([words]) => words.test(reason))?.[1] ?? 'refused';
  return { outcome: 'failed', code, message: `Shopee refused the quantity: ${code}` };
}
