import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import { type Answers, type Refusal, readBody } from './answers.ts';
import type { Gateway, ShopEnv } from './gateway.ts';
import { orderIdOfPackage, unitIdsOf } from './order-ids.ts';
import { renderPackage } from './package-shape.ts';
import type { Package, Packages } from './packages.ts';
import { DELIVERY_OPTION, PROVIDERS } from './providers.ts';

// Codes of TikTok Shop's Open API: Mark Package As Shipped, Ship Package, Update Package Shipping Info, Get Shipping
// Providers.
const INVALID: Refusal = { code: 21001001, message: 'A parameter is invalid.' };
const WRONG_MARKET: Refusal = { code: 21008106, message: 'The shop is in a market without this API.' };
const SHIPPED_ORDER: Refusal = { code: 21011020, message: 'The order or item is shipped already.' };
const SHIPPED_PACKAGE: Refusal = { code: 11006021, message: 'The package is shipped already.' };
const CANCELLED: Refusal = { code: 21011041, message: 'The order is cancelled.' };
const NOT_OF_THE_ORDER: Refusal = { code: 21011029, message: 'The items are not the order’s.' };
const NOT_OF_THE_SHOP: Refusal = { code: 21011028, message: 'The package is not the shop’s.' };
const NOT_SHIPPED: Refusal = { code: 21011030, message: 'The package has no tracking number to change.' };
const SPECIAL_CHARACTERS: Refusal = { code: 21004012, message: 'The tracking number has special characters.' };
const UNKNOWN_PROVIDER: Refusal = { code: 21011022, message: 'The tracking number or the provider is wrong.' };
const CORRECTED_BEFORE: Refusal = { code: 21011051, message: 'The tracking number was changed before.' };
const UNKNOWN_OPTION: Refusal = { code: 21008116, message: 'The shop has no such delivery option.' };

const tracking = z.object({ tracking_number: z.string().min(1), shipping_provider_id: z.string().min(1) });
const markBody = tracking.extend({ order_line_item_ids: z.array(z.string()).optional() });
const shipBody = z.object({ self_shipment: tracking });

type Found = { order: BookOrder; package: Package };

/** What a seller tells of packages. Every order is shipped by its seller: TikTok Shipping is not simulated. */
export function addShippingRoutes(
  app: Hono<ShopEnv>,
  { gateway, answers, books, packages }: { gateway: Gateway; answers: Answers; books: Books; packages: Packages },
): void {
  function findPackage(c: Context<ShopEnv>): Found | undefined {
    const packageId = c.req.param('packageId') ?? '';
    const order = books.orders.get(orderIdOfPackage(packageId));
    const found = order && packages.of(order).find((one) => one.packageId === packageId);
    return found && order.sellerId === c.get('shop').sellerId ? { order, package: found } : undefined;
  }

  /** Why units can't go into a package. */
  function objectTo(order: BookOrder, asked: { unitIds: string[]; open: Set<string> }): Refusal | undefined {
    const wrong = asked.unitIds.filter((id) => !asked.open.has(id));
    if (wrong.length === 0) return undefined;
    const all = new Set(order.lines.flatMap(unitIdsOf));
    return wrong.every((id) => all.has(id)) ? SHIPPED_ORDER : NOT_OF_THE_ORDER;
  }

  app.post('/fulfillment/202309/orders/:orderId/packages', gateway.shop('markAsShipped'), async (c) => {
    const body = await readBody(c, markBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    if (c.get('shop').region === 'SG') return answers.refuse(c, WRONG_MARKET);
    const order = books.orders.get(c.req.param('orderId'));
    if (order?.sellerId !== c.get('shop').sellerId) return answers.refuse(c, INVALID);
    if (order.status === 'cancelled') return answers.refuse(c, CANCELLED);
    if (order.status !== 'placed') return answers.refuse(c, SHIPPED_ORDER);
    const open = packages.restUnitIds(order);
    const unitIds = [...new Set(body.value.order_line_item_ids ?? open)];
    if (unitIds.length === 0) return answers.refuse(c, INVALID);
    const objection = objectTo(order, { unitIds, open: new Set(open) });
    if (objection) return answers.refuse(c, objection);
    const read = readTracking(body.value);
    if ('code' in read) return answers.refuse(c, read);
    const packageId = packages.ship(order, unitIds, read);
    return answers.succeed(c, { order_id: order.orderId, order_line_item_ids: unitIds, package_id: packageId });
  });

  app.post('/fulfillment/202309/packages/:packageId/ship', gateway.shop('shipPackage'), async (c) => {
    const body = await readBody(c, shipBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    const found = findPackage(c);
    if (!found) return answers.refuse(c, NOT_OF_THE_SHOP);
    if (found.package.shipped) return answers.refuse(c, SHIPPED_PACKAGE);
    if (found.order.status === 'cancelled') return answers.refuse(c, CANCELLED);
    const read = readTracking(body.value.self_shipment);
    if ('code' in read) return answers.refuse(c, read);
    packages.ship(found.order, packages.restUnitIds(found.order), read);
    return answers.succeed(c, {});
  });

  app.post(
    '/fulfillment/202309/packages/:packageId/shipping_info/update',
    gateway.shop('updateShippingInfo'),
    async (c) => {
      const body = await readBody(c, tracking);
      if ('refusal' in body) return answers.refuse(c, body.refusal);
      const found = findPackage(c);
      if (!found) return answers.refuse(c, NOT_OF_THE_SHOP);
      if (!found.package.shipped) return answers.refuse(c, NOT_SHIPPED);
      const read = readTracking(body.value);
      if ('code' in read) return answers.refuse(c, read);
      const isCorrected = packages.correct(found.order, found.package, read);
      return isCorrected ? answers.succeed(c, {}) : answers.refuse(c, CORRECTED_BEFORE);
    },
  );

  app.get('/fulfillment/202309/packages/:packageId', gateway.shop('getPackage', 'no-cipher'), (c) => {
    const found = findPackage(c);
    if (!found) return answers.refuse(c, NOT_OF_THE_SHOP);
    return answers.succeed(c, renderPackage(found.order, found.package, { packages, books }));
  });

  app.get('/logistics/202309/delivery_options/:id/shipping_providers', gateway.shop('getShippingProviders'), (c) => {
    if (c.req.param('id') !== DELIVERY_OPTION.id) return answers.refuse(c, UNKNOWN_OPTION);
    return answers.succeed(c, { shipping_providers: PROVIDERS });
  });
}

function readTracking(body: z.output<typeof tracking>): { carrier: string; trackingNumber: string } | Refusal {
  const { tracking_number, shipping_provider_id } = body;
  const provider = PROVIDERS.find(({ id }) => id === shipping_provider_id);
  if (!provider) return UNKNOWN_PROVIDER;
  if (!/^[A-Za-z0-9-]+$/.test(tracking_number)) return SPECIAL_CHARACTERS;
  return { carrier: provider.name, trackingNumber: tracking_number };
}
