import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createTiktokShopSandbox } from './served-sandbox.ts';

/** more than its `getOrders` has on a page, which is always 100 */
const ORDERS = 130;

testClient(
  {
    name: 'TikTok Shop: tiktok-shop-client',
    packages: ['tiktok-shop-client'],
    create: createTiktokShopSandbox,
    hosts: ['auth.tiktok-shops.com', 'open-api.tiktokglobalshop.com'],
  },
  async ({ sandbox, app, place, consent }) => {
    const { authCodeToken, generateToken, TikTokClient } = (await load('tiktok-shop-client')).default;
    const { books } = sandbox;
    const { sellerId } = sandbox.sellers[0]!;
    const keys = { appKey: app.appKey, appSecret: app.appSecret };
    let client = new TikTokClient({ ...keys, accessToken: 'none yet' });
    const orders = place(ORDERS);

    return {
      async 'token exchange and refresh'() {
        const back = await consent(`/open/authorize?service_id=${app.serviceId}&state=s1`);
        const { data: tokens } = await authCodeToken(keys, back.get('code'));
        const refreshed = await generateToken(keys, tokens.refresh_token);
        assert.notEqual(refreshed.access_token, tokens.access_token);
        client = new TikTokClient({ ...keys, accessToken: refreshed.access_token });
        const { data } = await client.getShops();
        const { cipher: shopCipher, id: shopId } = data.shops[0];
        assert.equal(shopId, sellerId);
        client.setShop({ shopCipher, shopId });
      },

      async 'order list with paging'() {
        const ids: string[] = [];
        let pageToken: string | undefined;
        do {
          const { data } = await client.getOrders({ order_status: 'AWAITING_SHIPMENT' }, pageToken);
          ids.push(...data.orders.map(({ id }: { id: string }) => id));
          pageToken = data.next_page_token;
        } while (pageToken);
        assert.deepEqual(ids.toSorted(), orders.map(({ orderId }) => orderId).toSorted());
      },

      async 'stock update'() {
        const listing = books.listing(sellerId, '85123A');
        const { productId, skuId } = listing.reference;
        const { code } = await client.updateProductInventory(productId, [{ id: skuId, inventory: [{ quantity: 7 }] }]);
        assert.equal(code, 0);
        assert.equal(listing.quantity, 7);
      },
    };
  },
);
