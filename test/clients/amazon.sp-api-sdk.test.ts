import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createAmazonSandbox } from './served-sandbox.ts';

const MARKETPLACE = 'A1F83G8C2ARO7P';

testClient(
  {
    name: 'Amazon: @sp-api-sdk',
    packages: [
      '@sp-api-sdk/auth',
      '@sp-api-sdk/orders-api-2026-01-01',
      '@sp-api-sdk/orders-api-v0',
      '@sp-api-sdk/listings-items-api-2021-08-01',
    ],
    create: createAmazonSandbox,
    hosts: ['api.amazon.com', 'sellingpartnerapi-eu.amazon.com'],
  },
  async ({ sandbox, app, advance, place }) => {
    const { SellingPartnerApiAuth } = await load('@sp-api-sdk/auth');
    const { OrdersApiClient } = await load('@sp-api-sdk/orders-api-2026-01-01');
    const { OrdersApiClient: OrdersV0Client } = await load('@sp-api-sdk/orders-api-v0');
    const { ListingsItemsApiClient } = await load('@sp-api-sdk/listings-items-api-2021-08-01');
    const { books } = sandbox;
    const { sellerId, refreshToken } = sandbox.sellers[0]!;
    const auth = new SellingPartnerApiAuth({ clientId: app.clientId, clientSecret: app.clientSecret, refreshToken });
    const client = new OrdersApiClient({ auth, region: 'eu' });
    const orders = place(5);
    const order = orders[0]!;

    return {
      async 'token exchange and refresh'() {
        assert.match(await auth.getAccessToken(), /^Atza\|/);
      },

      async 'order list with paging'() {
        const ids: string[] = [];
        let paginationToken: string | undefined;
        do {
          const { data } = await client.searchOrders({
            createdAfter: '2026-01-01T00:00:00Z',
            marketplaceIds: [MARKETPLACE],
            fulfillmentStatuses: ['UNSHIPPED', 'PARTIALLY_SHIPPED'],
            maxResultsPerPage: 2,
            paginationToken,
          });
          ids.push(...data.orders.map(({ orderId }: { orderId: string }) => orderId));
          paginationToken = data.pagination?.nextToken;
        } while (paginationToken);
        assert.deepEqual(
          ids,
          orders.map(({ orderId }) => orderId),
        );
      },

      async 'order detail'() {
        const { data } = await client.getOrder({ orderId: order.orderId, includedData: ['RECIPIENT', 'PROCEEDS'] });
        assert.equal(data.order.recipient.deliveryAddress.postalCode, order.buyer.postalCode);
        assert.deepEqual(
          data.order.orderItems.map((item: { quantityOrdered: number }) => item.quantityOrdered),
          order.lines.map(({ quantity }) => quantity),
        );
      },

      async 'stock update'() {
        const listing = books.listing(sellerId, '85123A');
        const listings = new ListingsItemsApiClient({ auth, region: 'eu' });
        const item = { sellerId, sku: '85123A', marketplaceIds: [MARKETPLACE] };
        const value = [{ fulfillment_channel_code: 'DEFAULT', quantity: 7 }];
        const patches = [{ op: 'replace', path: '/attributes/fulfillment_availability', value }];
        const { data } = await listings.patchListingsItem({ ...item, body: { productType: 'PRODUCT', patches } });
        assert.equal(data.status, 'ACCEPTED');
        advance(120_000);
        const read = await listings.getListingsItem({ ...item, includedData: ['fulfillmentAvailability'] });
        assert.equal(read.data.fulfillmentAvailability[0].quantity, 7);
        assert.equal(listing.quantity, 7);
      },

      async shipment() {
        await new OrdersV0Client({ auth, region: 'eu' }).confirmShipment({
          orderId: order.orderId,
          payload: {
            marketplaceId: MARKETPLACE,
            packageDetail: {
              packageReferenceId: '1',
              carrierCode: 'DPD',
              trackingNumber: 'DPD0001',
              shipDate: new Date(order.placedAt).toISOString(),
              orderItems: order.lines.map(({ lineId, quantity }) => ({ orderItemId: lineId, quantity })),
            },
          },
        });
        assert.equal(order.status, 'shipped');
        assert.equal(order.shipment?.trackingNumber, 'DPD0001');
      },
    };
  },
);
