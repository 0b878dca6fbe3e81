import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { invalid, readJson } from './answers.ts';
import { CARRIERS } from './carriers.ts';
import type { SellerEnv } from './gateway.ts';
import { METHOD_CODES, renderOrder } from './order-shape.ts';
import { namedOrder, type OrderParts } from './orders.ts';

/** most characters of a sellerOrderId [Walmart Marketplace API, Ship order lines] */
const MAX_SELLER_ORDER_ID = 30;

const statusQuantity = z.object({
  unitOfMeasurement: z.enum(['EACH', 'EA']),
  amount: z.coerce
    .string()
    .regex(/^[1-9]\d{0,5}$/)
    .transform(Number),
});

const text = z.string().min(1);

const orderLines = <Status extends z.ZodType, More extends z.ZodRawShape>(status: Status, more: More) =>
  z.object({
    orderLine: z
      .array(
        z.object({
          lineNumber: z.coerce.string(),
          ...more,
          orderLineStatuses: z.object({ orderLineStatus: z.array(status).min(1) }),
        }),
      )
      .min(1),
  });

const shipment = z.object({
  orderShipment: z.object({
    processMode: z.literal('PARTIAL_UPDATE').optional(),
    orderLines: orderLines(
      z.object({
        status: z.literal('Shipped'),
        statusQuantity,
        trackingInfo: z.object({
          shipDateTime: z.int().positive(),
          carrierName: z.union([
            z.object({ carrier: z.string().refine((name) => CARRIERS.has(name)) }),
            z.object({ otherCarrier: text }),
          ]),
          methodCode: z.enum(METHOD_CODES),
          trackingNumber: text,
          trackingURL: z.string().optional(),
        }),
      }),
      { sellerOrderId: text.max(MAX_SELLER_ORDER_ID) },
    ),
  }),
});

const cancellation = z.object({
  orderCancellation: z.object({
    orderLines: orderLines(z.object({ status: z.literal('Cancelled'), cancellationReason: text, statusQuantity }), {}),
  }),
});

/** Some units of one line, as a request names them. */
type Part = { lineNumber: string; quantity: number };

/** What a seller tells of an order: acknowledged, shipped, cancelled. Refunds are not simulated. */
export function orderUpdatesApi({ gateway, books, fulfillment }: OrderParts): Hono<SellerEnv> {
  /** Why a part can't be settled, given what the parts before it in the same request take. */
  function objection(order: BookOrder, part: Part, before: readonly Part[]): string | undefined {
    const line = order.lines.find((one) => one.lineId === part.lineNumber);
    if (!line) return `There is no line ${part.lineNumber}.`;
    const taken = before.reduce((sum, one) => (one.lineNumber === part.lineNumber ? sum + one.quantity : sum), 0);
    const open = order.status === 'placed' ? fulfillment.openQuantity(order, line) - taken : 0;
    return open < part.quantity ? `Line ${part.lineNumber} has ${open} units that are not settled.` : undefined;
  }

  /** The parts that can be settled and the first objection to the others. */
  function sort<P extends Part>(order: BookOrder, parts: readonly P[]): { good: P[]; objection: string | undefined } {
    const good: P[] = [];
    let first: string | undefined;
    for (const part of parts) {
      const wrong = objection(order, part, good);
      if (wrong === undefined) good.push(part);
      else first ??= wrong;
    }
    return { good, objection: first };
  }

  const invalidField = (c: Context, error: z.ZodError): Response =>
    invalid(c, error.issues[0]?.path.join('.') || 'body');

  const app = new Hono<SellerEnv>();

  app.post('/:purchaseOrderId/acknowledge', gateway.limit('acknowledge'), (c) => {
    const order = namedOrder(c, books);
    if (order instanceof Response) return order;
    if (order.status !== 'placed')
      return invalid(c, 'status', `An order that is ${order.status} can't be acknowledged.`);
    fulfillment.acknowledge(order);
    return c.json({ order: renderOrder(order, fulfillment, { withProductInfo: false }) });
  });

  app.post('/:purchaseOrderId/shipping', gateway.limit('ship'), async (c) => {
    const order = namedOrder(c, books);
    if (order instanceof Response) return order;
    const body = shipment.safeParse(await readJson(c));
    if (!body.success) return invalidField(c, body.error);
    if (order.status === 'placed' && !fulfillment.progressOf(order).acknowledged) {
      return invalid(c, 'status', 'An order must be acknowledged before it is shipped.');
    }
    const { orderLines, processMode } = body.data.orderShipment;
    const parts = orderLines.orderLine.flatMap(({ lineNumber, sellerOrderId, orderLineStatuses }) =>
      orderLineStatuses.orderLineStatus.map(({ statusQuantity, trackingInfo }) => ({
        lineNumber,
        sellerOrderId,
        quantity: statusQuantity.amount,
        tracking: trackingInfo,
      })),
    );
    const { good, objection } = sort(order, parts);
    // Only a partial update takes what it can; what it answers about the rest is not documented.
    if (objection && (processMode === undefined || good.length === 0)) return invalid(c, 'orderLine', objection);
    fulfillment.ship(order, good);
    return c.json({ order: renderOrder(order, fulfillment, { withProductInfo: false }) });
  });

  app.post('/:purchaseOrderId/cancel', gateway.limit('cancel'), async (c) => {
    const order = namedOrder(c, books);
    if (order instanceof Response) return order;
    const body = cancellation.safeParse(await readJson(c));
    if (!body.success) return invalidField(c, body.error);
    const parts = body.data.orderCancellation.orderLines.orderLine.flatMap(({ lineNumber, orderLineStatuses }) =>
      orderLineStatuses.orderLineStatus.map(({ statusQuantity, cancellationReason }) => ({
        lineNumber,
        quantity: statusQuantity.amount,
        reason: cancellationReason,
      })),
    );
    const { good, objection } = sort(order, parts);
    if (objection) return invalid(c, 'orderLine', objection);
    fulfillment.cancel(order, good);
    return c.json({ order: renderOrder(order, fulfillment, { withProductInfo: false }) });
  });
  return app;
}
