import type { Context, Hono } from 'hono';
import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import { type Answers, businessError, missingParameter } from './answers.ts';
import type { Fulfillment } from './fulfillment.ts';
import type { Env, Gateway } from './gateway.ts';
import type { OrderIndex } from './order-index.ts';
import { type OrderQuery, readOrderQuery } from './order-query.ts';
import { renderSingle } from './order-shape.ts';
import type { OrderTexts } from './order-texts.ts';
import { unitsOf } from './units.ts';

/** most orders of one GetMultipleOrderItems [Lazada Open Platform API reference] */
const MAX_ORDER_IDS = 50;

/** GetOrders, GetOrder, GetOrderItems and GetMultipleOrderItems. */
export function addOrderRoutes(
  api: Hono<Env>,
  parts: {
    gateway: Gateway;
    answers: Answers;
    books: Books;
    fulfillment: Fulfillment;
    index: OrderIndex;
    texts: OrderTexts;
  },
): void {
  const { gateway, answers, books, fulfillment, index, texts } = parts;

  function find(sellerId: string, query: OrderQuery): BookOrder[] {
    const { sortBy, status } = query;
    const otherField = sortBy === 'created_at' ? 'updated_at' : 'created_at';
    const other = query[otherField];
    const found = index.between(sellerId, sortBy, query[sortBy]).filter((order) => {
      const at = otherField === 'created_at' ? order.placedAt : order.updatedAt;
      if (at < other.from || at > other.to) return false;
      return !status || unitsOf(order).some(({ itemId }) => fulfillment.statusOf(order, itemId) === status);
    });
    return query.isDescending ? found.reverse() : found;
  }

  /** The seller's own order that a parameter names. */
  function named(c: Context<Env>): BookOrder | undefined {
    const order = books.orders.get(c.get('parameters').order_id ?? '');
    return order?.sellerId === c.get('sellerId') ? order : undefined;
  }

  /** The route of a GET that concerns one order. */
  function addSingle(path: string, answer: (c: Context<Env>, order: BookOrder) => Response): void {
    api.get(path, gateway.signed, gateway.seller, (c) => {
      const { order_id } = c.get('parameters');
      if (!order_id) return answers.refuse(c, missingParameter('order_id'));
      const order = named(c);
      return order ? answer(c, order) : answers.refuse(c, businessError(16, `"${order_id}" Invalid Order ID`));
    });
  }

  api.get('/orders/get', gateway.signed, gateway.seller, (c) => {
    const read = readOrderQuery(c.get('parameters'));
    if ('refusal' in read) return answers.refuse(c, read.refusal);
    const { offset, limit } = read.query;
    const found = find(c.get('sellerId'), read.query);
    const page = found.slice(offset, offset + limit).map(texts.listed);
    const data = `{"count":${page.length},"countTotal":${found.length},"orders":[${page.join(',')}]}`;
    return answers.succeedWith(c, data);
  });

  addSingle('/order/get', (c, order) => answers.succeed(c, { data: renderSingle(order, fulfillment) }));

  addSingle('/order/items/get', (c, order) => answers.succeedWith(c, texts.items(order, 'one-order')));

  api.get('/orders/items/get', gateway.signed, gateway.seller, (c) => {
    const { order_ids } = c.get('parameters');
    if (!order_ids) return answers.refuse(c, missingParameter('order_ids'));
    const ids = readIds(order_ids);
    if (!ids) return answers.refuse(c, businessError(56, 'Invalid OrdersIdList format. Must use array format [1,2]'));
    if (ids.length > MAX_ORDER_IDS) return answers.refuse(c, businessError(38, 'Too many orders were requested'));
    const orders = ids
      .map((id) => books.orders.get(id))
      .filter((order) => order !== undefined && order.sellerId === c.get('sellerId')) as BookOrder[];
    if (orders.length === 0) return answers.refuse(c, businessError(39, 'No orders were found'));
    if (orders.length < ids.length) {
      return answers.refuse(c, businessError(37, 'One or more order id in the list are incorrect'));
    }
    const elements = orders.map(
      (order) =>
        `{"order_id":${order.orderId},"order_number":${order.orderId},"order_items":${texts.items(order, 'several-orders')}}`,
    );
    return answers.succeedWith(c, `[${elements.join(',')}]`);
  });
}

/** `[1,2]`, with or without quotes round the ids. */
function readIds(text: string): string[] | undefined {
  if (!/^\[\s*("?\d+"?\s*(,\s*"?\d+"?\s*)*)?\]$/.test(text)) return undefined;
  return text.match(/\d+/g) ?? [];
}
