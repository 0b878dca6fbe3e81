import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import { type Answers, missingParameter } from './answers.ts';
import type { Fulfillment, Package } from './fulfillment.ts';
import type { Env, Gateway } from './gateway.ts';
import { unitsOf } from './units.ts';

/** most orders or packages of one call [Lazada Open Platform API reference, fulfillment API] */
const MAX_BATCH = 20;
/** paths that take both */
const METHODS = ['GET', 'POST'];

/** What became of one item or package; the error codes and their words are those of the fulfillment API. */
type Outcome = { item_err_code: string; msg: string; retry: boolean };

const failed = (item_err_code: string, msg: string): Outcome => ({ item_err_code, msg, retry: false });
const SUCCESS: Outcome = { item_err_code: '0', msg: 'success', retry: false };
const ORDER_NOT_FOUND = failed('700021', 'order not found');
const ITEM_NOT_FOUND = failed('700025', 'order item not found');
const ITEM_NOT_TO_PACK = failed('700026', 'item current status not allow to pack');
const PACKAGE_NOT_FOUND = failed('600001', 'package not found');
const PACKAGE_CANCELLED = failed('600002', 'package already cancelled');
const WRONG_PACKAGE_STATUS = failed('700000', 'current package status not allow to operation');
const NOT_DELIVERED_BY_SELLER = failed('700009', 'operation not support fot nonDBS order!');

const id = z.union([z.int().positive(), z.string().regex(/^\d+$/)]).transform(String);

const packReq = z.object({
  pack_order_list: z.array(z.object({ order_id: id, order_item_list: z.array(id).min(1) })).min(1),
  delivery_type: z.string(),
  shipping_allocate_type: z.string(),
  shipment_provider_code: z.string().optional(),
});
const providersReq = z.object({
  orders: z.array(z.object({ order_id: id, order_item_ids: z.array(id).min(1) })).min(1),
});
const packagesReq = z.object({ packages: z.array(z.object({ package_id: z.string() })).min(1) });

/** Shipment providers, pack, ready to ship, repack, and what only sellers who deliver by themselves may do. */
export function addShippingRoutes(
  api: Hono<Env>,
  parts: { gateway: Gateway; answers: Answers; books: Books; fulfillment: Fulfillment },
): void {
  const { gateway, answers, books, fulfillment } = parts;

  const done = (c: Context, data: unknown): Response => answers.succeed(c, { result: { data, success: true } });
  const refuse = (c: Context, error_code: string, error_msg: string): Response =>
    answers.succeed(c, { result: { success: false, error_code, error_msg } });

  /** Reads the one parameter that these APIs take, which is JSON; a refusal where it can't be. */
  function read<Request>(
    c: Context<Env>,
    name: string,
    schema: z.ZodType<Request>,
    batch: (request: Request) => unknown[],
  ): Request | Response {
    const text = c.get('parameters')[name];
    if (!text) return answers.refuse(c, missingParameter(name));
    const request = schema.safeParse(parseJson(text));
    if (!request.success) return refuse(c, '700004', 'param illegal');
    if (batch(request.data).length > MAX_BATCH) return refuse(c, '700022', 'batch size out of limit');
    return request.data;
  }

  function ownOrder(c: Context<Env>, orderId: string): BookOrder | undefined {
    const order = books.orders.get(orderId);
    return order?.sellerId === c.get('sellerId') ? order : undefined;
  }

  api.on(METHODS, '/order/shipment/providers/get', gateway.signed, gateway.seller, (c) => {
    const request = read(c, 'getShipmentProvidersReq', providersReq, ({ orders }) => orders);
    if (request instanceof Response) return request;
    for (const { order_id, order_item_ids } of request.orders) {
      const order = ownOrder(c, order_id);
      if (!order) return refuse(c, ORDER_NOT_FOUND.item_err_code, ORDER_NOT_FOUND.msg);
      const itemIds = new Set(unitsOf(order).map(({ itemId }) => String(itemId)));
      const isKnown = order_item_ids.every((itemId) => itemIds.has(itemId));
      if (!isKnown) return refuse(c, ITEM_NOT_FOUND.item_err_code, ITEM_NOT_FOUND.msg);
    }
    return done(c, { platform_default: 1, shipment_providers: [], shipping_allocate_type: 'TFS' });
  });

  api.post('/order/fulfill/pack', gateway.signed, gateway.seller, (c) => {
    const request = read(c, 'packReq', packReq, ({ pack_order_list }) => pack_order_list);
    if (request instanceof Response) return request;
    const { delivery_type, shipping_allocate_type, shipment_provider_code } = request;
    if (delivery_type !== 'dropship') return refuse(c, '700004', 'param illegal');
    if (shipping_allocate_type === 'NTFS') {
      return refuse(c, '700016', 'seller not available 3pl , pls contact us to subscription 3pl');
    }
    // All sellers here are local: Lazada chooses their carrier.
    if (shipping_allocate_type !== 'TFS' || shipment_provider_code) return refuse(c, '700004', 'param illegal');
    return done(c, {
      pack_order_list: request.pack_order_list.map(({ order_id, order_item_list }) => ({
        order_id: Number(order_id),
        order_item_list: pack(ownOrder(c, order_id), order_item_list.map(Number)),
      })),
    });
  });

  /** Packs those of the items that can be, into one package. */
  function pack(order: BookOrder | undefined, itemIds: number[]) {
    const known = new Set(order && unitsOf(order).map(({ itemId }) => itemId));
    const good: number[] = [];
    const outcomes = itemIds.map((itemId): [number, Outcome] => {
      if (!order) return [itemId, ORDER_NOT_FOUND];
      if (!known.has(itemId)) return [itemId, ITEM_NOT_FOUND];
      const isOpen = ['pending', 'repacked'].includes(fulfillment.statusOf(order, itemId)) && !good.includes(itemId);
      if (!isOpen) return [itemId, ITEM_NOT_TO_PACK];
      good.push(itemId);
      return [itemId, SUCCESS];
    });
    const parcel = order && good.length > 0 ? fulfillment.pack(order, good) : undefined;
    return outcomes.map(([order_item_id, outcome]) => ({
      order_item_id,
      ...outcome,
      ...(outcome === SUCCESS && {
        tracking_number: parcel?.trackingNumber,
        shipment_provider: parcel?.shipmentProvider,
        package_id: parcel?.packageId,
      }),
    }));
  }

  /** A route that does one thing to each of up to 20 packages. */
  function addPackages(methods: string[], path: string, parameter: string, act: (parcel: Package) => Outcome): void {
    api.on(methods, path, gateway.signed, gateway.seller, (c) => {
      const request = read(c, parameter, packagesReq, ({ packages }) => packages);
      if (request instanceof Response) return request;
      const packages = request.packages.map(({ package_id }) => {
        const parcel = fulfillment.packages.get(package_id);
        const isOwn = parcel?.order.sellerId === c.get('sellerId');
        return { package_id, ...(isOwn ? act(parcel) : PACKAGE_NOT_FOUND) };
      });
      return done(c, { packages });
    });
  }

  /** Does `act` to a package that waits, packed, for what comes next. */
  function whilePacked(parcel: Package, act: (parcel: Package) => void): Outcome {
    if (parcel.order.status === 'cancelled' || parcel.state === 'recreated') return PACKAGE_CANCELLED;
    if (parcel.order.status !== 'placed' || parcel.state !== 'packed') return WRONG_PACKAGE_STATUS;
    act(parcel);
    return SUCCESS;
  }

  addPackages(['POST'], '/order/package/rts', 'readyToShipReq', (parcel) =>
    whilePacked(parcel, fulfillment.readyToShip),
  );
  addPackages(METHODS, '/order/package/repack', 'rePackReq', (parcel) => whilePacked(parcel, fulfillment.recreate));
  // No seller here delivers by itself.
  addPackages(['POST'], '/order/package/sof/delivered', 'dbsDeliveryReq', () => NOT_DELIVERED_BY_SELLER);
  addPackages(['POST'], '/order/package/sof/failed_delivery', 'dbsFailedDeliveryReq', () => NOT_DELIVERED_BY_SELLER);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
