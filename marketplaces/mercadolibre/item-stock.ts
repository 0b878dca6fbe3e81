import { z } from 'zod';
import type { Call, CallContext, LineOutcome, Step, StockLine } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { numericId, readAnswer } from './answer.ts';
import type { MercadolibreApp } from './app.ts';
import { refusalAs, refusalOf } from './failure.ts';
import { apiCall } from './request.ts';

type Context = CallContext<MercadolibreApp>;

const item = z.object({
  id: z.string().min(1),
  available_quantity: z.int().nullish(),
  variations: z.array(z.object({ id: numericId, available_quantity: z.int().nullish() })).nullish(),
});

/** Sets the stock of an item, or of variations of one item: `PUT /items/{id}`. */
export function setItemStock(
  context: Context,
  lines: readonly StockLine[],
  answers: readonly HttpResponse[],
): Step<LineOutcome[]> {
  if (lines[0]?.reference.variationId) return setVariations(context, lines, answers);
  const next = lines[answers.length];
  if (next) return { call: updateCall(context, next, { available_quantity: next.quantity }) };
  return { done: answers.map((answer, index) => readItem(answer, lines[index]!)) };
}

/**
 * The item's variations are read first: one that an update does not name is deleted. Those that keep their stock are
 * named by their id alone, so that a sale that happens meanwhile is not undone.
 */
function setVariations(
  context: Context,
  lines: readonly StockLine[],
  [read, updated]: readonly HttpResponse[],
): Step<LineOutcome[]> {
  if (!read) return { call: apiCall(context, 'getItem', { method: 'GET', path: itemPath(lines[0]!) }) };
  const refused = refusalOf(read);
  if (refused !== undefined) return { done: lines.map(() => failed(refused)) };
  const known = readAnswer(read, item).variations ?? [];
  const wanted = new Map(lines.map(({ reference, quantity }) => [reference.variationId, quantity]));
  if (!known.some(({ id }) => wanted.has(id))) return { done: lines.map(() => NO_SUCH_VARIATION) };
  if (!updated) {
    const variations = known.map(({ id }) =>
      wanted.has(id) ? { id: Number(id), available_quantity: wanted.get(id) } : { id: Number(id) },
    );
    return { call: updateCall(context, lines[0]!, { variations }) };
  }
  const isKnown = ({ reference }: StockLine): boolean => known.some(({ id }) => id === reference.variationId);
  return { done: lines.map((line) => (isKnown(line) ? readItem(updated, line) : NO_SUCH_VARIATION)) };
}

function updateCall(context: Context, line: StockLine, body: object): Call {
  return apiCall(context, 'updateItem', { method: 'PUT', path: itemPath(line), body });
}

const itemPath = ({ reference }: StockLine): string => `/items/${encodeURIComponent(reference.itemId ?? '')}`;

/** The answer is the item as it is now: where stock is in warehouses, a quantity may be taken and ignored. */
function readItem(response: HttpResponse, { quantity, reference: { variationId } }: StockLine): LineOutcome {
  const refused = refusalOf(response);
  if (refused !== undefined) return failed(refused);
  const told = readAnswer(response, item);
  const holder = variationId ? told.variations?.find(({ id }) => id === variationId) : told;
  const now = holder?.available_quantity ?? quantity;
  return now === quantity ? { outcome: 'applied' } : IGNORED;
}

const failed = (word: string): LineOutcome => ({ outcome: 'failed', ...refusalAs(word, 'the quantity') });

const NO_SUCH_VARIATION: LineOutcome = {
  outcome: 'failed',
  code: 'variation-not-found',
  message: 'the item has no such variation',
};
const IGNORED: LineOutcome = {
  outcome: 'failed',
  code: 'quantity-ignored',
  message: 'Mercado Libre took the quantity and kept its own: is the stock in warehouses?',
};
