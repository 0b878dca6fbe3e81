import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { load, testClient } from './client.ts';
import { createShopifySandbox } from './served-sandbox.ts';

const SHOP = 'sandbox-shop-1.myshopify.com';

const ORDERS = `query Orders($after: String) {
  orders(first: 2, after: $after, sortKey: UPDATED_AT, query: "updated_at:>='2026-01-01T00:00:00Z'") {
    nodes { id legacyResourceId }
    pageInfo { hasNextPage endCursor }
  }
}`;
const ORDER = `query Order($id: ID!) {
  order(id: $id) {
    shippingAddress { zip }
    lineItems(first: 10) { nodes { sku quantity } }
    fulfillmentOrders(first: 5) { nodes { id status } }
  }
}`;
const STOCK_ITEM = `query Item($query: String!) {
  inventoryItems(first: 1, query: $query) {
    nodes { id inventoryLevels(first: 1) { nodes { location { id } } } }
  }
}`;
const SET_STOCK = `mutation SetStock($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { field message } }
}`;
const SHIP = `mutation Ship($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id status } userErrors { field message } }
}`;

testClient(
  {
    name: 'Shopify: @shopify/shopify-api',
    packages: ['@shopify/shopify-api'],
    create: createShopifySandbox,
    hosts: [SHOP],
  },
  async ({ sandbox, app, place, consent }) => {
    await load('@shopify/shopify-api/adapters/node');
    const { shopifyApi, LogSeverity } = await load('@shopify/shopify-api');
    const { books } = sandbox;
    const shopify = shopifyApi({
      apiKey: app.apiKey,
      apiSecretKey: app.apiSecret,
      apiVersion: app.apiVersion,
      scopes: app.scopes!.split(','),
      hostName: 'app.example',
      isEmbeddedApp: false,
      logger: { level: LogSeverity.Error },
    });
    const orders = place(5);
    const order = orders[0]!;
    const gid = `gid://shopify/Order/${order.orderId}`;
    let session: unknown;

    const request = async (query: string, variables: Record<string, unknown>) =>
      (await new shopify.clients.Graphql({ session }).request(query, { variables })).data;

    /** A browser's visit of the app, as the client's adapter for Node takes it. */
    function visit(url: string, headers: Record<string, string>) {
      const rawRequest = new IncomingMessage(new Socket());
      Object.assign(rawRequest, {
        method: 'GET',
        url,
        headers: { 'user-agent': 'Mozilla/5.0 Firefox/140.0', ...headers },
      });
      return { rawRequest, rawResponse: new ServerResponse(rawRequest) };
    }

    return {
      async 'token exchange and refresh'() {
        const start = visit('/auth', {});
        await shopify.auth.begin({ shop: SHOP, callbackPath: '/callback', isOnline: false, ...start });
        const page = new URL(String(start.rawResponse.getHeader('location')));
        const cookies = [start.rawResponse.getHeader('set-cookie')].flat().map((one) => String(one).split(';')[0]);
        const back = await consent(page.pathname + page.search);
        const end = visit(`/callback?${back}`, { cookie: cookies.join('; ') });
        const { session: first } = await shopify.auth.callback({ expiring: true, ...end });
        const refreshed = await shopify.auth.refreshToken({ shop: SHOP, refreshToken: first.refreshToken });
        assert.notEqual(refreshed.session.accessToken, first.accessToken);
        assert.notEqual(refreshed.session.refreshToken, first.refreshToken);
        session = refreshed.session;
      },

      async 'order list with paging'() {
        const ids: string[] = [];
        let after: string | undefined;
        do {
          const { orders: page } = await request(ORDERS, { after });
          ids.push(...page.nodes.map((node: { legacyResourceId: string }) => node.legacyResourceId));
          after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : undefined;
        } while (after);
        assert.deepEqual(
          ids,
          orders.map(({ orderId }) => orderId),
        );
      },

      async 'order detail'() {
        const { order: read } = await request(ORDER, { id: gid });
        assert.equal(read.shippingAddress.zip, order.buyer.postalCode);
        assert.deepEqual(
          read.lineItems.nodes,
          order.lines.map(({ sku, quantity }) => ({ sku, quantity })),
        );
      },

      async 'stock update'() {
        const listing = books.listing(SHOP, '85123A');
        const { inventoryItems } = await request(STOCK_ITEM, { query: 'sku:85123A' });
        const [item] = inventoryItems.nodes;
        const inventoryItemId = item.id;
        const locationId = item.inventoryLevels.nodes[0].location.id;
        const { inventorySetQuantities } = await request(SET_STOCK, {
          key: 'b3261d2d-028a-4ef7-8602-633c23200af6',
          input: {
            name: 'available',
            reason: 'correction',
            quantities: [{ inventoryItemId, locationId, quantity: 7, changeFromQuantity: null }],
          },
        });
        assert.deepEqual(inventorySetQuantities.userErrors, []);
        assert.equal(listing.quantity, 7);
      },

      async shipment() {
        const { order: read } = await request(ORDER, { id: gid });
        const { fulfillmentCreate } = await request(SHIP, {
          fulfillment: {
            lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: read.fulfillmentOrders.nodes[0].id }],
            trackingInfo: { company: 'DPD', number: 'DPD0001' },
          },
        });
        assert.deepEqual(fulfillmentCreate.userErrors, []);
        assert.equal(order.status, 'shipped');
        assert.deepEqual([order.shipment?.carrier, order.shipment?.trackingNumber], ['DPD', 'DPD0001']);
      },
    };
  },
);
