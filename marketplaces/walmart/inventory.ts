import { z } from 'zod';
import type { Call, CallContext, Inventory, LineOutcome, StockLine } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readAnswer, unreadable } from './answer.ts';
import type { WalmartApp } from './app.ts';
import { refusalAs, refusalOf } from './failure.ts';
import { apiCall } from './request.ts';

/** most ship nodes of a SKU in one call; chosen, as Walmart names none and few sellers have more */
const BATCH = 20;

const echo = z.object({ sku: z.string(), quantity: z.object({}) });

const nodesAnswer = z.object({
  nodes: z.array(
    z.object({
      shipNode: z.string(),
      status: z.string().nullish(),
      errors: z.array(z.object({ code: z.string() })).nullish(),
    }),
  ),
});

/**
 * Inventory API v3, one SKU a call. Not by feed: a feed comes into force at a time of its own, perhaps after a newer
 * quantity that was set by call.
 */
export const inventory: Inventory<WalmartApp> = {
  references: {
    shipNode: {
      required: false,
      description: "Walmart's id of the warehouse that the quantity is in; the seller's only one where it is not given",
    },
  },
  batch: BATCH,

  /** The nodes of one SKU share a call. */
  batchKey: ({ sku, reference }) => JSON.stringify([sku, reference.shipNode ? 'nodes' : 'single']),

  update(context, lines, answers) {
    const nodes = lines.flatMap(({ reference }) => reference.shipNode || []);
    if (nodes.length === lines.length && nodes.length > 0) {
      const [answer] = answers;
      return answer ? { done: readNodes(answer, nodes) } : { call: nodesCall(context, lines) };
    }
    const next = lines[answers.length];
    return next
      ? { call: singleCall(context, next) }
      : { done: answers.map((answer, index) => readSingle(answer, lines[index]!)) };
  },
};

function singleCall(context: CallContext<WalmartApp>, { sku, quantity }: StockLine): Call {
  return apiCall(context, 'updateInventory', {
    method: 'PUT',
    path: `/v3/inventory?sku=${encodeURIComponent(sku)}`,
    body: { sku, quantity: { unit: 'EACH', amount: quantity } },
  });
}

function nodesCall(context: CallContext<WalmartApp>, lines: readonly StockLine[]): Call {
  return apiCall(context, 'updateNodeInventory', {
    method: 'PUT',
    path: `/v3/inventories/${encodeURIComponent(lines[0]!.sku)}`,
    body: {
      inventories: {
        nodes: lines.map(({ reference, quantity }) => ({
          shipNode: reference.shipNode,
          inputQty: { unit: 'EACH', amount: quantity },
        })),
      },
    },
  });
}

function readSingle(response: HttpResponse, { sku }: StockLine): LineOutcome {
  const refusal = refusalOf(response);
  if (refusal !== undefined) return failed(refusal);
  if (readAnswer(response, echo).sku !== sku) throw unreadable(response, 'about another SKU');
  return { outcome: 'applied' };
}

/** Some nodes may be refused while others are set. */
function readNodes(response: HttpResponse, nodes: readonly string[]): LineOutcome[] {
  const refusal = refusalOf(response);
  if (refusal !== undefined) return nodes.map(() => failed(refusal));
  const told = new Map(readAnswer(response, nodesAnswer).nodes.map((node) => [node.shipNode, node]));
  return nodes.map((shipNode) => {
    const node = told.get(shipNode);
    if (!node) throw unreadable(response, 'without one of the ship nodes asked for');
    if (node.status?.toLowerCase() === 'success' && !node.errors?.length) return { outcome: 'applied' };
    return failed(node.errors?.[0]?.code.split('.')[0] ?? '');
  });
}

function failed(word: string): LineOutcome {
  return { outcome: 'failed', ...refusalAs(word, 'the quantity') };
}
