import type { Call, CallContext, ConnectionRef, OrderPage, ReadOrder, Step } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readData } from './answer.ts';
import type { LazadaApp } from './app.ts';
import { DETAIL_BATCH, itemsCall, readItems } from './order-items.ts';
import { listCall, readList } from './order-list.ts';
import { type OrderHead, type OrderItems, orderHead } from './order-shape.ts';
import { readOrder } from './read-order.ts';
import { sellerCall } from './request.ts';

type Context = CallContext<LazadaApp>;
type Window = { from: number; to: number; pageToken: string | undefined; pageSize?: number };

/** One page of a window with its orders whole: the list tells all but their units, which take a call for 50 orders. */
export function readWholePage(
  context: Context,
  window: Window,
  [listed, ...answers]: readonly HttpResponse[],
): Step<OrderPage> {
  if (!listed) return { call: listCall(context, window) };
  const { heads, nextPageToken } = readList(listed, window);
  const next = heads.slice(answers.length * DETAIL_BATCH, (answers.length + 1) * DETAIL_BATCH);
  if (next.length > 0)
    return {
      call: itemsCall(
        context,
        next.map(({ order_id }) => order_id),
      ),
    };
  const orders = join(heads, answers.flatMap(readItems), context.connection);
  return { done: { orders, orderIds: [], nextPageToken } };
}

/** Up to `detailBatch` orders by id, whole: their units in one call, the rest in one for each. */
export function readWholeOrders(
  context: Context,
  orderIds: readonly string[],
  [listed, ...answers]: readonly HttpResponse[],
): Step<ReadOrder[]> {
  if (!listed) return { call: itemsCall(context, orderIds) };
  const items = readItems(listed);
  const next = items[answers.length];
  if (next) return { call: headCall(context, next.order_id) };
  const heads = answers.map((answer) => readData(answer, orderHead));
  return { done: join(heads, items, context.connection) };
}

function headCall(context: Context, orderId: string): Call {
  return sellerCall(context, 'getOrder', { method: 'GET', path: '/order/get', parameters: { order_id: orderId } });
}

function join(heads: readonly OrderHead[], items: readonly OrderItems[], connection: ConnectionRef): ReadOrder[] {
  const unitsOf = new Map(items.map((entry) => [entry.order_id, entry]));
  return heads.map((head) => {
    const units = unitsOf.get(head.order_id);
    // A part is never taken for the whole.
    if (!units) throw new Failure('retryable', 'an order came without its units', { code: 'order-missing-in-answer' });
    return readOrder(units, head, connection);
  });
}
