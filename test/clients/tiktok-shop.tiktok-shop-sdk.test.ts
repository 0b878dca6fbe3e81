import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createTiktokShopSandbox } from './served-sandbox.ts';

testClient(
  {
    name: 'TikTok Shop: tiktok-shop-sdk',
    packages: ['tiktok-shop-sdk'],
    create: createTiktokShopSandbox,
    hosts: ['auth.tiktok-shops.com', 'open-api.tiktokglobalshop.com'],
  },
  async ({ sandbox, app, place, consent }) => {
    const { TikTokShopSDK } = await load('tiktok-shop-sdk');
    const { books } = sandbox;
    const { sellerId } = sandbox.sellers[0]!;
    const client = new TikTokShopSDK({ appKey: app.appKey, appSecret: app.appSecret });
    const orders = place(5);
    const order = orders[0]!;

    return {
      async 'token exchange and refresh'() {
        const back = await consent(`/open/authorize?service_id=${app.serviceId}&state=s1`);
        const { data: tokens } = await client.auth.getAccessToken({ auth_code: back.get('code') });
        const { data: refreshed } = await client.auth.refreshAccessToken({ refresh_token: tokens.refresh_token });
        assert.notEqual(refreshed.access_token, tokens.access_token);
        client.setAccessToken(refreshed.access_token);
        const { data } = await client.shop.getAuthorizedShops();
        assert.equal(data.shops[0].id, sellerId);
        client.setShopCipher(data.shops[0].cipher);
      },

      async 'order list with paging'() {
        const ids: string[] = [];
        let page_token: string | undefined;
        do {
          const { data } = await client.order.getOrderList({
            query: { page_size: 2, sort_field: 'update_time', sort_order: 'ASC', ...(page_token && { page_token }) },
            body: { update_time_ge: 1_767_225_600 },
          });
          ids.push(...data.orders.map(({ id }: { id: string }) => id));
          page_token = data.next_page_token;
        } while (page_token);
        assert.deepEqual(
          ids,
          orders.map(({ orderId }) => orderId),
        );
      },

      async 'order detail'() {
        const { data } = await client.order.getOrderDetail({ ids: [order.orderId, orders[1]!.orderId] });
        assert.equal(data.orders.length, 2);
        const read = data.orders[0];
        assert.equal(read.recipient_address.postal_code, order.buyer.postalCode);
        const units = order.lines.flatMap(({ sku, quantity }) => Array.from({ length: quantity }, () => sku));
        assert.deepEqual(
          read.line_items.map(({ seller_sku }: { seller_sku: string }) => seller_sku),
          units,
        );
      },

      async 'stock update'() {
        const listing = books.listing(sellerId, '85123A');
        const { productId, skuId } = listing.reference;
        const { data } = await client.product.updateProductInventory({
          product_id: productId,
          body: { skus: [{ id: skuId, inventory: [{ quantity: 7 }] }] },
        });
        assert.equal(data.errors, undefined);
        assert.equal(listing.quantity, 7);
      },

      // Its fulfillment module has no call for a parcel of the seller's own carrier; `requestCipher` takes any.
      async shipment() {
        const { data: read } = await client.order.getOrderDetail({ ids: order.orderId });
        const { data } = await client.logistic.getShippingProviders(read.orders[0].delivery_option_id);
        const provider = data.shipping_providers.find(({ name }: { name: string }) => name === 'DPD');
        await client.requestCipher({
          method: 'POST',
          path: `/fulfillment/202309/orders/${order.orderId}/packages`,
          body: { tracking_number: 'DPD0001', shipping_provider_id: provider.id },
        });
        assert.equal(order.status, 'shipped');
        assert.deepEqual([order.shipment?.carrier, order.shipment?.trackingNumber], ['DPD', 'DPD0001']);
      },
    };
  },
);
