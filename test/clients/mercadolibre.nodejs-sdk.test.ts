import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createMercadolibreSandbox } from './served-sandbox.ts';

const CALLBACK = 'https://seller.example/callback';

testClient(
  {
    name: 'Mercado Libre: mercadolibre-nodejs-sdk',
    packages: ['mercadolibre-nodejs-sdk'],
    create: createMercadolibreSandbox,
  },
  async ({ sandbox, app, url, place, consent }) => {
    const meli = (await load('mercadolibre-nodejs-sdk')).default;
    meli.ApiClient.instance.basePath = url;
    const oauth = new meli.OAuth20Api();
    const rest = new meli.RestClientApi();
    const { books } = sandbox;
    const { sellerId } = sandbox.sellers[0]!;
    const orders = place(5);
    const order = orders[0]!;
    let accessToken = '';

    type Body = Record<string, unknown>;
    /** What an answer's body holds; the client declares no type of it and hands over the whole answer beside it. */
    const call = (start: (done: (error: unknown, data: unknown, answer: { body: unknown }) => void) => void) =>
      // biome-ignore lint/suspicious/noExplicitAny: answers of every shape; a wrong guess of one fails the test
      new Promise<any>((resolve, reject) =>
        start((error, _data, answer) => (error ? reject(error) : resolve(answer.body))),
      );
    const get = (path: string) => call((done) => rest.resourceGet(path, accessToken, done));
    const grant = (fields: Record<string, string | null>) =>
      call((done) => oauth.getToken({ clientId: app.clientId, clientSecret: app.clientSecret, ...fields }, done));

    return {
      async 'token exchange and refresh'() {
        const link = { response_type: 'code', client_id: app.clientId!, redirect_uri: CALLBACK };
        const back = await consent(`/authorization?${new URLSearchParams(link)}`);
        const tokens = await grant({
          grantType: 'authorization_code',
          code: back.get('code'),
          redirectUri: CALLBACK,
        });
        const refreshed = await grant({ grantType: 'refresh_token', refreshToken: tokens.refresh_token });
        assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
        accessToken = refreshed.access_token;
      },

      async 'order list with paging'() {
        const ids: string[] = [];
        let total = 1;
        while (ids.length < total) {
          const page = await get(`orders/search?seller=${sellerId}&limit=2&offset=${ids.length}`);
          ids.push(...page.results.map(({ id }: { id: number }) => String(id)));
          total = page.paging.total;
        }
        assert.deepEqual(
          ids,
          orders.map(({ orderId }) => orderId),
        );
      },

      async 'order detail'() {
        const read = await get(`orders/${order.orderId}`);
        assert.deepEqual(
          read.order_items.map(({ quantity }: { quantity: number }) => quantity),
          order.lines.map(({ quantity }) => quantity),
        );
      },

      async 'stock update'() {
        const listing = books.listing(sellerId, '85123A');
        const body: Body = { available_quantity: 7 };
        await call((done) => rest.resourcePut(`items/${listing.reference.itemId}`, accessToken, body, done));
        assert.equal(listing.quantity, 7);
      },

      async shipment() {
        const { shipping } = await get(`orders/${order.orderId}`);
        const { service_id } = await get(`shipments/${shipping.id}`);
        const body: Body = {
          payload: { service_id, date: new Date(order.placedAt).toISOString() },
          status: 'shipped',
          substatus: null,
          tracking_number: 'DPD0001',
          tracking_url: 'https://carrier.example/DPD0001',
        };
        const path = `v2/shipments/${shipping.id}/seller_notifications`;
        await call((done) => rest.resourcePost(path, accessToken, body, done));
        assert.equal(order.status, 'shipped');
        assert.equal(order.shipment?.trackingNumber, 'DPD0001');
      },
    };
  },
);
