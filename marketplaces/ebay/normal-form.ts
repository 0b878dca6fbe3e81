import { z } from 'zod';
import { type Buyer, decimal, type Order } from '#events/order.ts';
import type { ConnectionRef, ReadOrder } from '#marketplaces/marketplace.ts';
import { divideDecimal } from './money.ts';

const text = z.string().nullish();
const amount = z.object({ value: decimal, currency: z.string().regex(/^[A-Z]{3}$/) });

const shipTo = z.object({
  fullName: text,
  companyName: text,
  email: text,
  primaryPhone: z.object({ phoneNumber: text }).nullish(),
  contactAddress: z
    .object({
      addressLine1: text,
      addressLine2: text,
      city: text,
      stateOrProvince: text,
      county: text,
      postalCode: text,
      countryCode: text,
    })
    .nullish(),
});

/** An order of the Fulfillment API 1.20, as far as it is read; unknown fields are dropped. */
export const ebayOrder = z.object({
  orderId: z.string().min(1),
  creationDate: z.iso.datetime(),
  lastModifiedDate: z.iso.datetime(),
  orderFulfillmentStatus: z.string(),
  orderPaymentStatus: text,
  cancelStatus: z.object({ cancelState: text }).nullish(),
  pricingSummary: z.object({ total: amount }),
  lineItems: z.array(
    z.object({
      lineItemId: z.string(),
      sku: text,
      title: text,
      quantity: z.int().min(0),
      lineItemCost: amount.nullish(),
    }),
  ),
  fulfillmentHrefs: z.array(z.string()).nullish(),
  fulfillmentStartInstructions: z
    .array(z.object({ shippingStep: z.object({ shipTo: shipTo.nullish() }).nullish() }))
    .nullish(),
});

type EbayOrder = z.infer<typeof ebayOrder>;

/**
 * eBay's order in Sluice's form. `sku` is empty where the seller gave the listing none. `unitPrice` is the price
 * before discounts: eBay gives the cost of the whole line.
 */
export function toReadOrder(source: EbayOrder, connection: ConnectionRef): ReadOrder {
  const { total } = source.pricingSummary;
  return {
    order: {
      marketplace: 'ebay',
      connectionId: connection.connectionId,
      orderId: source.orderId,
      ...toStatus(source),
      currency: total.currency,
      total: total.value,
      placedAt: new Date(source.creationDate).toISOString(),
      updatedAt: new Date(source.lastModifiedDate).toISOString(),
      lines: source.lineItems.map((line) => ({
        lineId: line.lineItemId,
        sku: line.sku ?? '',
        title: line.title ?? '',
        quantity: line.quantity,
        unitPrice:
          line.lineItemCost && line.quantity > 0 ? divideDecimal(line.lineItemCost.value, line.quantity) : null,
      })),
      packages: (source.fulfillmentHrefs ?? []).map(toPackage),
    },
    buyer: toBuyer(source),
  };
}

const FULFILLMENT_STATUSES: Record<string, Order['status']> = {
  NOT_STARTED: 'unshipped',
  IN_PROGRESS: 'partially-shipped',
  FULFILLED: 'shipped',
};

/** The status, and the one of eBay's three words that decided it. An unknown word is `pending`: nothing ships on it. */
function toStatus(source: EbayOrder): Pick<Order, 'status' | 'marketplaceStatus'> {
  const cancel = source.cancelStatus?.cancelState;
  if (cancel === 'CANCELED') return { status: 'cancelled', marketplaceStatus: cancel };

  const fulfillment = source.orderFulfillmentStatus;
  const payment = source.orderPaymentStatus;
  if (fulfillment === 'NOT_STARTED' && (payment === 'PENDING' || payment === 'FAILED')) {
    return { status: 'pending', marketplaceStatus: payment };
  }
  const status = Object.hasOwn(FULFILLMENT_STATUSES, fulfillment) ? FULFILLMENT_STATUSES[fulfillment] : undefined;
  return { status: status ?? 'pending', marketplaceStatus: fulfillment };
}

/** getOrders only links a shipping fulfillment, whose id is the tracking number (a number of eBay's if there is none). */
function toPackage(href: string): Order['packages'][number] {
  const fulfillmentId = decodeSegment(href.split(/[?#]/)[0]!.replace(/\/+$/, '').split('/').at(-1)!);
  return { packageId: fulfillmentId, carrier: null, trackingNumber: fulfillmentId, shippedAt: null };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Where the parcel goes; null when eBay gives no address (collected in store). Aged data comes as null fields. */
function toBuyer(source: EbayOrder): Buyer | null {
  const recipient = source.fulfillmentStartInstructions?.map((step) => step.shippingStep?.shipTo).find((to) => to);
  if (!recipient) return null;
  const address = recipient.contactAddress;
  return {
    name: recipient.fullName ?? null,
    email: recipient.email ?? null,
    phone: recipient.primaryPhone?.phoneNumber ?? null,
    addressLines: [recipient.companyName, address?.addressLine1, address?.addressLine2].filter(
      (line) => !!line,
    ) as string[],
    city: address?.city ?? null,
    region: address?.stateOrProvince ?? address?.county ?? null,
    postalCode: address?.postalCode ?? null,
    countryCode: address?.countryCode ?? null,
  };
}
