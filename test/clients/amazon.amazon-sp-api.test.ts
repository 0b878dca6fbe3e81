import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createAmazonSandbox } from './served-sandbox.ts';

const MARKETPLACE = 'A1F83G8C2ARO7P';

testClient(
  {
    name: 'Amazon: amazon-sp-api',
    packages: ['amazon-sp-api'],
    create: createAmazonSandbox,
    hosts: ['api.amazon.com', 'sellingpartnerapi-eu.amazon.com'],
  },
  async ({ sandbox, app, advance, place, consent }) => {
    const { SellingPartner } = (await load('amazon-sp-api')).default;
    const { books } = sandbox;
    const { sellerId, refreshToken } = sandbox.sellers[0]!;
    const clientWith = (token: string) =>
      new SellingPartner({
        region: 'eu',
        refresh_token: token,
        credentials: {
          SELLING_PARTNER_APP_CLIENT_ID: app.clientId,
          SELLING_PARTNER_APP_CLIENT_SECRET: app.clientSecret,
        },
      });
    let client = clientWith(refreshToken);
    const orders = place(5);
    const order = orders[0]!;

    return {
      async 'token exchange and refresh'() {
        const back = await consent(`/apps/authorize/consent?application_id=${app.applicationId}&state=s1`);
        const tokens = await client.exchange(back.get('spapi_oauth_code'));
        assert.match(tokens.refresh_token, /^Atzr\|/);
        client = clientWith(tokens.refresh_token);
        await client.refreshAccessToken();
        assert.match(client.access_token, /^Atza\|/);
      },

      async 'order list with paging'() {
        const ids: string[] = [];
        let paginationToken: string | undefined;
        do {
          const page = await client.callAPI({
            operation: 'orders.searchOrders',
            query: {
              lastUpdatedAfter: '2026-01-01T00:00:00Z',
              marketplaceIds: [MARKETPLACE],
              maxResultsPerPage: 2,
              ...(paginationToken && { paginationToken }),
            },
          });
          ids.push(...page.orders.map(({ orderId }: { orderId: string }) => orderId));
          paginationToken = page.pagination?.nextToken;
        } while (paginationToken);
        assert.deepEqual(
          ids,
          orders.map(({ orderId }) => orderId),
        );
      },

      async 'order detail'() {
        const { order: read } = await client.callAPI({
          operation: 'orders.getOrder',
          path: { orderId: order.orderId },
          query: { includedData: ['BUYER', 'RECIPIENT', 'PROCEEDS', 'FULFILLMENT'] },
          options: { version: '2026-01-01' },
        });
        assert.equal(read.recipient.deliveryAddress.postalCode, order.buyer.postalCode);
        assert.deepEqual(
          read.orderItems.map((item: { product: { sellerSku: string } }) => item.product.sellerSku),
          order.lines.map(({ sku }) => sku),
        );
      },

      async 'stock update'() {
        const listing = books.listing(sellerId, '85123A');
        const options = { version: '2021-08-01' };
        const answer = await client.callAPI({
          operation: 'listingsItems.patchListingsItem',
          options,
          path: { sellerId, sku: '85123A' },
          query: { marketplaceIds: [MARKETPLACE] },
          body: {
            productType: 'PRODUCT',
            patches: [
              {
                op: 'replace',
                path: '/attributes/fulfillment_availability',
                value: [{ fulfillment_channel_code: 'DEFAULT', quantity: 7 }],
              },
            ],
          },
        });
        assert.equal(answer.status, 'ACCEPTED');
        advance(120_000);
        const { fulfillmentAvailability } = await client.callAPI({
          operation: 'listingsItems.getListingsItem',
          options,
          path: { sellerId, sku: '85123A' },
          query: { marketplaceIds: [MARKETPLACE], includedData: ['fulfillmentAvailability'] },
        });
        assert.equal(fulfillmentAvailability[0].quantity, 7);
        assert.equal(listing.quantity, 7);
      },

      async shipment() {
        await client.callAPI({
          operation: 'orders.confirmShipment',
          path: { orderId: order.orderId },
          body: {
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
