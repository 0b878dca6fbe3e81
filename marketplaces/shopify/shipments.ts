import { z } from 'zod';
import type { Call, CallContext, Shipment, Shipments } from '#marketplaces/marketplace.ts';
import { readData, unreadable } from './answer.ts';
import type { ShopifyApp } from './app.ts';
import { type Part, planOf, type Refusal, shippingStateCall } from './fulfillment-orders.ts';
import { gid, numberOf } from './gid.ts';
import { graphqlCall } from './request.ts';
import { refusalAs, userErrors } from './user-errors.ts';

const CREATE_FULFILLMENT = `mutation createFulfillment($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id status }
    userErrors { field message }
  }
}`;

const created = z.object({
  fulfillmentCreate: z.object({ fulfillment: z.object({ id: gid }).nullable(), userErrors }),
});

/**
 * Reads what of the order is open, and fulfils it: one call for each fulfillment order, since those of two locations
 * can't share one. fulfillmentCreate takes no idempotency key, so what is sent with the tracking number already is not
 * sent again.
 */
export const shipments: Shipments<ShopifyApp> = {
  confirm(context, shipment, [read, ...answers]) {
    if (!read) return { call: shippingStateCall(context, shipment.orderId) };
    const plan = planOf(read, shipment);
    if ('code' in plan) return failed(plan);
    let { packageId } = plan;
    for (const [index, part] of plan.parts.entries()) {
      const answer = answers[index];
      if (!answer) return { call: createCall(context, shipment, part) };
      const { fulfillment, userErrors: errors } = readData(answer, created).fulfillmentCreate;
      if (errors[0]) {
        // A call before it may have had its effect without an answer.
        const reread = answers[index + 1];
        if (!reread) return { call: shippingStateCall(context, shipment.orderId) };
        const left = planOf(reread, shipment);
        const isDone = 'parts' in left && left.parts.length === 0;
        return isDone ? confirmed(left.packageId) : failed(refusalAs(errors[0], 'the shipment'));
      }
      if (!fulfillment) throw unreadable(answer, 'without the fulfillment and without a reason');
      packageId ??= numberOf(fulfillment.id);
    }
    return confirmed(packageId);
  },
};

const confirmed = (packageId: string | null) => ({ done: { outcome: 'confirmed', packageId } }) as const;
const failed = ({ code, message }: Refusal) => ({ done: { outcome: 'failed', code, message } }) as const;

/** Shopify tells the buyer, as it does when the seller ships by hand; by the API it does so only if asked. */
function createCall(
  context: CallContext<ShopifyApp>,
  { trackingNumber, carrier }: Shipment,
  { fulfillmentOrderId, lines }: Part,
): Call {
  return graphqlCall(context, 'createFulfillment', CREATE_FULFILLMENT, {
    fulfillment: {
      lineItemsByFulfillmentOrder: [{ fulfillmentOrderId, fulfillmentOrderLineItems: lines }],
      trackingInfo: { number: trackingNumber, company: carrier.code ?? carrier.name },
      notifyCustomer: true,
    },
  });
}
