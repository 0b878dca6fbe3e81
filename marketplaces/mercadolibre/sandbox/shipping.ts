import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { forbidden, notFound, readJson } from './answers.ts';
import type { SellerEnv } from './gateway.ts';
import { orderIdOfShipment, shipmentIdOf } from './ids.ts';
import { ownOrder } from './orders.ts';
import { renderOldShipment, renderShipment, renderShipmentItems, SERVICE_ID } from './shipment-shape.ts';
import type { Shipments } from './shipments.ts';

const notification = z
  .object({
    payload: z.object({
      service_id: z.literal(SERVICE_ID),
      comment: z.string().optional(),
      date: z.iso.datetime({ offset: true }),
    }),
    tracking_number: z.string().min(1).optional(),
    tracking_url: z.url().optional(),
    status: z.enum(['shipped', 'delivered', 'not_delivered']),
    /** must be there; where none applies it is JSON null and not the text */
    substatus: z.string().nullable(),
  })
  .refine(
    ({ tracking_number, tracking_url }) => (tracking_number === undefined) === (tracking_url === undefined),
    'tracking_number and tracking_url go together',
  );

/**
 * Shipments, all of Mercado Envíos 1: the seller's own carrier, of which the seller tells where it is. The first version
 * of seller_notifications is not here: Mercado Libre announced its end for 31 October 2026.
 */
export function shippingApi(
  deps: Pick<SandboxDeps, 'now' | 'randomHex'>,
  { books, shipments }: { books: Books; shipments: Shipments },
): Hono<SellerEnv> {
  function ownShipment(c: Context<SellerEnv>): BookOrder | Response {
    const order = books.orders.get(orderIdOfShipment(c.req.param('id') ?? ''));
    if (!order) return notFound(c, 'Shipment not found');
    return order.sellerId === c.get('sellerId') ? order : forbidden(c, 'The caller is not the sender of the shipment');
  }

  function refuseNotification(c: Context, status: ContentfulStatusCode, code: string, message: string): Response {
    const timestamp = new Date(deps.now()).toISOString();
    return c.json(
      { status_code: status, error_code: code, message, timestamp, request_id: deps.randomHex(16) },
      status,
    );
  }

  const app = new Hono<SellerEnv>();

  app.get('/orders/:id/shipments', (c) => {
    const order = ownOrder(c, books, c.req.param('id'));
    return order instanceof Response ? order : c.json(renderOldShipment(order, shipments.stateOf(order)));
  });

  app.get('/shipments/:id', (c) => {
    const order = ownShipment(c);
    if (order instanceof Response) return order;
    const render = c.req.header('x-format-new') === 'true' ? renderShipment : renderOldShipment;
    return c.json(render(order, shipments.stateOf(order)));
  });

  app.get('/shipments/:id/items', (c) => {
    const order = ownShipment(c);
    return order instanceof Response ? order : c.json(renderShipmentItems(order, books));
  });

  app.post('/v2/shipments/:id/seller_notifications', async (c) => {
    const order = books.orders.get(orderIdOfShipment(c.req.param('id')));
    if (!order) return refuseNotification(c, 404, 'shipment_not_found', 'There is no such shipment');
    if (order.sellerId !== c.get('sellerId')) {
      return refuseNotification(c, 403, 'forbidden_client', 'The caller is not the sender of the shipment');
    }
    const body = notification.safeParse(await readJson(c));
    if (!body.success) {
      const where = body.error.issues[0]?.path.join('.') || 'body';
      return refuseNotification(c, 400, 'invalid_seller_json_format', `${where} is missing or invalid`);
    }
    const { payload, status, substatus, tracking_number: trackingNumber } = body.data;
    if (Date.parse(payload.date) < order.placedAt) {
      const message = `The date is before the creation of shipment ${shipmentIdOf(order.orderId)}`;
      return refuseNotification(c, 400, 'event_date_before_shipment_creation_date', message);
    }
    if (!shipments.tell(order, { status, substatus }, trackingNumber)) {
      return refuseNotification(c, 403, 'bad_request', 'The status and substatus are not allowed for this shipment');
    }
    return c.json({ status: 'OK' });
  });
  return app;
}
