import { z } from 'zod';
import type { Call, CallContext } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readData } from './answer.ts';
import type { ShopifyApp } from './app.ts';
import { gidOf } from './gid.ts';
import { GET_ORDERS } from './order-query.ts';
import { type ShopifyOrder, shopifyOrder } from './order-shape.ts';
import { graphqlCall } from './request.ts';

const told = z.object({ nodes: z.array(shopifyOrder.nullable()) });

/** The call that reads orders by their ids. */
export function orderCall(context: CallContext<ShopifyApp>, orderIds: readonly string[]): Call {
  return graphqlCall(context, 'getOrder', GET_ORDERS, { ids: orderIds.map((orderId) => gidOf('Order', orderId)) });
}

/** The orders in an answer of `orderCall`, of each as much as one answer holds. */
export function readOrders(response: HttpResponse): ShopifyOrder[] {
  return readData(response, told).nodes.map((order) => {
    if (order) return order;
    throw new Failure('permanent', 'the shop has no such order', { code: 'order-not-found' });
  });
}
