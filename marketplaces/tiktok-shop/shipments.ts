import { z } from 'zod';
import type { Call, CallContext, Shipment, Shipments } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readData } from './answer.ts';
import type { TikTokShopApp } from './app.ts';
import type { OrderFacts, OrderUnit } from './order-shape.ts';
import { ordersCall, readOrders } from './orders.ts';
import { isShippedAlready, refusalAs, refusalOf } from './refusals.ts';
import { shopCall } from './request.ts';
import { isCancelled, isOpen, isSent, linesOf } from './units.ts';

const providers = z.object({
  shipping_providers: z.array(z.object({ id: z.string().min(1), name: z.string() })).nullish(),
});
const marked = z.object({ package_id: z.string().nullish() }).nullish();

type Refusal = { code: string; message: string };
/** What is still to be sent of a shipment: nothing, where TikTok has it already. */
type Plan = { units: OrderUnit[]; packageId: string | null } | Refusal;

/**
 * Reads the order, looks up the carrier where its TikTok id is not known, and ships: whole packages by Ship Package,
 * else by Mark Package As Shipped. TikTok takes no idempotency key, so what the order shows as sent with the tracking
 * number is not sent again.
 */
export const shipments: Shipments<TikTokShopApp> = {
  confirm(context, shipment, [read, ...answers]) {
    if (!read) return { call: ordersCall(context, [shipment.orderId]) };
    const order = readOrders(read).find(({ id }) => id === shipment.orderId);
    if (!order) return failed({ code: 'order-not-found', message: 'TikTok Shop knows no such order of this shop' });
    const plan = planOf(order, shipment);
    if ('code' in plan) return failed(plan);
    if (plan.units.length === 0) return confirmed(plan.packageId);

    let providerId = knownProviderId(shipment);
    if (providerId === undefined) {
      const lookup = providersCall(context, order);
      const told = lookup && answers.shift();
      if (lookup && !told) return { call: lookup };
      providerId = told && findProviderId(told, shipment);
      if (providerId === undefined) {
        return failed({ code: 'unknown-carrier', message: 'TikTok Shop names no such carrier for this order' });
      }
    }
    const calls = shipCalls(context, order, plan.units, {
      tracking_number: shipment.trackingNumber,
      shipping_provider_id: providerId,
    });
    for (const [index, call] of calls.entries()) {
      const answer = answers[index];
      if (!answer) return { call };
      const refusal = refusalOf(answer);
      if (refusal === undefined) continue;
      if (!isShippedAlready(refusal)) return failed(refusalAs(refusal, 'the shipment'));
      // A call before it may have had its effect without an answer.
      const reread = answers[index + 1];
      if (!reread) return { call: ordersCall(context, [shipment.orderId]) };
      const now = readOrders(reread).find(({ id }) => id === shipment.orderId);
      const left = now && planOf(now, shipment);
      const isDone = left && 'units' in left && left.units.length === 0;
      return isDone ? confirmed(left.packageId) : failed(refusalAs(refusal, 'the shipment'));
    }
    return confirmed(packageIdOf(answers[0]!) ?? plan.packageId);
  },
};

const confirmed = (packageId: string | null) => ({ done: { outcome: 'confirmed', packageId } }) as const;
const failed = ({ code, message }: Refusal) => ({ done: { outcome: 'failed', code, message } }) as const;

/** The units of the shipment that the order does not show as sent yet; or why they can't be sent. */
function planOf(order: OrderFacts, shipment: Shipment): Plan {
  // The number at the order is that of its only package.
  const ofOrder = (order.packages?.length ?? 0) <= 1 ? order.tracking_number : undefined;
  const isThere = (unit: OrderUnit): boolean =>
    isSent(unit) && !isCancelled(unit) && (unit.tracking_number || ofOrder) === shipment.trackingNumber;
  const there = order.line_items.filter(isThere);
  const found = shipment.lines.length === 0 ? order.line_items.filter(isOpen) : unitsOf(order, shipment, isThere);
  if (!Array.isArray(found)) return found;
  if (found.length === 0 && there.length === 0) {
    return { code: 'nothing-to-ship', message: 'no unit of the order is open' };
  }
  if (found.length > 0 && order.shipping_type === 'TIKTOK') {
    return { code: 'shipped-by-tiktok', message: 'TikTok gives this order its carrier and its tracking number' };
  }
  return { units: found, packageId: (found[0] ?? there[0])?.package_id || null };
}

function unitsOf(order: OrderFacts, shipment: Shipment, isThere: (unit: OrderUnit) => boolean): OrderUnit[] | Refusal {
  const wanted = new Map<string, number>();
  for (const { lineId, quantity } of shipment.lines) wanted.set(lineId, (wanted.get(lineId) ?? 0) + quantity);
  const lines = new Map(linesOf(order.line_items).map(({ lineId, units }) => [lineId, units]));
  const found: OrderUnit[] = [];
  for (const [lineId, quantity] of wanted) {
    const units = lines.get(lineId);
    if (!units) return { code: 'unknown-line', message: 'the order has no such line' };
    const left = Math.max(0, quantity - units.filter(isThere).length);
    const open = units.filter(isOpen);
    if (left > open.length) return { code: 'not-open', message: 'fewer units of the line are open' };
    found.push(...open.slice(0, left));
  }
  return found;
}

/** Where packages are made before they are shipped, a whole one is shipped as it is; a part of one becomes its own. */
function shipCalls(
  context: CallContext<TikTokShopApp>,
  order: OrderFacts,
  units: readonly OrderUnit[],
  tracking: { tracking_number: string; shipping_provider_id: string },
): [Call, ...Call[]] {
  const [first, ...others] = [...new Set(units.map(({ package_id }) => package_id ?? ''))].sort();
  const isWhole = order.line_items.filter(isOpen).every((unit) => {
    return units.includes(unit) || !units.some(({ package_id }) => package_id === unit.package_id);
  });
  if (first && isWhole) return [shipPackageCall(first), ...others.map(shipPackageCall)];
  const body = { order_line_item_ids: units.map(({ id }) => id), ...tracking };
  const path = `/fulfillment/202309/orders/${encodeURIComponent(order.id)}/packages`;
  return [shopCall(context, 'markPackageAsShipped', { method: 'POST', path, body })];

  function shipPackageCall(packageId: string): Call {
    const path = `/fulfillment/202309/packages/${encodeURIComponent(packageId)}/ship`;
    return shopCall(context, 'shipPackage', { method: 'POST', path, body: { self_shipment: tracking } });
  }
}

function packageIdOf(response: HttpResponse): string | null {
  return readData(response, marked)?.package_id || null;
}

/** TikTok's ids of carriers are digits; a code of another form is looked up, as a name is. */
function knownProviderId({ carrier }: Shipment): string | undefined {
  return carrier.code && /^\d+$/.test(carrier.code) ? carrier.code : undefined;
}

/** Which carriers there are depends on the delivery option of the order. */
function providersCall(context: CallContext<TikTokShopApp>, { delivery_option_id }: OrderFacts): Call | undefined {
  if (!delivery_option_id) return undefined;
  const path = `/logistics/202309/delivery_options/${encodeURIComponent(delivery_option_id)}/shipping_providers`;
  return shopCall(context, 'getShippingProviders', { method: 'GET', path });
}

function findProviderId(response: HttpResponse, { carrier }: Shipment): string | undefined {
  const names = [carrier.code, carrier.name].flatMap((name) => name?.toLowerCase() || []);
  const told = readData(response, providers).shipping_providers ?? [];
  return told.find(({ name }) => names.includes(name.toLowerCase()))?.id;
}
