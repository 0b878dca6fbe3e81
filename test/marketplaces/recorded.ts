import type { HttpResponse } from '#platform/runtime/http.ts';
import amazonTold from '#test/vectors/amazon/conversations.json' with { type: 'json' };
import amazonDetails from '#test/vectors/amazon/details.json' with { type: 'json' };
import amazonFailures from '#test/vectors/amazon/failures.json' with { type: 'json' };
import ebayTold from '#test/vectors/ebay/conversations.json' with { type: 'json' };
import ebayFailures from '#test/vectors/ebay/failures.json' with { type: 'json' };
import ebayOrder from '#test/vectors/ebay/order.json' with { type: 'json' };
import lazadaTold from '#test/vectors/lazada/conversations.json' with { type: 'json' };
import lazadaFailures from '#test/vectors/lazada/failures.json' with { type: 'json' };
import lazadaOrders from '#test/vectors/lazada/orders.json' with { type: 'json' };
import mercadolibreTold from '#test/vectors/mercadolibre/conversations.json' with { type: 'json' };
import mercadolibreFailures from '#test/vectors/mercadolibre/failures.json' with { type: 'json' };
import mercadolibreOrder from '#test/vectors/mercadolibre/order.json' with { type: 'json' };
import shopeeTold from '#test/vectors/shopee/conversations.json' with { type: 'json' };
import shopeeFailures from '#test/vectors/shopee/failures.json' with { type: 'json' };
import shopeeDetails from '#test/vectors/shopee/order-details.json' with { type: 'json' };
import shopifyTold from '#test/vectors/shopify/conversations.json' with { type: 'json' };
import shopifyFailures from '#test/vectors/shopify/failures.json' with { type: 'json' };
import shopifyOrders from '#test/vectors/shopify/orders.json' with { type: 'json' };
import tiktokTold from '#test/vectors/tiktok-shop/conversations.json' with { type: 'json' };
import tiktokFailures from '#test/vectors/tiktok-shop/failures.json' with { type: 'json' };
import tiktokOrders from '#test/vectors/tiktok-shop/orders.json' with { type: 'json' };
import walmartTold from '#test/vectors/walmart/conversations.json' with { type: 'json' };
import walmartFailures from '#test/vectors/walmart/failures.json' with { type: 'json' };
import walmartOrder from '#test/vectors/walmart/order.json' with { type: 'json' };
import type { Conversation, Recorded } from './conversations.ts';

/** What each connector and its sandbox said to each other, by marketplace; and beside it, `richest`. */
export const recorded: Readonly<Record<string, Recorded>> = Object.fromEntries(
  Object.entries({
    amazon: [amazonTold, [amazonDetails[0]!.response.body]],
    ebay: [ebayTold, [{ total: 1, limit: 50, offset: 0, orders: [ebayOrder.source] }]],
    shopee: [shopeeTold, [shopeeDetails[0]!.body]],
    lazada: [
      lazadaTold,
      [
        {
          code: '0',
          data: [{ order_id: lazadaOrders.order.orderId, order_number: 1, order_items: [lazadaOrders.unit] }],
        },
        { code: '0', data: lazadaOrders.head },
      ],
    ],
    walmart: [walmartTold, [walmartOrder.answer]],
    'tiktok-shop': [
      tiktokTold,
      [
        {
          code: 0,
          message: 'Success',
          data: { orders: [{ ...tiktokOrders.source, line_items: [tiktokOrders.unit] }] },
        },
      ],
    ],
    mercadolibre: [mercadolibreTold, [mercadolibreOrder.order, mercadolibreOrder.shipment]],
    shopify: [shopifyTold, [{ data: { nodes: [shopifyOrders.source] } }]],
  }).map(([name, [told, bodies]]) => [name, withRichest(told as unknown as Recorded, bodies as unknown[])]),
);

/** What each connector's own vectors say of refusals. */
export const failureVectors: Readonly<Record<string, { operation: string; response: HttpResponse }[]>> = {
  amazon: refusals(amazonFailures),
  ebay: refusals(ebayFailures),
  shopee: refusals(shopeeFailures),
  lazada: refusals(lazadaFailures),
  walmart: refusals(walmartFailures),
  'tiktok-shop': refusals(tiktokFailures),
  mercadolibre: refusals(mercadolibreFailures),
  shopify: refusals(shopifyFailures),
};

/** Some vectors have the parts of the answer beside the operation. */
function refusals(vectors: unknown) {
  return (vectors as { operation: string; response?: HttpResponse }[]).map(({ operation, response, ...rest }) => ({
    operation,
    response: response ?? { headers: {}, ...(rest as unknown as Omit<HttpResponse, 'headers'>) },
  }));
}

/** Adds the reading of the order that has every field that the connector's own vectors have. */
function withRichest(told: Recorded, bodies: readonly unknown[]): Recorded {
  const read = told.conversations.find((conversation) => conversation.read === 'details') as Conversation<'details'>;
  const richest: Conversation = {
    ...read,
    name: 'details of the order of the vectors',
    answers: bodies.map((body, index) => ({
      ...read.answers[index]!,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })),
  };
  return { ...told, conversations: [...told.conversations, richest] };
}
