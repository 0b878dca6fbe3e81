import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createLazadaSandbox } from './served-sandbox.ts';

// Its POST goes to the base URL without a path, so that only calls by GET can work, here as at Lazada.
testClient(
  { name: 'Lazada: lazada-sdk-client', packages: ['lazada-sdk-client'], create: createLazadaSandbox },
  async ({ sandbox, app, url, place, consent }) => {
    const { LazadaClient, LazadaRequest } = (await load('lazada-sdk-client')).default;
    const { books } = sandbox;
    const { sellerId } = sandbox.sellers[0]!;
    const client = new LazadaClient(`${url}/rest`, app.appKey, app.appSecret);
    let accessToken: string | undefined;
    const orders = place(5);
    const order = orders[0]!;

    async function get(api: string, parameters: Record<string, string>) {
      const request = new LazadaRequest(api, 'GET');
      for (const [name, value] of Object.entries(parameters)) request.addApiParam(name, value);
      const { data } = await client.execute(request, accessToken);
      assert.equal(data.code, '0', JSON.stringify(data));
      return data;
    }

    return {
      async 'token exchange and refresh'() {
        const link = { response_type: 'code', client_id: app.appKey!, redirect_uri: 'https://seller.example/callback' };
        const back = await consent(`/oauth/authorize?${new URLSearchParams(link)}`);
        const tokens = await get('/auth/token/create', { code: back.get('code')! });
        const refreshed = await get('/auth/token/refresh', { refresh_token: tokens.refresh_token });
        assert.notEqual(refreshed.access_token, tokens.access_token);
        accessToken = refreshed.access_token;
      },

      async 'order list with paging'() {
        const ids: string[] = [];
        let total = 1;
        while (ids.length < total) {
          const { data } = await get('/orders/get', {
            update_after: '2026-01-01T00:00:00+08:00',
            sort_by: 'updated_at',
            limit: '2',
            offset: String(ids.length),
          });
          ids.push(...data.orders.map(({ order_id }: { order_id: number }) => String(order_id)));
          total = data.countTotal;
        }
        assert.deepEqual(
          ids,
          orders.map(({ orderId }) => orderId),
        );
      },

      async 'order detail'() {
        const { data: read } = await get('/order/get', { order_id: order.orderId });
        assert.equal(String(read.order_id), order.orderId);
        const { data: items } = await get('/order/items/get', { order_id: order.orderId });
        const units = order.lines.flatMap(({ sku, quantity }) => Array.from({ length: quantity }, () => sku));
        assert.deepEqual(
          items.map(({ sku }: { sku: string }) => sku),
          units,
        );
      },

      async 'stock update'() {
        const listing = books.listing(sellerId, '85123A');
        const { itemId, skuId } = listing.reference;
        const sku = `<Sku><ItemId>${itemId}</ItemId><SkuId>${skuId}</SkuId><SellableQuantity>7</SellableQuantity></Sku>`;
        await get('/product/stock/sellable/update', {
          payload: `<Request><Product><Skus>${sku}</Skus></Product></Request>`,
        });
        assert.equal(listing.quantity, 7);
      },
    };
  },
);
