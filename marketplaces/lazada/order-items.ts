import { z } from 'zod';
import type { Call, CallContext } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readData } from './answer.ts';
import type { LazadaApp } from './app.ts';
import { type OrderItems, orderItems } from './order-shape.ts';
import { sellerCall } from './request.ts';

/** most orders in one call, GetMultipleOrderItems, `order_ids` */
export const DETAIL_BATCH = 50;

/** The call for the units of orders, by order id. */
export function itemsCall(context: CallContext<LazadaApp>, orderIds: readonly string[]): Call {
  const parameters = { order_ids: `[${orderIds.join(',')}]` };
  return sellerCall(context, 'getOrderItems', { method: 'GET', path: '/orders/items/get', parameters });
}

/** What an answer of `itemsCall` holds. */
export function readItems(response: HttpResponse): OrderItems[] {
  return readData(response, z.array(orderItems));
}
