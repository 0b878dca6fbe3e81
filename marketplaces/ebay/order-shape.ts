import { z } from 'zod';
import { decimal } from '#events/order.ts';

const text = z.string().nullish();
/** A field that nothing is made of yet: kept where it is a single value, and never a reason to refuse an order. */
const kept = z.union([z.string(), z.number(), z.boolean()]).nullish().catch(undefined);
/** A part that nothing is made of yet. */
const part = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.object(shape).nullish().catch(undefined);
const list = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.array(z.object(shape)).nullish().catch(undefined);

const amount = z.object({ value: decimal, currency: z.string().regex(/^[A-Z]{3}$/) });
const keptAmount = part({ value: kept, currency: kept, convertedFromValue: kept, convertedFromCurrency: kept });

const lineItem = z.object({
  lineItemId: z.string().min(1),
  legacyItemId: kept,
  legacyVariationId: kept,
  sku: text,
  title: text,
  quantity: z.int().min(0),
  lineItemCost: amount.nullish(),
  discountedLineItemCost: keptAmount,
  total: keptAmount,
  deliveryCost: part({
    shippingCost: keptAmount,
    handlingCost: keptAmount,
    importCharges: keptAmount,
    discountAmount: keptAmount,
  }),
  taxes: list({ taxType: kept, amount: keptAmount }),
  ebayCollectAndRemitTaxes: list({ taxType: kept, amount: keptAmount, collectionMethod: kept }),
  appliedPromotions: list({ promotionId: kept, discountAmount: keptAmount }),
  refunds: list({ amount: keptAmount, refundDate: kept }),
  variationAspects: list({ name: kept, value: kept }),
  soldFormat: kept,
  listingMarketplaceId: kept,
  purchaseMarketplaceId: kept,
  lineItemFulfillmentStatus: kept,
  lineItemFulfillmentInstructions: part({
    shipByDate: kept,
    minEstimatedDeliveryDate: kept,
    maxEstimatedDeliveryDate: kept,
    guaranteedDelivery: kept,
  }),
});

const shippingStep = z.object({ shippingCarrierCode: kept, shippingServiceCode: kept });
const fulfillmentStart = z.object({
  fulfillmentInstructionsType: kept,
  minEstimatedDeliveryDate: kept,
  maxEstimatedDeliveryDate: kept,
  ebaySupportedFulfillment: kept,
  shippingStep: shippingStep.nullish(),
});

/** What Sluice keeps of an order besides its buyer: only the fields named here, none of them personal. */
export const orderFacts = z.object({
  orderId: z.string().min(1),
  creationDate: z.iso.datetime(),
  lastModifiedDate: z.iso.datetime(),
  salesRecordReference: kept,
  orderFulfillmentStatus: z.string(),
  orderPaymentStatus: text,
  cancelStatus: z.object({ cancelState: text, cancelledDate: kept }).nullish(),
  pricingSummary: z.object({
    total: amount,
    priceSubtotal: keptAmount,
    priceDiscount: keptAmount,
    deliveryCost: keptAmount,
    deliveryDiscount: keptAmount,
    tax: keptAmount,
    fee: keptAmount,
    adjustment: keptAmount,
  }),
  paymentSummary: part({
    totalDueSeller: keptAmount,
    payments: list({ amount: keptAmount, paymentDate: kept, paymentMethod: kept, paymentStatus: kept }),
    refunds: list({ amount: keptAmount, refundDate: kept, refundStatus: kept }),
  }),
  totalFeeBasisAmount: keptAmount,
  totalMarketplaceFee: keptAmount,
  lineItems: z.array(lineItem),
  fulfillmentHrefs: z.array(z.string()).nullish(),
  fulfillmentStartInstructions: z.array(fulfillmentStart).nullish(),
});

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
export const ebayOrder = orderFacts.extend({
  buyer: z.object({ username: text }).nullish(),
  fulfillmentStartInstructions: z
    .array(fulfillmentStart.extend({ shippingStep: shippingStep.extend({ shipTo: shipTo.nullish() }).nullish() }))
    .nullish(),
});

export type OrderFacts = z.infer<typeof orderFacts>;
export type EbayOrder = z.infer<typeof ebayOrder>;
