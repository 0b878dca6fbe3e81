import { z } from 'zod';
import type { Call, CallContext, ReadOrder, Step } from '#marketplaces/marketplace.ts';
import { type Procedure, stepOf } from '#marketplaces/procedure.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readData, unreadable } from './answer.ts';
import type { ShopifyApp } from './app.ts';
import { gidOf } from './gid.ts';
import { orderCall, readOrders } from './order-call.ts';
import { GET_LINE_ITEMS, GET_REFUND_LINE_ITEMS } from './order-query.ts';
import { type List, lineItems, refundLineItems, type ShopifyOrder } from './order-shape.ts';
import { readOrder } from './read-order.ts';
import { graphqlCall } from './request.ts';

type Context = CallContext<ShopifyApp>;

/** More of a list: `order` is as it is at that moment, and either is null where it is not there any more. */
const moreOf = <T>(list: z.ZodType<List<T>>) =>
  z.object({
    order: z.object({ updatedAt: z.string() }).nullable(),
    node: z.object({ more: list }).nullable(),
  });

const moreLineItems = moreOf(lineItems);
const moreRefundLineItems = moreOf(refundLineItems);

/** Orders by their ids, whole: each list that one answer does not hold takes further calls. */
export function readWholeOrders(
  context: Context,
  orderIds: readonly string[],
  answers: readonly HttpResponse[],
): Step<ReadOrder[]> {
  return stepOf(wholeOrders(context, orderIds), answers);
}

function* wholeOrders(context: Context, orderIds: readonly string[]): Procedure<ReadOrder[]> {
  const whole: ReadOrder[] = [];
  for (const order of readOrders(yield orderCall(context, orderIds))) {
    whole.push(readOrder(yield* completed(context, order), context.connection));
  }
  return whole;
}

function* completed(context: Context, order: ShopifyOrder): Procedure<ShopifyOrder> {
  const orderId = gidOf('Order', order.legacyResourceId);
  const lines = yield* wholeList(
    order,
    order.lineItems,
    (after) => graphqlCall(context, 'getLineItems', GET_LINE_ITEMS, { orderId, id: orderId, after }),
    (response) => readData(response, moreLineItems),
  );
  const refunds: ShopifyOrder['refunds'] = [];
  for (const refund of order.refunds) {
    const { id } = refund;
    const refunded = yield* wholeList(
      order,
      refund.refundLineItems,
      (after) => graphqlCall(context, 'getRefundLineItems', GET_REFUND_LINE_ITEMS, { orderId, id, after }),
      (response) => readData(response, moreRefundLineItems),
    );
    refunds.push({ ...refund, refundLineItems: refunded });
  }
  return { ...order, lineItems: lines, refunds };
}

/** A list of an order with all that follows its first part. Parts of two states of the order are never put together. */
function* wholeList<T>(
  { updatedAt }: ShopifyOrder,
  { nodes: first, pageInfo: firstInfo }: List<T>,
  callAfter: (cursor: string) => Call,
  read: (response: HttpResponse) => { order: { updatedAt: string } | null; node: { more: List<T> } | null },
): Procedure<List<T>> {
  const nodes = [...first];
  let pageInfo = firstInfo;
  while (pageInfo.hasNextPage) {
    const { endCursor } = pageInfo;
    const response = yield callAfter(endCursor);
    const { order, node } = read(response);
    if (!node || order?.updatedAt !== updatedAt) {
      throw new Failure('retryable', 'the order changed while it was read', { code: 'order-changed' });
    }
    nodes.push(...node.more.nodes);
    pageInfo = node.more.pageInfo;
    if (pageInfo.hasNextPage && pageInfo.endCursor === endCursor) {
      throw unreadable(response, 'the part before, once more');
    }
  }
  return { nodes, pageInfo };
}
