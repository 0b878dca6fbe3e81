import type { CallContext, Shipment, Shipments } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import type { LazadaApp } from './app.ts';
import {
  type Allocation,
  MAX_PACKAGES,
  packCall,
  providersCall,
  readPacked,
  readProviders,
  readReady,
  readyCall,
} from './fulfillment.ts';
import { itemsCall, readItems } from './order-items.ts';
import type { OrderUnit } from './order-shape.ts';
import { refusalAs, refusalOf } from './refusals.ts';
import { isCancelled, isPacked, isSent, linesOf } from './units.ts';

/** Lazada chooses the carrier: Pack, `shipping_allocate_type`; NTFS: the seller does. */
const LAZADA_ALLOCATES = 'TFS';

type Refusal = { code: string; message: string };

/**
 * Packs what is not packed yet and announces it as ready to ship. Pack takes no tracking number: Lazada gives each
 * package its own, so the seller's is of use only where it is that one. What an order shows as announced is not
 * announced again; and since no number tells two equal parts of a line apart, a part can only be a package that there is.
 */
export const shipments: Shipments<LazadaApp> = {
  confirm(context, shipment, [read, ...answers]) {
    if (!/^\d+$/.test(shipment.orderId)) return failed(NO_ORDER);
    if (!read) return { call: itemsCall(context, [shipment.orderId]) };
    const order = readItems(read).find(({ order_id }) => order_id === shipment.orderId);
    if (!order) return failed(NO_ORDER);
    const units = unitsOf(order.order_items, shipment);
    if (!Array.isArray(units)) return failed(units);
    const open = units.filter((unit) => !isSent(unit));
    const [first] = units;
    if (open.length === 0) return confirmed(first?.package_id || null);

    const packageIds = new Set(open.filter(isPacked).map(({ package_id }) => package_id!));
    const others = order.order_items.filter((unit) => !isCancelled(unit) && !units.includes(unit));
    if (others.some(({ package_id }) => packageIds.has(package_id ?? ''))) {
      return failed({ code: 'package-holds-more', message: 'a package holds units that are not in the shipment' });
    }
    const loose = open.filter((unit) => !isPacked(unit));
    if (loose.length > 0) {
      const parcel = { orderId: order.order_id, itemIds: loose.map(({ order_item_id }) => order_item_id) };
      const [told, packed] = answers.splice(0, 2);
      if (!told) return { call: providersCall(context, parcel) };
      const refused = refusalOf(told);
      if (refused !== undefined) return failed(refusalAs(refused, 'the shipment'));
      const allocation = allocationOf(readProviders(told), shipment);
      if (!allocation)
        return failed({ code: 'unknown-carrier', message: 'Lazada names no such carrier for this order' });
      if (!packed) return { call: packCall(context, parcel, allocation) };
      const made = refusalOf(packed) ?? readPacked(packed, parcel);
      if (typeof made === 'string') return failed(refusalAs(made, 'the shipment'));
      if ('refused' in made) return failed(refusalAs(made.refused, 'the shipment'));
      for (const packageId of made.packageIds) packageIds.add(packageId);
    }
    return announce(context, [...packageIds].sort(), answers);
  },
};

const NO_ORDER = { code: 'order-not-found', message: 'Lazada knows no such order of this seller' };

const confirmed = (packageId: string | null) => ({ done: { outcome: 'confirmed', packageId } }) as const;
const failed = ({ code, message }: Refusal) => ({ done: { outcome: 'failed', code, message } }) as const;

function announce(context: CallContext<LazadaApp>, packageIds: string[], answers: readonly HttpResponse[]) {
  for (let start = 0; start < packageIds.length; start += MAX_PACKAGES) {
    const batch = packageIds.slice(start, start + MAX_PACKAGES);
    const answer = answers[start / MAX_PACKAGES];
    if (!answer) return { call: readyCall(context, batch) };
    const refused = refusalOf(answer) ?? readReady(answer, batch);
    if (refused !== undefined) return failed(refusalAs(refused, 'the shipment'));
  }
  return confirmed(packageIds[0] ?? null);
}

/** The units of a shipment; or why it can't be told which they are. */
function unitsOf(all: readonly OrderUnit[], shipment: Shipment): OrderUnit[] | Refusal {
  const live = all.filter((unit) => !isCancelled(unit));
  if (live.length === 0) return { code: 'nothing-to-ship', message: 'every unit of the order is cancelled' };
  if (shipment.lines.length === 0) return live;
  const wanted = new Map<string, number>();
  for (const { lineId, quantity } of shipment.lines) wanted.set(lineId, (wanted.get(lineId) ?? 0) + quantity);
  const lines = new Map(linesOf(all).map(({ lineId, units }) => [lineId, units]));
  const found: OrderUnit[] = [];
  for (const [lineId, quantity] of wanted) {
    const units = lines.get(lineId);
    if (!units) return { code: 'unknown-line', message: 'the order has no such line' };
    const open = units.filter((unit) => !isCancelled(unit));
    const numbered = open.filter(({ tracking_code }) => tracking_code === shipment.trackingNumber);
    if (quantity > open.length) return { code: 'not-open', message: 'fewer units of the line are open' };
    if (quantity !== open.length && quantity !== numbered.length) {
      return {
        code: 'part-of-line',
        message: 'a part of a line ships only as a package that Lazada has, by its tracking number',
      };
    }
    found.push(...(quantity === open.length ? open : numbered));
  }
  return found;
}

/** Who carries it: Lazada's choice, or the seller's among those that Lazada names. */
function allocationOf({ shipping_allocate_type, shipment_providers }: Allocation, { carrier }: Shipment) {
  const allocateType = shipping_allocate_type ?? LAZADA_ALLOCATES;
  if (allocateType === LAZADA_ALLOCATES) return { allocateType, providerCode: undefined };
  const names = [carrier.code, carrier.name].flatMap((name) => name?.toLowerCase() || []);
  const isMeant = (name: string | null | undefined) => names.includes((name ?? '').toLowerCase());
  const provider = shipment_providers?.find(({ name, provider_code }) => isMeant(provider_code) || isMeant(name));
  return provider?.provider_code ? { allocateType, providerCode: provider.provider_code } : undefined;
}
