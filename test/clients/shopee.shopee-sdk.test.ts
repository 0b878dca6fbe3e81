import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createShopeeSandbox } from './served-sandbox.ts';

const DAY_SECONDS = 86_400;

testClient(
  { name: 'Shopee: @congminh1254/shopee-sdk', packages: ['@congminh1254/shopee-sdk'], create: createShopeeSandbox },
  async ({ sandbox, app, url, place, consent }) => {
    const { ShopeeSDK } = await load('@congminh1254/shopee-sdk');
    const { books } = sandbox;
    const { sellerId } = sandbox.sellers[0]!;
    const client = new ShopeeSDK({
      partner_id: Number(app.partnerId),
      partner_key: app.partnerKey,
      shop_id: Number(sellerId),
      base_url: `${url}/api/v2`,
      base_auth_url: `${url}/auth`,
    });
    const orders = place(5);
    const order = orders[0]!;

    return {
      async 'token exchange and refresh'() {
        const page = new URL(client.getAuthorizationUrl('https://seller.example/callback', { state: 's1' }));
        const back = await consent(page.pathname + page.search);
        const tokens = await client.authenticateWithCode(back.get('code'), Number(back.get('shop_id')));
        const refreshed = await client.refreshToken();
        assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
        assert.equal((await client.getAuthToken()).access_token, refreshed.access_token);
      },

      async 'order list with paging'() {
        const until = Math.floor(order.placedAt / 1_000) + DAY_SECONDS;
        const ids: string[] = [];
        let cursor = '';
        do {
          const { response } = await client.order.getOrderList({
            time_range_field: 'update_time',
            time_from: until - 2 * DAY_SECONDS,
            time_to: until,
            page_size: 2,
            cursor,
            order_status: 'READY_TO_SHIP',
          });
          ids.push(...response.order_list.map(({ order_sn }: { order_sn: string }) => order_sn));
          cursor = response.next_cursor;
        } while (cursor);
        assert.deepEqual(ids.toSorted(), orders.map(({ orderId }) => orderId).toSorted());
      },

      async 'order detail'() {
        const { response } = await client.order.getOrderDetail({
          order_sn_list: [order.orderId],
          response_optional_fields: 'item_list,recipient_address',
        });
        const read = response.order_list[0];
        assert.equal(read.order_sn, order.orderId);
        assert.deepEqual(
          read.item_list.map((item: { model_quantity_purchased: number }) => item.model_quantity_purchased),
          order.lines.map(({ quantity }) => quantity),
        );
      },

      async 'stock update'() {
        const listing = books.listing(sellerId, '85123A');
        const { itemId, modelId } = listing.reference;
        const { response } = await client.product.updateStock({
          item_id: Number(itemId),
          stock_list: [{ model_id: Number(modelId ?? 0), seller_stock: [{ stock: 7 }] }],
        });
        assert.deepEqual(response.failure_list, []);
        assert.equal(listing.quantity, 7);
      },

      async shipment() {
        const { response } = await client.logistics.getShippingParameter({ order_sn: order.orderId });
        assert.deepEqual(response.info_needed, { non_integrated: ['tracking_number'] });
        await client.logistics.shipOrder({
          order_sn: order.orderId,
          non_integrated: { tracking_number: 'DPD0001' },
        });
        assert.equal(order.status, 'shipped');
        assert.equal(order.shipment?.trackingNumber, 'DPD0001');
        const told = await client.logistics.getTrackingNumber({ order_sn: order.orderId });
        assert.equal(told.response.tracking_number, 'DPD0001');
      },
    };
  },
);
