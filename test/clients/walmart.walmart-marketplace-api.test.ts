import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createWalmartSandbox } from './served-sandbox.ts';

// The README's "direct API usage": what `getConfiguredApi` gives sends every call twice.
testClient(
  {
    name: 'Walmart: @whitebox-co/walmart-marketplace-api',
    packages: ['@whitebox-co/walmart-marketplace-api'],
    create: createWalmartSandbox,
  },
  async ({ sandbox, app, url, place }) => {
    const walmart = (await load('@whitebox-co/walmart-marketplace-api')).default;
    const { books } = sandbox;
    const { sellerId } = sandbox.sellers[0]!;
    const configuration = new walmart.Configuration({ basePath: url });
    const authApi = new walmart.AuthenticationApi(configuration);
    const ordersApi = new walmart.OrdersApi(configuration);
    const common = {
      authorization: `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}`,
      wMSECACCESSTOKEN: '',
      wMQOSCORRELATIONID: 'b3261d2d-028a-4ef7-8602-633c23200af6',
      wMSVCNAME: 'Walmart Marketplace',
    };
    const orders = place(5);
    const order = orders[0]!;

    return {
      // The client knows a seller's own keys only, not the grants of a solution provider.
      async 'token exchange and refresh'() {
        const { data: first } = await authApi.tokenAPI({ ...common, grantType: 'client_credentials' });
        const { data: second } = await authApi.tokenAPI({ ...common, grantType: 'client_credentials' });
        assert.notEqual(second.access_token, first.access_token);
        common.wMSECACCESSTOKEN = second.access_token;
        const { data: detail } = await authApi.getTokenDetail(common);
        assert.equal(detail.is_valid, true);
      },

      // A cursor is handed on as it came; the client's own `getAllRecursively` writes it anew.
      async 'order list with paging'() {
        const ids: string[] = [];
        let cursor = '?limit=2';
        do {
          const { data } = await ordersApi.getAllOrders(
            { ...common },
            { params: { cursor }, paramsSerializer: () => cursor.slice(1) },
          );
          ids.push(...data.list.elements.order.map((one: { purchaseOrderId: string }) => one.purchaseOrderId));
          cursor = data.list.meta.nextCursor;
        } while (cursor);
        assert.deepEqual(ids.toSorted(), orders.map(({ orderId }) => orderId).toSorted());
      },

      async 'order detail'() {
        const { data } = await ordersApi.getAnOrder({ ...common, purchaseOrderId: order.orderId });
        assert.equal(data.order.shippingInfo.postalAddress.postalCode, order.buyer.postalCode);
        assert.deepEqual(
          data.order.orderLines.orderLine.map((line: { item: { sku: string } }) => line.item.sku),
          order.lines.map(({ sku }) => sku),
        );
      },

      async 'stock update'() {
        const listing = books.listing(sellerId, '85123A');
        const inventoryApi = new walmart.InventoryApi(configuration);
        await inventoryApi.updateInventoryForAnItem(
          { ...common, sku: '85123A', inlineObject: { sku: '85123A', quantity: { unit: 'EACH', amount: 7 } } },
          { headers: { 'Content-Type': 'application/json' } },
        );
        assert.equal(listing.quantity, 7);
        const { data } = await inventoryApi.getInventory({ ...common, sku: '85123A' });
        assert.equal(data.quantity.amount, 7);
      },

      async shipment() {
        await ordersApi.acknowledgeOrders({ ...common, purchaseOrderId: order.orderId });
        const orderLine = order.lines.map(({ lineId, quantity }) => ({
          lineNumber: lineId,
          sellerOrderId: 'S1',
          orderLineStatuses: {
            orderLineStatus: [
              {
                status: 'Shipped',
                statusQuantity: { unitOfMeasurement: 'EACH', amount: String(quantity) },
                trackingInfo: {
                  shipDateTime: order.placedAt,
                  carrierName: { otherCarrier: 'DPD' },
                  methodCode: 'Standard',
                  trackingNumber: 'DPD0001',
                },
              },
            ],
          },
        }));
        await ordersApi.shippingUpdates({
          ...common,
          purchaseOrderId: order.orderId,
          inlineObject: { orderShipment: { orderLines: { orderLine } } },
        });
        assert.equal(order.status, 'shipped');
        assert.equal(order.shipment?.trackingNumber, 'DPD0001');
      },
    };
  },
);
