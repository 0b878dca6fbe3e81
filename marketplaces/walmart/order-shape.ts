import { z } from 'zod';
import { money } from './money.ts';

const text = z.string().nullish();
/** A field that nothing is made of yet: kept where it is a single value, and never a reason to refuse an order. */
const kept = z.union([z.string(), z.number(), z.boolean()]).nullish().catch(undefined);

/** Latest instant that JavaScript's dates hold, epoch ms. */
const MAX_INSTANT_MS = 8_640_000_000_000_000;
const epochMs = z.int().min(0).max(MAX_INSTANT_MS);

/** Digits in a string, as Walmart writes the amounts of quantities. */
const units = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number)
  .or(z.int().min(0));
const quantity = z.object({ amount: units });

const currency = z.string().regex(/^[A-Z]{3}$/);
const amount = z.object({ currency, amount: money });
const tax = z.object({ taxName: kept, taxAmount: amount }).nullish();
const charge = z.object({ chargeType: z.string(), chargeName: kept, chargeAmount: amount, tax, taxAndOtherFees: tax });
const charges = z.object({ charge: z.array(charge).nullish() }).nullish();
const total = z.object({ currencyAmount: money, currencyUnit: currency }).nullish();

/** Without `trackingURL`, which may hold the buyer's postal code. */
const trackingInfo = z.object({
  trackingNumber: text,
  carrierName: z.object({ carrier: text, otherCarrier: text }).nullish(),
  shipDateTime: epochMs.nullish(),
  methodCode: kept,
});

const lineStatus = z.object({
  status: z.string().min(1),
  statusQuantity: quantity,
  cancellationReason: kept,
  trackingInfo: trackingInfo.nullish(),
});

const orderLine = z.object({
  lineNumber: z.string().min(1),
  item: z.object({ sku: z.string(), productName: text, condition: kept }),
  charges,
  orderLineQuantity: quantity,
  statusDate: epochMs,
  orderLineStatuses: z.object({ orderLineStatus: z.array(lineStatus) }),
  fulfillment: z
    .object({ fulfillmentOption: kept, shipMethod: kept, pickUpDateTime: kept, shippingProgramType: kept })
    .nullish()
    .catch(undefined),
  intentToCancel: kept,
  sellerOrderId: text,
  refund: z
    .object({
      refundCharges: z.object({ refundCharge: z.array(z.object({ refundReason: kept, charge })) }).nullish(),
    })
    .nullish()
    .catch(undefined),
});

const shippingInfo = z.object({
  estimatedDeliveryDate: kept,
  estimatedShipDate: kept,
  methodCode: text,
  carrierMethodName: kept,
});

/** What Sluice keeps of a purchase order besides its buyer: only the fields named here, none of them personal. */
export const orderFacts = z.object({
  /** It becomes a part of a URL. */
  purchaseOrderId: z.string().regex(/^[\w-]+$/),
  customerOrderId: kept,
  orderType: kept,
  originalCustomerOrderID: kept,
  orderDate: epochMs,
  mart: kept,
  shippingInfo: shippingInfo.nullish(),
  orderLines: z.object({ orderLine: z.array(orderLine) }),
  orderSummary: z
    .object({
      totalAmount: total,
      orderSubTotals: z
        .array(z.object({ subTotalType: kept, totalAmount: total }))
        .nullish()
        .catch(undefined),
    })
    .nullish(),
  shipNode: z.object({ type: kept, name: kept, id: kept }).nullish().catch(undefined),
});

/** A purchase order of the Orders API v3, as far as it is read. */
export const walmartOrder = orderFacts.extend({
  customerEmailId: text,
  shippingInfo: shippingInfo
    .extend({
      phone: text,
      postalAddress: z
        .object({
          name: text,
          address1: text,
          address2: text,
          city: text,
          state: text,
          postalCode: text,
          country: text,
        })
        .nullish(),
    })
    .nullish(),
});

export type OrderFacts = z.infer<typeof orderFacts>;
export type WalmartOrder = z.infer<typeof walmartOrder>;
export type WalmartLine = OrderFacts['orderLines']['orderLine'][number];
