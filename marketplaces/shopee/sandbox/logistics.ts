import type { Context, Hono, MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import { type Answers, type Refusal, readBody, readParameters } from './answers.ts';
import type { Arrangements } from './arrangements.ts';
import { type Channel, type Mode, PICKUP_ADDRESS_ID, pickupSlots } from './channels.ts';
import { CHANNEL_NAME, packageNumber, REGION, seconds } from './order-shape.ts';

/** most characters of a tracking number (Shopee's API reference, v2.logistics.ship_order) */
const MAX_TRACKING_NUMBER = 64;

const MODES: readonly Mode[] = ['pickup', 'dropoff', 'non_integrated'];

// Codes of v2.logistics.ship_order, most with words of our own.
const refusal = (code: string, message: string): Refusal => ({ error: `logistics.${code}`, message });
const ORDER_NOT_FOUND: Refusal = {
  error: 'error_not_found',
  message: 'Wrong parameters, detail: the order is not found.',
};
const NO_SUCH_PACKAGE = refusal('package_not_exist', 'The package does not exist.');
const SHIPPED_ALREADY = refusal('package_already_shipped', 'The package has been shipped already.');
const NOT_READY = refusal('ship_order_not_ready_to_ship', 'The order is not ready to ship.');
const ONE_TYPE = refusal('ship_order_only_support_one_type', 'Exactly one of pickup, dropoff and non_integrated.');
const NEED_TRACKING_NUMBER = refusal('ship_order_need_tracking_number', 'The tracking number is missing.');
const LONG_TRACKING_NUMBER = refusal('ship_order_long_tracking_number', 'The tracking number is too long.');
const NEED_PICKUP_TIME = refusal('ship_order_need_address_pickup_time', 'Address or pickup time is missing.');
const ADDRESS_NOT_FOUND = refusal('address_not_found', 'The shop has no such address.');
const WRONG_PICKUP_TIME = refusal('ship_order_pickup_time_invalid', 'Nothing is fetched at this time.');

const orderQuery = z.object({ order_sn: z.string().min(1), package_number: z.string().optional() });
const means = z.object({
  address_id: z.int().optional(),
  pickup_time_id: z.string().optional(),
  tracking_number: z.string().optional(),
});
const shipBody = orderQuery.extend({
  pickup: means.optional(),
  dropoff: means.optional(),
  non_integrated: means.optional(),
});

type Means = z.output<typeof means>;

/** Shipping. Orders here are never split, so every order is one package. */
export function addLogisticsRoutes(
  app: Hono,
  parts: {
    now: () => number;
    shopApi: MiddlewareHandler;
    answers: Answers;
    books: Books;
    arrangements: Arrangements;
    channelOf: (shopId: string) => Channel;
  },
): void {
  const { now, shopApi, answers, books, arrangements } = parts;
  const channelOf = (order: BookOrder): Channel => parts.channelOf(order.sellerId);

  /** The shop's order that is meant, or why there is none. */
  function find(c: Context, { order_sn, package_number }: z.output<typeof orderQuery>): BookOrder | Refusal {
    const order = books.orders.get(order_sn);
    if (!order || order.sellerId !== c.req.query('shop_id')) return ORDER_NOT_FOUND;
    return package_number !== undefined && package_number !== packageNumber(order) ? NO_SUCH_PACKAGE : order;
  }

  /** The order that the query names, or the answer that there is none. */
  function named(c: Context): BookOrder | Response {
    const query = readParameters(orderQuery, c.req.query());
    const found = 'refusal' in query ? query.refusal : find(c, query.value);
    return 'error' in found ? answers.refuse(c, found) : found;
  }

  function objectTo(order: BookOrder, mode: Mode, told: Means): Refusal | undefined {
    const needs = channelOf(order)[mode];
    if (!needs) return refusal(`ship_order_unsupport_${mode}`, 'The channel of the order ships otherwise.');
    if (needs.includes('tracking_number') && !told.tracking_number) return NEED_TRACKING_NUMBER;
    if ((told.tracking_number?.length ?? 0) > MAX_TRACKING_NUMBER) return LONG_TRACKING_NUMBER;
    if (!needs.includes('address_id')) return undefined;
    if (told.address_id === undefined || !told.pickup_time_id) return NEED_PICKUP_TIME;
    if (told.address_id !== PICKUP_ADDRESS_ID) return ADDRESS_NOT_FOUND;
    const isOffered = pickupSlots(seconds(now())).some((slot) => slot.pickup_time_id === told.pickup_time_id);
    return isOffered ? undefined : WRONG_PICKUP_TIME;
  }

  // Answers whatever the state of the order: ship_order is the one that is documented to look at it.
  app.get('/api/v2/logistics/get_shipping_parameter', shopApi, (c) => {
    const order = named(c);
    if (order instanceof Response) return order;
    const channel = channelOf(order);
    return answers.response(c, {
      info_needed: channel,
      dropoff: channel.dropoff ? { branch_list: [], slug_list: [] } : null,
      pickup: channel.pickup ? { address_list: [pickupAddress()] } : null,
    });
  });

  app.post('/api/v2/logistics/ship_order', shopApi, async (c) => {
    const body = await readBody(c, shipBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    const order = find(c, body.value);
    if ('error' in order) return answers.refuse(c, order);
    const [mode, ...others] = MODES.filter((name) => body.value[name] !== undefined);
    if (mode === undefined || others.length > 0) return answers.refuse(c, ONE_TYPE);
    if (order.status === 'cancelled') return answers.refuse(c, NOT_READY);
    if (order.status !== 'placed' || arrangements.isProcessed(order)) return answers.refuse(c, SHIPPED_ALREADY);
    const told = body.value[mode]!;
    const objection = objectTo(order, mode, told);
    if (objection) return answers.refuse(c, objection);
    const trackingNumber = channelOf(order)[mode]!.includes('tracking_number') ? told.tracking_number : undefined;
    // What a carrier of the seller's own has is on its way.
    if (mode === 'non_integrated')
      books.ship(order.orderId, { carrier: CHANNEL_NAME, trackingNumber: trackingNumber! });
    else arrangements.arrange(order, trackingNumber);
    return answers.fields(c, {});
  });

  app.get('/api/v2/logistics/get_tracking_number', shopApi, (c) => {
    const order = named(c);
    if (order instanceof Response) return order;
    const trackingNumber = order.shipment?.trackingNumber ?? arrangements.trackingNumber(order) ?? '';
    const hint = trackingNumber === '' ? { hint: 'There is no tracking number yet.' } : {};
    return answers.response(c, { tracking_number: trackingNumber, plp_number: '', ...hint });
  });

  function pickupAddress() {
    return {
      address_id: PICKUP_ADDRESS_ID,
      region: REGION,
      ...{ state: '', city: 'Singapore', district: '', town: '', address: '1 Warehouse Road', zipcode: '018956' },
      address_flag: ['default_address', 'pickup_address', 'return_address'],
      time_slot_list: pickupSlots(seconds(now())).map((slot) => ({ ...slot, time_text: '09:00-18:00', flags: [] })),
    };
  }
}
