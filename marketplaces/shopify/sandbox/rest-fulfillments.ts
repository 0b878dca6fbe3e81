import type { Context } from 'hono';
import { z } from 'zod';
import { findFulfillment, orderOfFulfillmentOrder, readParts, readTracking } from './fulfillment-mutations.ts';
import { notFound } from './gateway.ts';
import { gid } from './ids.ts';
import { type AddRoute, type RestEnv, type RestParts, readJson, unprocessable } from './rest-api.ts';
import { restFulfillment, restFulfillmentOrder } from './rest-order.ts';

const id = z.union([z.int(), z.string()]).transform(String);
const tracking = z.object({
  company: z.string().nullish(),
  number: z.string().nullish(),
  numbers: z.array(z.string()).nullish(),
  url: z.string().nullish(),
  urls: z.array(z.string()).nullish(),
});
const creation = z.object({
  line_items_by_fulfillment_order: z
    .array(
      z.object({
        fulfillment_order_id: id,
        fulfillment_order_line_items: z.array(z.object({ id, quantity: z.int() })).nullish(),
      }),
    )
    .min(1),
  tracking_info: tracking.nullish(),
});

/** Fulfillment orders and fulfillments by REST. */
export function addRestFulfillmentRoutes(route: AddRoute, parts: RestParts): void {
  const { books, fulfillments } = parts;
  const shopOf = (c: Context<RestEnv>) => c.get('caller').shop;
  const ownOrder = (c: Context<RestEnv>) => {
    const order = books.orders.get(c.req.param('order') ?? '');
    return order?.sellerId === shopOf(c).sellerId ? order : undefined;
  };

  const read = ['read_merchant_managed_fulfillment_orders', 'read_assigned_fulfillment_orders'];
  const write = ['write_merchant_managed_fulfillment_orders', 'write_assigned_fulfillment_orders'];

  route('GET', 'orders/:order/fulfillment_orders.json', read, (c) => {
    const order = ownOrder(c);
    if (!order) return notFound(c);
    return c.json({ fulfillment_orders: [restFulfillmentOrder(order, shopOf(c).id, parts)] });
  });
  route('GET', 'fulfillment_orders/:id{\\d+\\.json}', read, (c) => {
    const found = orderOfFulfillmentOrder(parts, shopOf(c).sellerId, c.req.param('id')!.replace('.json', ''));
    return found ? c.json({ fulfillment_order: restFulfillmentOrder(found, shopOf(c).id, parts) }) : notFound(c);
  });
  route('GET', 'orders/:order/fulfillments.json', ['read_orders'], (c) => {
    const order = ownOrder(c);
    if (!order) return notFound(c);
    return c.json({ fulfillments: fulfillments.of(order).map((one) => restFulfillment(one, parts)) });
  });
  route('POST', 'fulfillments.json', write, async (c) => {
    const body = creation.safeParse((await readJson(c)).fulfillment);
    if (!body.success)
      return unprocessable(c, { [body.error.issues[0]?.path.join('.') || 'fulfillment']: ['is invalid'] });
    const groups = body.data.line_items_by_fulfillment_order.map((group) => ({
      fulfillmentOrderId: gid('FulfillmentOrder', group.fulfillment_order_id),
      fulfillmentOrderLineItems: (group.fulfillment_order_line_items ?? []).map((line) => ({
        id: gid('FulfillmentOrderLineItem', line.id),
        quantity: line.quantity,
      })),
    }));
    const wanted = readParts(parts, shopOf(c).sellerId, groups);
    if ('message' in wanted) return unprocessable(c, [wanted.message]);
    const made = fulfillments.create(wanted.order, wanted.parts, readTracking(body.data.tracking_info));
    return c.json({ fulfillment: restFulfillment(made, parts) }, 201);
  });
  route('POST', 'fulfillments/:id/update_tracking.json', write, async (c) => {
    const found = findFulfillment(fulfillments, shopOf(c).sellerId, c.req.param('id') ?? '');
    if (!found) return notFound(c);
    const body = z.object({ tracking_info: tracking }).safeParse((await readJson(c)).fulfillment);
    if (!body.success) return unprocessable(c, { tracking_info: ['is invalid'] });
    fulfillments.setTracking(found, readTracking(body.data.tracking_info));
    return c.json({ fulfillment: restFulfillment(found, parts) });
  });
}
