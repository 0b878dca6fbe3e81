import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createLazadaSandbox } from './served-sandbox.ts';

testClient(
  {
    name: 'Lazada: lazada-open-platform-sdk',
    packages: ['lazada-open-platform-sdk'],
    create: createLazadaSandbox,
    hosts: ['api.lazada.sg', 'auth.lazada.com'],
  },
  async ({ sandbox, app, place, consent }) => {
    const { default: LazadaApi } = await load('lazada-open-platform-sdk');
    const { default: request } = await load('lazada-open-platform-sdk/lib/LazadaRequest/index.js');
    const { books } = sandbox;
    const { sellerId } = sandbox.sellers[0]!;
    const client = new LazadaApi(app.appKey, app.appSecret, 'SINGAPORE');
    const orders = place(5);
    const order = orders[0]!;
    let itemIds: number[] = [];

    /** For an API that is newer than the client, whose own packing calls Lazada has ended. */
    const post = (api: string, name: string, value: unknown) =>
      request.post('https://api.lazada.sg/rest', app.appKey, app.appSecret, api, client.accessToken, {
        [name]: JSON.stringify(value),
      });

    return {
      async 'token exchange and refresh'() {
        const link = { response_type: 'code', client_id: app.appKey!, redirect_uri: 'https://seller.example/callback' };
        const back = await consent(`/oauth/authorize?${new URLSearchParams(link)}`);
        const tokens = await client.generateAccessToken({ code: back.get('code') });
        const refreshed = await client.refreshAccessToken({ refresh_token: tokens.refresh_token });
        assert.notEqual(refreshed.access_token, tokens.access_token);
        client.accessToken = refreshed.access_token;
      },

      async 'order list with paging'() {
        const ids: string[] = [];
        let page: { order_id: number }[];
        do {
          const { data } = await client.getOrders({
            created_after: '2026-01-01T00:00:00+08:00',
            sort_by: 'created_at',
            limit: 2,
            offset: ids.length,
          });
          page = data.orders;
          ids.push(...page.map(({ order_id }) => String(order_id)));
        } while (page.length > 0);
        assert.deepEqual(
          ids,
          orders.map(({ orderId }) => orderId),
        );
      },

      async 'order detail'() {
        const { data: read } = await client.getOrder({ order_id: Number(order.orderId) });
        assert.equal(read.address_shipping.post_code, order.buyer.postalCode);
        const { data: items } = await client.getOrderItems({ order_id: order.orderId });
        assert.equal(
          items.length,
          order.lines.reduce((sum, { quantity }) => sum + quantity, 0),
        );
        itemIds = items.map(({ order_item_id }: { order_item_id: number }) => order_item_id);
      },

      async 'stock update'() {
        const listing = books.listing(sellerId, '85123A');
        const sku = '<Sku><SellerSku>85123A</SellerSku><Quantity>7</Quantity></Sku>';
        await client.updatePriceQuantity({
          payload: `<Request><Product><Skus>${sku}</Skus></Product></Request>`,
        });
        assert.equal(listing.quantity, 7);
      },

      async shipment() {
        const packed = await post('/order/fulfill/pack', 'packReq', {
          pack_order_list: [{ order_id: order.orderId, order_item_list: itemIds }],
          delivery_type: 'dropship',
          shipping_allocate_type: 'TFS',
        });
        const [item] = packed.result.data.pack_order_list[0].order_item_list;
        assert.equal(item.item_err_code, '0');
        const ready = await post('/order/package/rts', 'readyToShipReq', {
          packages: [{ package_id: item.package_id }],
        });
        assert.equal(ready.result.data.packages[0].item_err_code, '0');
        assert.equal(order.status, 'shipped');
        assert.equal(order.shipment?.trackingNumber, item.tracking_number);
        const { data } = await client.getOrder({ order_id: Number(order.orderId) });
        assert.deepEqual(data.statuses, ['shipped']);
      },
    };
  },
);
