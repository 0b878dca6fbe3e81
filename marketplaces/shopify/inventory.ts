import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Call, CallContext, Inventory, LineOutcome, StockLine } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { readData } from './answer.ts';
import type { ShopifyApp } from './app.ts';
import { gidOf } from './gid.ts';
import { graphqlCall } from './request.ts';
import { refusalAs, type UserError, userErrors } from './user-errors.ts';

/** most lines in one call, ours; Shopify takes 250 in any list */
const BATCH = 100;

const SET_QUANTITIES = `mutation setQuantities($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { code field message }
  }
}`;

const answerShape = z.object({ inventorySetQuantities: z.object({ userErrors }) });

/** Codes that say nothing of the quantities: the next try, under a key of its own, may succeed. */
const TRANSIENT_CODE = /^IDEMPOTENCY_|^SERVICE_UNAVAILABLE$|^INTERNAL_/;

type Quantity = { inventoryItemId: string; locationId: string; quantity: number; changeFromQuantity: null };

/** inventorySetQuantities: sets what is available of items at locations, whatever it was. */
export const inventory: Inventory<ShopifyApp> = {
  references: {
    inventoryItemId: { required: true, description: "Shopify's id of the variant's inventory item" },
    locationId: { required: true, description: 'id of the location that the quantity is at' },
  },
  batch: BATCH,
  batchKey: () => '',

  /**
   * Shopify does not say whether it sets the others when it refuses one, so they are sent again without it, until none
   * is refused: to set a quantity twice changes nothing.
   */
  update(context, lines, answers) {
    const refused = new Map<string, UserError>();
    let left = quantitiesOf(lines);
    for (const answer of answers) {
      const errors = readData(answer, answerShape).inventorySetQuantities.userErrors;
      if (errors.some(({ code }) => TRANSIENT_CODE.test(code ?? ''))) {
        throw new Failure('retryable', 'Shopify did not set the quantities now', { code: 'quantities-not-set' });
      }
      for (const error of errors) {
        const meant = left[placeOf(error) ?? -1];
        // What names no line concerns them all.
        for (const quantity of meant ? [meant] : left) refused.set(keyOf(quantity), error);
      }
      left = errors.length === 0 ? [] : left.filter((quantity) => !refused.has(keyOf(quantity)));
    }
    if (left.length > 0) return { call: setCall(context, left) };
    return { done: lines.map((line) => outcomeOf(refused.get(keyOf(quantityOf(line))))) };
  },
};

function setCall(context: CallContext<ShopifyApp>, quantities: readonly Quantity[]): Call {
  const input = { name: 'available', reason: 'correction', quantities };
  // Not of the quantities alone: Shopify keeps a key for a day, and a quantity that is set, changed and set again in it
  // would be taken for a repeat of the first.
  const key = uuidOf(`${context.now} ${context.connection.connectionId} ${JSON.stringify(quantities)}`);
  return graphqlCall(context, 'setQuantities', SET_QUANTITIES, { input, key });
}

/** Shopify refuses two quantities of one item at one location: the last one counts. */
function quantitiesOf(lines: readonly StockLine[]): Quantity[] {
  return [...new Map(lines.map(quantityOf).map((quantity) => [keyOf(quantity), quantity])).values()];
}

function quantityOf({ reference, quantity }: StockLine): Quantity {
  return {
    inventoryItemId: gidOf('InventoryItem', reference.inventoryItemId ?? ''),
    locationId: gidOf('Location', reference.locationId ?? ''),
    quantity,
    changeFromQuantity: null,
  };
}

const keyOf = ({ inventoryItemId, locationId }: Quantity): string => `${inventoryItemId} ${locationId}`;

/** `["input", "quantities", "3", …]` */
function placeOf({ field }: UserError): number | undefined {
  const [input, quantities, index = ''] = field ?? [];
  return input === 'input' && quantities === 'quantities' && /^\d{1,3}$/.test(index) ? Number(index) : undefined;
}

function outcomeOf(error: UserError | undefined): LineOutcome {
  return error ? { outcome: 'failed', ...refusalAs(error, 'the quantity') } : { outcome: 'applied' };
}

/** Shopify wants a UUID; a connector has no random source, so it is derived (RFC 9562, version 8). */
function uuidOf(seed: string): string {
  const digits = hash('sha256', seed);
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`];
  return [...parts, digits.slice(20, 32)].join('-');
}
