import assert from 'node:assert/strict';
import { promisify } from 'node:util';
import { load, testClient } from './client.ts';
import { createMercadolibreSandbox } from './served-sandbox.ts';

const CALLBACK = 'https://seller.example/callback';

testClient(
  { name: 'Mercado Libre: mercadolibre', packages: ['mercadolibre'], create: createMercadolibreSandbox },
  async ({ sandbox, app, url, place, consent }) => {
    const { config } = (await load('mercadolibre/config.js')).default;
    Object.assign(config, {
      api_root_url: url,
      oauth_url: `${url}/oauth/token`,
      auth_url: `${url}/authorization`,
    });
    const { Meli } = (await load('mercadolibre')).default;
    const { books } = sandbox;
    const { sellerId } = sandbox.sellers[0]!;
    const client = new Meli(app.clientId, app.clientSecret);
    const [get, put, post] = [promisify(client.get), promisify(client.put), promisify(client.post)];
    const orders = place(5);
    const order = orders[0]!;

    return {
      async 'token exchange and refresh'() {
        const page = new URL(client.getAuthURL(CALLBACK));
        const back = await consent(page.pathname + page.search);
        const tokens = await promisify(client.authorize)(back.get('code'), CALLBACK);
        assert.equal(String(tokens.user_id), sellerId);
        const refreshed = await promisify(client.refreshAccessToken)();
        assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
      },

      async 'order list with paging'() {
        const ids: string[] = [];
        let total = 1;
        while (ids.length < total) {
          const page = await get('/orders/search', {
            seller: sellerId,
            'order.date_last_updated.from': '2026-01-01T00:00:00.000-03:00',
            limit: 2,
            offset: ids.length,
          });
          ids.push(...page.results.map(({ id }: { id: number }) => String(id)));
          total = page.paging.total;
        }
        assert.deepEqual(
          ids,
          orders.map(({ orderId }) => orderId),
        );
      },

      async 'order detail'() {
        const read = await get(`/orders/${order.orderId}`);
        assert.deepEqual(
          read.order_items.map(({ quantity }: { quantity: number }) => quantity),
          order.lines.map(({ quantity }) => quantity),
        );
        const shipment = await get(`/shipments/${read.shipping.id}`);
        assert.equal(shipment.receiver_address.zip_code, order.buyer.postalCode);
      },

      async 'stock update'() {
        const listing = books.listing(sellerId, '85123A');
        await put(`/items/${listing.reference.itemId}`, { available_quantity: 7 });
        assert.equal(listing.quantity, 7);
        assert.equal((await get(`/items/${listing.reference.itemId}`)).available_quantity, 7);
      },

      async shipment() {
        const { shipping } = await get(`/orders/${order.orderId}`);
        const { service_id } = await get(`/shipments/${shipping.id}`);
        await post(`/v2/shipments/${shipping.id}/seller_notifications`, {
          payload: { service_id, date: new Date(order.placedAt).toISOString() },
          status: 'shipped',
          substatus: null,
          tracking_number: 'DPD0001',
          tracking_url: 'https://carrier.example/DPD0001',
        });
        assert.equal(order.status, 'shipped');
        assert.equal(order.shipment?.trackingNumber, 'DPD0001');
      },
    };
  },
);
