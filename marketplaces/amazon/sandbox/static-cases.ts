import type { Context } from 'hono';
import { apiError } from './answers.ts';

/**
 * Cases that Amazon's own static sandbox answers, so that a client's tests against it run here too. Data from
 * github.com/amzn/selling-partner-api-models, orders_2026-01-01.json, © Amazon.com, Inc., Apache-2.0.
 */
const REFUSED = 'TEST_CASE_400';

const JAPANESE_SEARCH: Record<string, string> = {
  createdAfter: '2024-12-25T00:00:00Z',
  marketplaceIds: 'A1VC38T7YXB528',
  includedData: 'BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES',
};

/** The static answer of a searchOrders call, if it is one of the cases. */
export function staticSearch(c: Context, query: Record<string, string[]>): Response | undefined {
  if (query.createdAfter?.[0] === REFUSED) {
    const error = { status: 400, code: 'InvalidInput', message: 'Invalid Input', details: 'Invalid Input' } as const;
    return apiError(c, error);
  }
  const matches = Object.entries(JAPANESE_SEARCH).every(([name, value]) => query[name]?.join(',') === value);
  return matches && !query.paginationToken ? c.json(JAPANESE_ANSWER) : undefined;
}

/** The static answer of a getOrder call, if it is one of the cases. */
export function staticGetOrder(c: Context, orderId: string): Response | undefined {
  if (orderId !== REFUSED) return undefined;
  return apiError(c, { status: 400, code: 'InvalidInput', message: 'Invalid Input' });
}

const JAPANESE_ANSWER = {
  orders: [
    {
      orderId: '250-1234567-8901234',
      orderAliases: [{ aliasId: 'JP-ORDER-2024-001', aliasType: 'SELLER_ORDER_ID' }],
      createdTime: '2024-12-25T02:30:00Z',
      lastUpdatedTime: '2024-12-25T06:45:00Z',
      programs: ['PRIME'],
      associatedOrders: [],
      salesChannel: { channelName: 'AMAZON', marketplaceId: 'A1VC38T7YXB528', marketplaceName: 'Amazon.co.jp' },
      buyer: { buyerName: 'John Smith', buyerEmail: 'buyer-email@marketplace.amazon.co.jp' },
      recipient: {
        deliveryAddress: {
          name: 'John Smith',
          addressLine1: '123 Business Park',
          addressLine2: 'Suite 456',
          city: 'Tokyo',
          postalCode: '150-0002',
          countryCode: 'JP',
          addressType: 'RESIDENTIAL',
        },
      },
      proceeds: { grandTotal: { amount: '19940', currencyCode: 'JPY' } },
      fulfillment: {
        fulfillmentStatus: 'SHIPPED',
        fulfilledBy: 'AMAZON',
        fulfillmentServiceLevel: 'STANDARD',
        shipByWindow: { earliestDateTime: '2024-12-25T00:00:00Z', latestDateTime: '2024-12-25T23:59:59Z' },
      },
      orderItems: [
        {
          orderItemId: '25012345678901',
          quantityOrdered: 1,
          programs: ['TRANSPARENCY'],
          product: {
            asin: 'B08C1W5N87',
            title: 'Echo Dot (第4世代) スマートスピーカー with Alexa チャコール',
            sellerSku: 'ECHO-DOT-4-JP-CHARCOAL',
            condition: { conditionType: 'NEW', conditionSubtype: 'NEW', conditionNote: '' },
            price: { unitPrice: { amount: '5980', currencyCode: 'JPY' } },
            serialNumbers: ['ED4JP-2024-ABC123456789'],
          },
          proceeds: {
            proceedsTotal: { amount: '5980', currencyCode: 'JPY' },
            breakdowns: [{ type: 'ITEM', subtotal: { amount: '5980', currencyCode: 'JPY' } }],
          },
          expense: {
            pointsCost: {
              pointsGranted: { pointsNumber: 60, pointsMonetaryValue: { amount: '60', currencyCode: 'JPY' } },
            },
          },
          promotion: { breakdowns: [{ promotionId: 'JP-WINTER-SALE-2024' }] },
          fulfillment: { quantityFulfilled: 1, quantityUnfulfilled: 0 },
        },
        {
          orderItemId: '25012345678902',
          quantityOrdered: 2,
          product: {
            asin: 'B07PFFMP9P',
            title: 'Fire TV Stick 4K Max ストリーミングデバイス',
            sellerSku: 'FIRE-TV-4K-MAX-JP',
            condition: { conditionType: 'NEW', conditionSubtype: 'NEW', conditionNote: '' },
            price: { unitPrice: { amount: '6980', currencyCode: 'JPY' } },
            serialNumbers: ['FTV4KMAXJP-2024-GHI123456789', 'FTV4KMAXJP-2024-JKL987654321'],
          },
          proceeds: {
            proceedsTotal: { amount: '13960', currencyCode: 'JPY' },
            breakdowns: [{ type: 'ITEM', subtotal: { amount: '13960', currencyCode: 'JPY' } }],
          },
          expense: {
            pointsCost: {
              pointsGranted: { pointsNumber: 140, pointsMonetaryValue: { amount: '140', currencyCode: 'JPY' } },
            },
          },
          fulfillment: { quantityFulfilled: 2, quantityUnfulfilled: 0 },
        },
      ],
    },
  ],
  pagination: { nextToken: '2YgYW55IGNhcm5hbCBwbGVhc3VyZS4' },
  createdBefore: '2024-12-25T03:00:00Z',
};
