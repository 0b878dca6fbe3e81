import type { Buyer, Order, OrderPackage } from '#events/order.ts';
import type { ConnectionRef, ReadOrder } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { type MercadolibreOrder, type OrderFacts, type OrderItem, orderFacts } from './order-shape.ts';
import { isSent, type MercadolibreShipment, modeOf, type ShipmentFacts, shipmentFacts } from './shipment-shape.ts';

/** Statuses of an order that is free to ship, unless its shipment says otherwise; Orders, `status` */
const FREE_TO_SHIP: readonly string[] = ['paid', 'partially_refunded'];
/** Shipments, `substatus` of a parcel that was not delivered and is with the seller again */
const CAME_BACK = 'returned';

/**
 * An order in Sluice's own form. An order does not say how far its parcel is, nor who gets it: its shipment does, which
 * takes a call of its own. `undefined`: not read, or there is none.
 */
export function readOrder(
  order: MercadolibreOrder,
  shipment: MercadolibreShipment | undefined,
  connection: ConnectionRef,
): ReadOrder {
  const facts = orderFacts.parse(order);
  const shipped = shipment && shipmentFacts.parse(shipment);
  const accounts = [order.buyer?.id, order.buyer?.nickname].flatMap((account) => account || []);
  const deliveredAt = shipped?.status_history?.date_delivered;
  return {
    order: toOrder(facts, shipped, connection),
    buyer: shipment ? toBuyer(shipment) : null,
    raw: shipped ? { ...facts, shipment: shipped } : facts,
    ...(accounts.length > 0 && { buyerAccounts: accounts }),
    ...(deliveredAt && { deliveredAt: Date.parse(deliveredAt) }),
  };
}

/** Made of the facts that are kept as `raw` alone, so that it can be made of them again. Returns are not told in them. */
function toOrder(facts: OrderFacts, shipment: ShipmentFacts | undefined, connection: ConnectionRef): Order {
  const changedAt = facts.date_last_updated ?? facts.last_updated;
  if (!changedAt)
    throw new Failure('retryable', 'an order tells no time of its last change', { code: 'unreadable-answer' });
  const status = statusOf(facts, shipment);
  const changes = [facts.date_created, changedAt, shipment?.last_updated ?? changedAt];
  return {
    marketplace: 'mercadolibre',
    connectionId: connection.connectionId,
    orderId: facts.id,
    status,
    marketplaceStatus: shipment ? `${facts.status}+${shipment.status}` : facts.status,
    currency: facts.currency_id,
    total: facts.total_amount ?? null,
    placedAt: new Date(facts.date_created).toISOString(),
    updatedAt: new Date(Math.max(...changes.map((at) => Date.parse(at)))).toISOString(),
    lines: linesOf(facts).map(([lineId, line]) => ({
      lineId,
      sku: line.item.seller_sku ?? '',
      title: line.item.title ?? '',
      quantity: line.quantity,
      unitPrice: line.unit_price ?? null,
      cancelledQuantity: status === 'cancelled' ? line.quantity : 0,
    })),
    packages: shipment ? toPackages(shipment) : [],
  };
}

/** A line has no id of its own: it is what was bought, and its place where the same was bought at several prices. */
export function linesOf({ order_items }: Pick<OrderFacts, 'order_items'>): [lineId: string, line: OrderItem][] {
  const lines = new Map<string, OrderItem>();
  for (const line of order_items) {
    const { id, variation_id } = line.item;
    const name = variation_id ? `${id}:${variation_id}` : id;
    lines.set(lines.has(name) ? `${name}#${lines.size + 1}` : name, line);
  }
  return [...lines];
}

function statusOf({ status, tags }: OrderFacts, shipment: ShipmentFacts | undefined): Order['status'] {
  if (status === 'cancelled') return 'cancelled';
  // A status that is new to us must not get a parcel sent: the order waits, under Mercado Libre's own word.
  if (!FREE_TO_SHIP.includes(status)) return 'pending';
  if (!shipment) return tags?.includes('delivered') ? 'delivered' : 'unshipped';
  switch (shipment.status) {
    // With Mercado Envíos there is no label yet; with a carrier of the seller's it is his turn.
    case 'pending':
      return modeOf(shipment) === 'me2' ? 'pending' : 'unshipped';
    case 'handling':
    case 'ready_to_ship':
      return 'unshipped';
    case 'shipped':
      return 'shipped';
    case 'delivered':
      return 'delivered';
    case 'not_delivered':
      return shipment.substatus === CAME_BACK ? 'returned' : 'shipped';
    default:
      return 'pending';
  }
}

function toPackages(shipment: ShipmentFacts): OrderPackage[] {
  if (!shipment.tracking_number && !isSent(shipment)) return [];
  const shippedAt = shipment.status_history?.date_shipped;
  return [
    {
      packageId: shipment.id,
      carrier: shipment.tracking_method || null,
      trackingNumber: shipment.tracking_number || null,
      shippedAt: shippedAt ? new Date(shippedAt).toISOString() : null,
    },
  ];
}

function toBuyer({ destination, receiver_address }: MercadolibreShipment): Buyer | null {
  const address = destination?.shipping_address ?? receiver_address;
  const receiver = destination ?? receiver_address;
  if (!address && !receiver) return null;
  const street = [address?.street_name, address?.street_number].flatMap((part) => part || []).join(' ');
  return {
    name: receiver?.receiver_name || null,
    // Mercado Libre gives no email address of a buyer.
    email: null,
    phone: receiver?.receiver_phone || null,
    addressLines: [address?.address_line || street, address?.comment, address?.neighborhood?.name].flatMap(
      (line) => line || [],
    ),
    city: address?.city?.name || null,
    region: address?.state?.name || null,
    postalCode: address?.zip_code || null,
    countryCode: address?.country?.id || null,
  };
}
