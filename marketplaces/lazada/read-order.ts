import type { Buyer, OrderPackage } from '#events/order.ts';
import type { ConnectionRef, ReadOrder } from '#marketplaces/marketplace.ts';
import { negative, sum } from './money.ts';
import { headFacts, itemsFacts, type OrderHead, type OrderItems, type OrderUnit, toEpochMs } from './order-shape.ts';
import { isCancelled, isReturned, linesOf, statusOf } from './units.ts';

/** how the addresses name the countries that Lazada sells in */
const COUNTRIES: Readonly<Record<string, string>> = {
  singapore: 'SG',
  malaysia: 'MY',
  thailand: 'TH',
  vietnam: 'VN',
  philippines: 'PH',
  indonesia: 'ID',
};

/**
 * An order in Sluice's own form. Its units tell everything but the buyer, whom only the head has, as Lazada gives the
 * data: masked for most apps, and maybe encrypted.
 */
export function readOrder(items: OrderItems, head: OrderHead | undefined, connection: ConnectionRef): ReadOrder {
  const facts = head && headFacts.parse(head);
  const unitFacts = itemsFacts.parse(items);
  const units = unitFacts.order_items;
  const buyerId = items.order_items.find(({ buyer_id }) => buyer_id)?.buyer_id;
  const times = [...units, ...(facts ? [facts] : [])];
  return {
    order: {
      marketplace: 'lazada',
      connectionId: connection.connectionId,
      orderId: items.order_id,
      status: statusOf(units),
      marketplaceStatus: [...new Set(units.map(({ status }) => status))].sort().join(','),
      currency: units[0]!.currency,
      total: facts ? totalOf(facts) : totalOfUnits(units),
      placedAt: new Date(Math.min(...times.map(({ created_at }) => toEpochMs(created_at)))).toISOString(),
      updatedAt: new Date(Math.max(...times.map(({ updated_at }) => toEpochMs(updated_at)))).toISOString(),
      lines: linesOf(units).map(({ lineId, units: ofLine }) => ({
        lineId,
        sku: ofLine[0].sku ?? '',
        title: ofLine[0].name ?? '',
        quantity: ofLine.length,
        unitPrice: ofLine[0].item_price ?? null,
        cancelledQuantity: ofLine.filter(isCancelled).length,
        returnedQuantity: ofLine.filter(isReturned).length,
      })),
      packages: toPackages(units),
    },
    buyer: head ? toBuyer(head) : null,
    raw: { ...(facts && { head: facts }), ...unitFacts },
    ...(buyerId && { buyerAccounts: [buyerId] }),
  };
}

/** `price` is the sum of the units' prices, before vouchers and without shipping. */
function totalOf({ price, voucher, shipping_fee }: Pick<OrderHead, 'price' | 'voucher' | 'shipping_fee'>) {
  return price ? sum([price, negative(voucher ?? '0'), shipping_fee ?? '0']) : null;
}

/** `paid_price` is what the buyer pays for a unit, after vouchers and without shipping. */
function totalOfUnits(units: readonly OrderUnit[]): string | null {
  return sum(units.flatMap(({ paid_price, shipping_amount }) => [paid_price, shipping_amount ?? '0']));
}

/** Lazada does not say when a package left. */
function toPackages(units: readonly OrderUnit[]): OrderPackage[] {
  const ids = [...new Set(units.flatMap(({ package_id }) => package_id || []))].sort();
  return ids.map((packageId) => {
    const inIt = units.filter(({ package_id }) => package_id === packageId);
    return {
      packageId,
      carrier: inIt.find(({ shipment_provider }) => shipment_provider)?.shipment_provider ?? null,
      trackingNumber: inIt.find(({ tracking_code }) => tracking_code)?.tracking_code ?? null,
      shippedAt: null,
    };
  });
}

function toBuyer({ address_shipping: address, customer_first_name, customer_last_name }: OrderHead): Buyer | null {
  const join = (...parts: (string | null | undefined)[]) => parts.flatMap((part) => part?.trim() || []).join(' ');
  const name = join(address?.first_name, address?.last_name) || join(customer_first_name, customer_last_name);
  if (!address && !name) return null;
  const lines = [address?.address1, address?.address2, address?.address3, address?.address4, address?.address5];
  const country = address?.country ?? '';
  return {
    name: name || null,
    email: null,
    phone: address?.phone || address?.phone2 || null,
    addressLines: lines.flatMap((line) => line?.trim() || []),
    city: address?.city || null,
    region: null,
    postalCode: address?.post_code || null,
    countryCode: COUNTRIES[country.toLowerCase()] ?? (/^[A-Z]{2}$/.test(country) ? country : null),
  };
}
