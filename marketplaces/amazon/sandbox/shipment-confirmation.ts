import type { Hono } from 'hono';
import { z } from 'zod';
import type { Books } from '#marketplaces/sandbox-kit/books.ts';
import { InvalidInput, notFound } from './answers.ts';
import type { Gateway } from './gateway.ts';
import type { Packages } from './packages.ts';
import { MARKETPLACE_ID, ORDER_ID } from './render-order.ts';
import { readBody } from './request-body.ts';

/** usage plan in SP-API model ordersV0 */
const CONFIRM_SHIPMENT = { name: 'confirmShipment', ratePerSecond: 2, burst: 10, token: 'seller' } as const;

const text = z.string().min(1);

/** `ConfirmShipmentRequest` of SP-API model ordersV0. */
const confirmShipmentBody = z.object({
  marketplaceId: z.literal(MARKETPLACE_ID),
  packageDetail: z
    .object({
      packageReferenceId: z.string().regex(/^[1-9]\d*$/),
      carrierCode: text,
      carrierName: text.optional(),
      shippingMethod: text.optional(),
      trackingNumber: text,
      shipDate: z.iso.datetime({ offset: true }).transform((date) => Date.parse(date)),
      shipFromSupplySourceId: text.optional(),
      orderItems: z.array(z.object({ orderItemId: text, quantity: z.int().min(1) })).min(1),
    })
    .refine(({ carrierCode, carrierName }) => carrierCode !== 'Other' || carrierName !== undefined, {
      path: ['carrierName'],
    }),
});

/** The one call of the Orders API v0 that is not about to end: a seller tells of a parcel, or corrects one. */
export function addShipmentConfirmation(
  app: Hono,
  { gateway, books, packages }: { gateway: Gateway; books: Books; packages: Packages },
): void {
  app.post(
    '/orders/v0/orders/:orderId/shipmentConfirmation',
    gateway.operation(CONFIRM_SHIPMENT, async (c, sellerId) => {
      const orderId = c.req.param('orderId') ?? '';
      if (!ORDER_ID.test(orderId)) throw new InvalidInput('The orderId is invalid.');
      const { packageDetail } = await readBody(c, confirmShipmentBody);
      const order = books.orders.get(orderId);
      if (order?.sellerId !== sellerId) return notFound(c, 'The requested order was not found.');
      const { carrierCode, carrierName, shippingMethod, shipDate, orderItems, ...ids } = packageDetail;
      if (orderItems.some((item) => order.lines.every(({ lineId }) => lineId !== item.orderItemId))) {
        throw new InvalidInput('An orderItemId is not of this order.');
      }
      const isTaken = packages.confirm(order, {
        packageReferenceId: ids.packageReferenceId,
        trackingNumber: ids.trackingNumber,
        carrier: carrierName ?? carrierCode,
        shippingService: shippingMethod ?? 'Standard',
        shippedAt: shipDate,
        items: orderItems.map(({ orderItemId, quantity }) => ({ lineId: orderItemId, quantity })),
      });
      // The word that developers meet for it: github.com/amzn/selling-partner-api-models issue 5037.
      if (!isTaken) throw new InvalidInput('The units are shipped already or cancelled: PackageToUpdateNotFound.');
      return c.body(null, 204);
    }),
  );
}
