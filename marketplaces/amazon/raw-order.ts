/** The fields to keep: `true` for a plain value or a list of them, names for an object or a list of objects. */
type Allowed = true | { readonly [field: string]: Allowed };

const money = { amount: true, currencyCode: true } as const;
const window = { earliestDateTime: true, latestDateTime: true } as const;
const proceeds = { type: true, status: true, subtotal: money } as const;

/**
 * The fields of an order of Orders API v2026-01-01 that tell nothing of its buyer. What may hold a buyer's own words
 * (gift messages, customizations, reasons, purchase order numbers) is left out too.
 */
const ORDER: Allowed = {
  orderId: true,
  orderAliases: { aliasId: true, aliasType: true },
  createdTime: true,
  lastUpdatedTime: true,
  programs: true,
  associatedOrders: { orderId: true, associationType: true },
  salesChannel: { channelName: true, marketplaceId: true, marketplaceName: true },
  proceeds: { grandTotal: money, breakdowns: proceeds },
  fulfillment: {
    fulfillmentStatus: true,
    fulfilledBy: true,
    fulfillmentServiceLevel: true,
    shipByWindow: window,
    deliverByWindow: window,
    labelPrintingWindow: window,
  },
  orderItems: {
    orderItemId: true,
    quantityOrdered: true,
    measurement: { unit: true, value: true },
    associatedOrderItems: { orderId: true, orderItemId: true, associationType: true },
    programs: true,
    product: {
      asin: true,
      title: true,
      sellerSku: true,
      condition: { conditionType: true, conditionSubtype: true },
      price: { unitPrice: money, priceDesignation: true },
    },
    proceeds: {
      proceedsTotal: money,
      breakdowns: { ...proceeds, detailedBreakdowns: { subtype: true, value: money } },
    },
    fulfillment: {
      quantityFulfilled: true,
      quantityUnfulfilled: true,
      shipping: { scheduledDeliveryWindow: window },
    },
  },
  packages: {
    packageReferenceId: true,
    createdTime: true,
    packageStatus: { status: true, detailedStatus: true },
    carrier: true,
    shipTime: true,
    shippingService: true,
    trackingNumber: true,
    packageItems: { orderItemId: true, quantity: true },
  },
};

/** Amazon's own JSON of an order without its buyer: only what the list above names. */
export function rawOrder(written: unknown): unknown {
  return pick(written, ORDER);
}

function pick(value: unknown, allowed: Allowed): unknown {
  if (Array.isArray(value)) return value.map((one) => pick(one, allowed)).filter((one) => one !== undefined);
  const isObject = typeof value === 'object' && value !== null;
  if (allowed === true || !isObject) return allowed === true && !isObject ? value : undefined;
  const kept = Object.keys(allowed)
    .filter((field) => Object.hasOwn(value, field))
    .map((field) => [field, pick(value[field as keyof typeof value], allowed[field]!)]);
  return Object.fromEntries(kept.filter(([, held]) => held !== undefined));
}
