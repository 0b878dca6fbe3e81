import { z } from 'zod';
import { decimal } from '#events/order.ts';
import { gid } from './gid.ts';

const text = z.string().nullish();
/** A field that nothing is made of yet: kept where it is a single value, and never a reason to refuse an order. */
const kept = z.union([z.string(), z.number(), z.boolean()]).nullish().catch(undefined);

const instant = z.iso.datetime({ offset: true });
const units = z.int().min(0);
const currency = z.string().regex(/^[A-Z]{3}$/);
const money = z.object({ presentmentMoney: z.object({ amount: decimal, currencyCode: currency }) });
const pageInfo = z.discriminatedUnion('hasNextPage', [
  z.object({ hasNextPage: z.literal(false) }),
  z.object({ hasNextPage: z.literal(true), endCursor: z.string().min(1) }),
]);
/** A list, or the part of it that one answer holds. */
const listOf = <T>(node: z.ZodType<T>) => z.object({ nodes: z.array(node), pageInfo });

const lineItem = z.object({
  id: gid,
  sku: text,
  name: z.string(),
  quantity: units,
  /** without what was refunded or removed */
  currentQuantity: units,
  originalUnitPriceSet: money,
});

const fulfillment = z.object({
  id: gid,
  status: z.string(),
  displayStatus: text,
  createdAt: instant,
  trackingInfo: z.array(z.object({ number: text, company: text })),
});

const refundLine = z.object({
  quantity: units,
  restockType: z.string(),
  lineItem: z.object({ id: gid }),
});

export const lineItems = listOf(lineItem);
export const refundLineItems = listOf(refundLine);

/** What Sluice keeps of an order besides its buyer: only the fields named here, none of them personal. */
export const orderFacts = z.object({
  legacyResourceId: z.string().regex(/^\d{1,20}$/),
  name: kept,
  test: kept,
  createdAt: instant,
  updatedAt: instant,
  processedAt: kept,
  closedAt: kept,
  cancelledAt: instant.nullish(),
  cancelReason: kept,
  displayFinancialStatus: text,
  displayFulfillmentStatus: z.string().min(1),
  currencyCode: kept,
  presentmentCurrencyCode: currency,
  totalPriceSet: money,
  totalShippingPriceSet: money.nullish().catch(undefined),
  totalTaxSet: money.nullish().catch(undefined),
  totalDiscountsSet: money.nullish().catch(undefined),
  lineItems,
  fulfillments: z.array(fulfillment),
  refunds: z.array(z.object({ id: gid, refundLineItems })),
});

/** An order, as far as it is read. What an app is not approved for is null. */
export const shopifyOrder = orderFacts.extend({
  email: text,
  phone: text,
  shippingAddress: z
    .object({
      name: text,
      company: text,
      address1: text,
      address2: text,
      city: text,
      province: text,
      zip: text,
      countryCodeV2: text,
      phone: text,
    })
    .nullish(),
});

export type List<T> = z.infer<ReturnType<typeof listOf<T>>>;
export type OrderFacts = z.infer<typeof orderFacts>;
export type ShopifyOrder = z.infer<typeof shopifyOrder>;
export type Fulfillment = OrderFacts['fulfillments'][number];
