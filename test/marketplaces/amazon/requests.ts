import { amazon } from '#marketplaces/amazon/index.ts';
import type { ConnectionRef, Shipment, Step, StockLine } from '#marketplaces/marketplace.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { readModel } from './models.ts';
import { answer, answersBy, connection, context, NOW, refusal, registration, runSteps } from './support.ts';

/** The operations that Amazon's models describe, as far as they are called. */
export const OPERATIONS = [
  ...readModel('orders_2026-01-01'),
  // Its reads are deprecated, and its getOrder is not the one that is called.
  ...readModel('ordersV0').filter(({ operationId }) => operationId === 'confirmShipment'),
  ...readModel('listingsItems_2021-08-01'),
  ...readModel('notifications'),
  ...readModel('sellers'),
];

const HOUR_MS = 3_600_000;
const DESTINATION = 'destination-1';
const app = amazon.appSchema.parse({ ...registration, destinationId: DESTINATION });
const made = { ...context, app };

const of = (settings: Record<string, string>): ConnectionRef => ({ ...connection, settings });
const window = { from: NOW - HOUR_MS, to: NOW - 3 * 60_000, pageToken: undefined };

/** An order with one open line, as `shipments.confirm` reads it. */
const ORDER = answer({
  order: {
    orderId: '026-1234567-0000001',
    createdTime: '2026-11-24T05:00:00Z',
    lastUpdatedTime: '2026-11-24T05:30:00Z',
    salesChannel: { channelName: 'AMAZON', marketplaceId: 'A1F83G8C2ARO7P' },
    fulfillment: { fulfillmentStatus: 'UNSHIPPED', fulfilledBy: 'MERCHANT' },
    orderItems: [{ orderItemId: '1', quantityOrdered: 6, product: { sellerSku: 'A' } }],
  },
});
const SHIPMENT: Shipment = {
  orderId: '026-1234567-0000001',
  lines: [{ lineId: '1', quantity: 2 }],
  carrier: { code: null, name: 'Royal Mail' },
  trackingNumber: 'RM000000001GB',
  shippedAt: NOW,
};
const SUBMITTED = answer({ sku: 'A', status: 'ACCEPTED', submissionId: 'submission-1', issues: [] });
const LISTING = answer({ sku: 'A', fulfillmentAvailability: [], issues: [] });
const PARTICIPATIONS = answer({ payload: [] });
const subscription = (destinationId: string) =>
  answer({ payload: { subscriptionId: 'subscription-1', payloadVersion: '1.0', destinationId } });

/** The requests of a procedure whose every call is answered well. */
function requestsOf<Result>(
  procedure: (answers: readonly HttpResponse[]) => Step<Result>,
  prepared: Record<string, readonly HttpResponse[]>,
): HttpRequest[] {
  const { requests, operations } = runSteps(procedure, answersBy(prepared));
  // The token endpoint is in no model of Amazon's.
  return requests.filter((_, index) => operations[index] !== 'appToken');
}

/** What the connector sends to set a quantity and to check it. */
export function stockRequests(line: StockLine): HttpRequest[] {
  return [
    ...requestsOf((answers) => amazon.inventory!.update(made, [line], answers), { patchListingsItem: [SUBMITTED] }),
    ...requestsOf((answers) => amazon.inventory!.check!.run(made, [{ ...line, receipt: 'submission-1' }], answers), {
      getListingsItem: [LISTING],
    }),
  ];
}

/** What the connector sends to confirm a shipment. */
export function shipmentRequests(change: Partial<Shipment>): HttpRequest[] {
  return requestsOf((answers) => amazon.shipments!.confirm(made, { ...SHIPMENT, ...change }, answers), {
    getOrder: [ORDER],
    confirmShipment: [{ status: 204, headers: {}, body: '' }],
  });
}

/** What the connector sends to subscribe, where Amazon has this subscription already. */
function subscriptionRequests(found: HttpResponse): HttpRequest[] {
  return requestsOf((answers) => amazon.webhook.subscribe!(made, { callbackUrl: 'https://sluice.example' }, answers), {
    getSubscription: [found],
    appToken: [answer({ access_token: 'Atza|app', expires_in: 3600 })],
    deleteSubscriptionById: [answer({})],
    createSubscription: [subscription(DESTINATION)],
  });
}

function identifyRequests(): HttpRequest[] {
  const callback = { spapi_oauth_code: 'code', selling_partner_id: connection.sellerId };
  const asked = { app, callback, accessToken: 'Atza|token', now: NOW };
  return requestsOf((answers) => amazon.auth.identify!(asked, [answer({}), ...answers]), {
    getMarketplaceParticipations: [PARTICIPATIONS],
  });
}

const { pageCall, detailCall } = amazon.orders;

/** Requests of every operation of Amazon's API that the connector calls, in all shapes that they have, by name. */
export const REQUESTS: Readonly<Record<string, readonly HttpRequest[]>> = {
  'a first page': [pageCall(made, window).request],
  'a next page': [pageCall(made, { ...window, pageToken: 'a+b/c=%2B', pageSize: 20 }).request],
  'a page of two stores': [
    pageCall({ ...made, connection: of({ marketplaceIds: 'A1F83G8C2ARO7P,A1PA6795UKMFR9' }) }, window).request,
  ],
  'a page of every store': [pageCall({ ...made, connection: of({}) }, { ...window, pageSize: 500 }).request],
  'one order': [detailCall(made, ['903-8868176-2219830']).request],
  'an order id with a slash': [detailCall(made, ['../a?b#c']).request],
  'who consented': identifyRequests(),
  'a quantity': stockRequests({ sku: 'A/1 &ü', quantity: 7, reference: {} }),
  'none in stock': stockRequests({ sku: '85123A', quantity: 0, reference: {} }),
  'a quantity with its product type and store': stockRequests({
    sku: '85123A',
    quantity: 1_000_000,
    reference: { productType: 'LUGGAGE', marketplaceId: 'A1PA6795UKMFR9' },
  }),
  'a shipment': shipmentRequests({}),
  'a shipment with a carrier code': shipmentRequests({ carrier: { code: 'UPS', name: 'UPS' } }),
  'a shipment with another carrier': shipmentRequests({ carrier: { code: null, name: 'Own van' } }),
  'a shipment of all that is open': shipmentRequests({ lines: [] }),
  'a subscription that is in order': subscriptionRequests(subscription(DESTINATION)),
  'a subscription that is missing': subscriptionRequests(refusal('NotFound', 404)),
  'a subscription that sends elsewhere': subscriptionRequests(subscription('destination-0')),
};
