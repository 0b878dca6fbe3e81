import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerViolations } from './sandbox-models.ts';
import { createWorld, DRAFT, iso, type Json, MINUTE, START } from './sandbox-world.ts';

const UK = 'A1F83G8C2ARO7P';
const DATASETS =
  'BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT,FULFILLMENT_ORDERS';
const ITEM_DATA = 'summaries,attributes,issues,offers,fulfillmentAvailability,procurement,relationships,productTypes';

/** A world whose calls name the operation, and whose answers are checked by its model. */
function createCheckedWorld() {
  const all = createWorld();
  async function checked(operation: string, path: string, access: string, init: { method?: string; body?: Json } = {}) {
    const answer = await all.call(path, access, init);
    assert.deepEqual(answerViolations(operation, answer), [], `${init.method ?? 'GET'} ${path}`);
    return answer;
  }
  return { ...all, checked };
}

test("orders in every state are in the shape of Amazon's model, and so are refusals", async () => {
  const { checked, books, seller, accessToken, world } = createCheckedWorld();
  const access = await accessToken();
  const [, partly, shipped, delivered, cancelled] = Array.from({ length: 5 }, () =>
    books.place(seller.sellerId, DRAFT),
  );
  const orderItems = [{ orderItemId: partly!.lines[0]!.lineId, quantity: 1 }];
  const parcel = { packageReferenceId: '1', carrierCode: 'DPD', trackingNumber: '1', shipDate: iso(START), orderItems };
  const body = { marketplaceId: UK, packageDetail: parcel };
  const path = `/orders/v0/orders/${partly!.orderId}/shipmentConfirmation`;
  assert.equal((await checked('confirmShipment', path, access, { method: 'POST', body })).status, 204);
  assert.equal((await checked('confirmShipment', path, access, { method: 'POST', body: {} })).status, 400);
  for (const order of [shipped!, delivered!]) books.ship(order.orderId, { carrier: 'DPD', trackingNumber: '2' });
  books.deliver(delivered!.orderId);
  books.cancel(cancelled!.orderId);
  world.now += 3 * MINUTE;

  const orders = '/orders/2026-01-01/orders';
  const search = `${orders}?createdAfter=${iso(START)}&includedData=${DATASETS}`;
  assert.equal((await checked('searchOrders', search, access)).body.orders.length, 5);
  await checked('searchOrders', `${search}&maxResultsPerPage=2`, access);
  assert.equal((await checked('searchOrders', orders, access)).status, 400);
  await checked('getOrder', `${orders}/${partly!.orderId}?includedData=${DATASETS}`, access);
  assert.equal((await checked('getOrder', `${orders}/026-9999999-9999999`, access)).status, 404);
  assert.equal((await checked('getOrder', `${orders}/${partly!.orderId}`, 'Atza|made-up')).status, 403);
});

test("listings and feeds are in the shape of Amazon's models", async () => {
  const { checked, app, books, seller, accessToken, world } = createCheckedWorld();
  const access = await accessToken();
  books.setStock(seller.sellerId, 'A', 3);
  const path = `/listings/2021-08-01/items/${seller.sellerId}/A?marketplaceIds=${UK}`;
  await checked('getListingsItem', `${path}&includedData=${ITEM_DATA}`, access);
  const value = [{ fulfillment_channel_code: 'DEFAULT', quantity: 7 }];
  const patches = [{ op: 'replace', path: '/attributes/fulfillment_availability', value }];
  for (const productType of ['PRODUCT', 'SHOES']) {
    await checked('patchListingsItem', path, access, { method: 'PATCH', body: { productType, patches } });
  }

  const documents = '/feeds/2021-06-30/documents';
  const contentType = 'application/json; charset=UTF-8';
  const { body } = await checked('createFeedDocument', documents, access, { method: 'POST', body: { contentType } });
  const url = body.url.slice('http://127.0.0.1:4700/amazon'.length);
  const feed = {
    header: { sellerId: seller.sellerId, version: '2.0' },
    messages: [{ messageId: 1, sku: 'A', operationType: 'PATCH', productType: 'PRODUCT', patches }],
  };
  await app.request(url, { method: 'PUT', body: JSON.stringify(feed), headers: { 'content-type': contentType } });
  const { feedId } = (
    await checked('createFeed', '/feeds/2021-06-30/feeds', access, {
      method: 'POST',
      body: { feedType: 'JSON_LISTINGS_FEED', marketplaceIds: [UK], inputFeedDocumentId: body.feedDocumentId },
    })
  ).body;
  await checked('getFeed', `/feeds/2021-06-30/feeds/${feedId}`, access);
  world.now += MINUTE;
  const done = (await checked('getFeed', `/feeds/2021-06-30/feeds/${feedId}`, access)).body;
  await checked('getFeedDocument', `${documents}/${done.resultFeedDocumentId}`, access);
});

test("participations, destinations and subscriptions are in the shape of Amazon's models", async () => {
  const { checked, accessToken, grantlessToken } = createCheckedWorld();
  const [access, grantless] = [await accessToken(), await grantlessToken()];
  await checked('getMarketplaceParticipations', '/sellers/v1/marketplaceParticipations', access);
  const destinations = '/notifications/v1/destinations';
  const resourceSpecification = { sqs: { arn: 'arn:aws:sqs:eu-west-1:123456789012:mine' } };
  const init = { method: 'POST', body: { name: 'mine', resourceSpecification } };
  const { destinationId } = (await checked('createDestination', destinations, grantless, init)).body.payload;
  assert.equal((await checked('createDestination', destinations, grantless, init)).status, 409);
  await checked('getDestinations', destinations, grantless);
  await checked('getDestination', `${destinations}/${destinationId}`, grantless);

  const subscription = '/notifications/v1/subscriptions/ORDER_CHANGE';
  await checked('getSubscriptions', '/notifications/v1/subscriptions?notificationTypes=ORDER_CHANGE', access);
  const { subscriptionId } = (await checked('getSubscription', subscription, access)).body.payload;
  await checked('getSubscriptionById', `${subscription}/${subscriptionId}`, grantless);
  await checked('deleteSubscriptionById', `${subscription}/${subscriptionId}`, grantless, { method: 'DELETE' });
  const body = { payloadVersion: '1.0', destinationId };
  await checked('createSubscription', subscription, access, { method: 'POST', body });
  await checked('deleteDestination', `${destinations}/unknown`, grantless, { method: 'DELETE' });
});
