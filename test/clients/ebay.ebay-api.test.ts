import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createEbaySandbox } from './served-sandbox.ts';

const SCOPES = [
  'https://api.ebay.com/oauth/api_scope',
  'https://api.ebay.com/oauth/api_scope/sell.fulfillment',
  'https://api.ebay.com/oauth/api_scope/sell.inventory',
];

/** The client, and its last release under its former name, which is half as widely used. */
for (const name of ['ebay-api', '@hendt/ebay-api']) {
  testClient(
    { name: `eBay: ${name}`, packages: [name], create: createEbaySandbox, hosts: ['api.ebay.com'] },
    async ({ sandbox, app, place, consent }) => {
      const { default: module } = await load(name);
      const EbayApi = module.default ?? module;
      const { books } = sandbox;
      const { sellerId } = sandbox.sellers[0]!;
      const client = new EbayApi({
        appId: app.clientId,
        certId: app.clientSecret,
        ruName: app.ruName,
        scope: SCOPES,
        sandbox: false,
        marketplaceId: 'EBAY_GB',
      });
      const orders = place(5);
      const order = orders[0]!;

      return {
        async 'token exchange and refresh'() {
          const page = new URL(client.OAuth2.generateAuthUrl());
          const back = await consent(page.pathname + page.search);
          const tokens = await client.OAuth2.getToken(back.get('code'));
          client.OAuth2.setCredentials(tokens);
          const refreshed = await client.OAuth2.refreshToken();
          assert.equal(refreshed.refresh_token, tokens.refresh_token);
          assert.notEqual(refreshed.access_token, tokens.access_token);
        },

        async 'order list with paging'() {
          const ids: string[] = [];
          let total = 1;
          while (ids.length < total) {
            const page = await client.sell.fulfillment.getOrders({
              filter: 'orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}',
              limit: 2,
              offset: ids.length,
            });
            ids.push(...page.orders.map(({ orderId }: { orderId: string }) => orderId));
            total = page.total;
          }
          assert.deepEqual(ids.toSorted(), orders.map(({ orderId }) => orderId).toSorted());
        },

        async 'order detail'() {
          const read = await client.sell.fulfillment.getOrder(order.orderId);
          const { shipTo } = read.fulfillmentStartInstructions[0].shippingStep;
          assert.equal(shipTo.contactAddress.postalCode, order.buyer.postalCode);
          assert.deepEqual(
            read.lineItems.map(({ sku }: { sku: string }) => sku),
            order.lines.map(({ sku }) => sku),
          );
        },

        async 'stock update'() {
          const listing = books.listing(sellerId, '85123A');
          const { responses } = await client.sell.inventory.bulkUpdatePriceQuantity({
            requests: [
              {
                sku: '85123A',
                shipToLocationAvailability: { quantity: 7 },
                offers: [{ offerId: listing.reference.offerId, availableQuantity: 7 }],
              },
            ],
          });
          assert.equal(responses[0].statusCode, 200);
          assert.equal(listing.quantity, 7);
          const item = await client.sell.inventory.getInventoryItem('85123A');
          assert.equal(item.availability.shipToLocationAvailability.quantity, 7);
        },

        async shipment() {
          await client.sell.fulfillment.createShippingFulfillment(order.orderId, {
            lineItems: order.lines.map(({ lineId, quantity }) => ({ lineItemId: lineId, quantity })),
            shippedDate: new Date(order.placedAt).toISOString(),
            shippingCarrierCode: 'DPD',
            trackingNumber: 'DPD0001',
          });
          assert.equal(order.status, 'shipped');
          assert.equal(order.shipment?.trackingNumber, 'DPD0001');
          const { fulfillments } = await client.sell.fulfillment.getShippingFulfillments(order.orderId);
          assert.equal(fulfillments[0].shipmentTrackingNumber, 'DPD0001');
        },
      };
    },
  );
}
