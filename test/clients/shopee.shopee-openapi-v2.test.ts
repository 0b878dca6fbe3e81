import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createShopeeSandbox } from './served-sandbox.ts';

const DAY_SECONDS = 86_400;

testClient(
  {
    name: 'Shopee: shopee-openapi-v2',
    packages: ['shopee-openapi-v2', 'tslib'],
    create: createShopeeSandbox,
    hosts: ['partner.shopeemobile.com'],
  },
  async ({ sandbox, app, place, consent }) => {
    const client = (await load('shopee-openapi-v2')).default.default;
    const partner_id = Number(app.partnerId);
    const shop = { shop_id: Number(sandbox.sellers[0]!.sellerId), access_token: '' };
    client.setAppConfig({
      partner_id,
      partner_key: app.partnerKey,
      is_dev: false,
      redirect: 'https://seller.example/callback',
    });
    const orders = place(5);
    const order = orders[0]!;

    return {
      async 'token exchange and refresh'() {
        const page = new URL(client.getAuthLink());
        const back = await consent(page.pathname + page.search);
        const { shop_id } = shop;
        const { data: tokens } = await client.getAccesstoken({ code: back.get('code'), partner_id, shop_id });
        const { refresh_token } = tokens;
        const { data: refreshed } = await client.refreshAccessToken({ refresh_token, partner_id, shop_id });
        assert.notEqual(refreshed.refresh_token, refresh_token);
        shop.access_token = refreshed.access_token;
      },

      async 'order list with paging'() {
        const until = Math.floor(order.placedAt / 1_000) + DAY_SECONDS;
        const ids: string[] = [];
        let cursor = '';
        do {
          const { data } = await client.order.getOrderList({
            ...shop,
            time_range_field: 'create_time',
            time_from: until - 2 * DAY_SECONDS,
            time_to: until,
            page_size: 2,
            cursor,
          });
          ids.push(...data.response.order_list.map(({ order_sn }: { order_sn: string }) => order_sn));
          cursor = data.response.next_cursor;
        } while (cursor);
        assert.deepEqual(ids.toSorted(), orders.map(({ orderId }) => orderId).toSorted());
      },

      async 'order detail'() {
        const { data } = await client.order.getOrderDetail({
          ...shop,
          order_sn_list: orders.map(({ orderId }) => orderId),
          response_optional_fields: ['item_list', 'recipient_address'],
        });
        assert.equal(data.response.order_list.length, orders.length);
        const read = data.response.order_list.find(({ order_sn }: { order_sn: string }) => order_sn === order.orderId);
        assert.deepEqual(
          read.item_list.map((item: { item_sku: string; model_sku: string }) => item.model_sku || item.item_sku),
          order.lines.map(({ sku }) => sku),
        );
      },
    };
  },
);
