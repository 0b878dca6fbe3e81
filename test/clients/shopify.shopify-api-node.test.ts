import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createShopifySandbox } from './served-sandbox.ts';

const SHOP = 'sandbox-shop-1.myshopify.com';

/** The REST Admin API, with the package that gets tokens for it. */
testClient(
  {
    name: 'Shopify: shopify-api-node and shopify-token',
    packages: ['shopify-api-node', 'shopify-token'],
    create: createShopifySandbox,
    hosts: [SHOP],
  },
  async ({ sandbox, app, place, consent }) => {
    const { default: Shopify } = await load('shopify-api-node');
    const { default: ShopifyToken } = await load('shopify-token');
    const { books } = sandbox;
    let client = new Shopify({ shopName: SHOP, accessToken: 'none yet' });
    const orders = place(5);
    const order = orders[0]!;

    return {
      // Its tokens are those without an end, which know no refresh.
      async 'token exchange and refresh'() {
        const oauth = new ShopifyToken({
          apiKey: app.apiKey,
          sharedSecret: app.apiSecret,
          redirectUri: 'https://app.example/callback',
          scopes: app.scopes,
        });
        const page = new URL(oauth.generateAuthUrl(SHOP));
        const back = Object.fromEntries(await consent(page.pathname + page.search));
        assert.ok(oauth.verifyHmac(back));
        const { access_token: accessToken } = await oauth.getAccessToken(SHOP, back.code);
        client = new Shopify({ shopName: SHOP, accessToken, apiVersion: app.apiVersion });
        assert.equal((await client.shop.get()).myshopify_domain, SHOP);
      },

      async 'order list with paging'() {
        const ids: string[] = [];
        let parameters = { limit: 2, status: 'any', order: 'created_at asc' };
        do {
          const page = await client.order.list(parameters);
          ids.push(...page.map(({ id }: { id: number }) => String(id)));
          parameters = page.nextPageParameters;
        } while (parameters);
        assert.deepEqual(
          ids,
          orders.map(({ orderId }) => orderId),
        );
      },

      async 'order detail'() {
        const read = await client.order.get(Number(order.orderId));
        assert.equal(read.shipping_address.zip, order.buyer.postalCode);
        assert.deepEqual(
          read.line_items.map(({ sku }: { sku: string }) => sku),
          order.lines.map(({ sku }) => sku),
        );
      },

      async 'stock update'() {
        const listing = books.listing(SHOP, '85123A');
        const [location] = await client.location.list();
        const [level] = await client.inventoryLevel.list({ location_ids: location.id });
        await client.inventoryLevel.set({
          inventory_item_id: level.inventory_item_id,
          location_id: location.id,
          available: 7,
        });
        assert.equal(listing.quantity, 7);
      },

      async shipment() {
        const [fulfillmentOrder] = await client.order.fulfillmentOrders(Number(order.orderId));
        await client.fulfillment.createV2({
          line_items_by_fulfillment_order: [{ fulfillment_order_id: fulfillmentOrder.id }],
          tracking_info: { company: 'DPD', number: 'DPD0001' },
        });
        assert.equal(order.status, 'shipped');
        assert.deepEqual([order.shipment?.carrier, order.shipment?.trackingNumber], ['DPD', 'DPD0001']);
      },
    };
  },
);
