import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Access, SellerEnv } from './access.ts';
import { badRequest, type EbayError, FULFILLMENT, refuse } from './answers.ts';
import { type Fulfillments, fulfillmentId, type Package, renderFulfillment } from './fulfillments.ts';
import { SCOPE_FULFILLMENT } from './grants.ts';

const instant = z.iso.datetime().transform((text) => Date.parse(text));
const fulfillmentRequest = z.object({
  lineItems: z.array(z.object({ lineItemId: z.string(), quantity: z.int().min(1).default(1) })).min(1),
  shippedDate: instant.optional(),
  shippingCarrierCode: z.string().default(''),
  // Letters and digits only, by memory of the field's description.
  trackingNumber: z
    .string()
    .regex(/^[A-Za-z0-9]*$/)
    .default(''),
});

type Request = z.output<typeof fulfillmentRequest>;

const refusal = (errorId: number, message: string): EbayError => badRequest(FULFILLMENT, errorId, message);

const WRONG_TRACKING = refusal(32300, 'Carrier and tracking number go together; the number is letters and digits.');
const WRONG_INPUT = refusal(32600, 'The body is no fulfillment.');
const FIELD_ERRORS: Record<string, EbayError> = {
  shippedDate: refusal(32500, 'shippedDate must look like 2026-11-24T00:00:00.000Z.'),
  shippingCarrierCode: WRONG_TRACKING,
  trackingNumber: WRONG_TRACKING,
};

/** The shipping_fulfillment resource of the Fulfillment API: one entry a package. */
export function addFulfillmentRoutes(
  app: Hono<SellerEnv>,
  deps: Pick<SandboxDeps, 'now'>,
  options: {
    access: Access;
    fulfillments: Fulfillments;
    orderUrl: (orderId: string) => string;
    /** The order that the path names, or the answer that there is none. */
    named: (c: Context<SellerEnv>) => BookOrder | Response;
  },
): void {
  const { fulfillments, named } = options;
  const path = '/order/:orderId/shipping_fulfillment';
  const render = (order: BookOrder) => fulfillments.of(order).map(renderFulfillment);

  /** Why this can't be shipped of the order. */
  function objectTo(order: BookOrder, { lineItems, shippingCarrierCode, trackingNumber }: Request) {
    if ((shippingCarrierCode === '') !== (trackingNumber === '')) return WRONG_TRACKING;
    if (new Set(lineItems.map(({ lineItemId }) => lineItemId)).size < lineItems.length) {
      return refusal(32210, 'A line item is there twice.');
    }
    const lines = lineItems.map(({ lineItemId }) => order.lines.find(({ lineId }) => lineId === lineItemId));
    if (lines.some((line) => line === undefined)) return refusal(32200, 'The order has no such line item.');
    if (order.status === 'cancelled') return refusal(32600, 'The order is cancelled.');
    const open = lines.map((line) => (order.status === 'placed' ? fulfillments.openQuantity(order, line!) : 0));
    if (open.includes(0)) return refusal(34500, 'A line item is shipped already: use PUT.');
    if (lineItems.some(({ quantity }, index) => quantity > open[index]!)) {
      return refusal(32600, 'A line item has fewer units that are not shipped.');
    }
    return undefined;
  }

  app.post(path, options.access.also(SCOPE_FULFILLMENT), async (c) => {
    const order = named(c);
    if (order instanceof Response) return order;
    const body = fulfillmentRequest.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) return refuse(c, 400, FIELD_ERRORS[String(body.error.issues[0]?.path[0])] ?? WRONG_INPUT);
    const objection = objectTo(order, body.data);
    if (objection) return refuse(c, 400, objection);
    const parcel: Package = {
      carrier: body.data.shippingCarrierCode,
      trackingNumber: body.data.trackingNumber,
      shippedAt: body.data.shippedDate ?? deps.now(),
      lines: body.data.lineItems.map(({ lineItemId, quantity }) => ({ lineId: lineItemId, quantity })),
    };
    const id = fulfillmentId(parcel, fulfillments.of(order).length);
    fulfillments.add(order, parcel);
    return c.body(null, 201, { Location: `${options.orderUrl(order.orderId)}/shipping_fulfillment/${id}` });
  });

  app.get(path, (c) => {
    const order = named(c);
    if (order instanceof Response) return order;
    const all = render(order);
    return c.json({ fulfillments: all, total: all.length, warnings: [] });
  });

  app.get(`${path}/:fulfillmentId`, (c) => {
    const order = named(c);
    if (order instanceof Response) return order;
    const found = render(order).find((one) => one.fulfillmentId === c.req.param('fulfillmentId'));
    return found ? c.json(found) : refuse(c, 404, refusal(32110, 'There is no such fulfillment.'));
  });
}
