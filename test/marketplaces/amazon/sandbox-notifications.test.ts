import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, DRAFT, MINUTE, START } from './sandbox-world.ts';

test('every change of an order becomes an ORDER_CHANGE notification in the queue', async () => {
  const { books, seller, world, settled, registration, webhooks } = createWorld();
  const { orderId, lines } = books.place(seller.sellerId, DRAFT);
  await settled();
  const { name, body } = world.queue[0]!;
  assert.equal(name, 'amazon-notifications');
  const { ApplicationId, SubscriptionId, PublishTime, NotificationId } = body.NotificationMetadata;
  assert.equal(ApplicationId, registration.applicationId);
  assert.equal(PublishTime, '2026-11-24T06:00:00.000Z');
  for (const id of [SubscriptionId, NotificationId]) assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.deepEqual(body, {
    NotificationVersion: '1.0',
    NotificationType: 'ORDER_CHANGE',
    PayloadVersion: '1.0',
    EventTime: '2026-11-24T06:00:00.000Z',
    Payload: {
      OrderChangeNotification: {
        NotificationLevel: 'OrderLevel',
        SellerId: seller.sellerId,
        AmazonOrderId: orderId,
        OrderChangeType: 'OrderStatusChange',
        OrderChangeTrigger: { TimeOfOrderChange: '2026-11-24T06:00:00.000Z', ChangeReason: 'Order Status Change' },
        Summary: {
          MarketplaceId: 'A1F83G8C2ARO7P',
          OrderStatus: 'Unshipped',
          PurchaseDate: '2026-11-24T06:00:00.000Z',
          DestinationPostalCode: 'N1 9GU',
          FulfillmentType: 'MFN',
          OrderType: 'StandardOrder',
          NumberOfItemsShipped: 0,
          NumberOfItemsUnshipped: 7,
          EarliestDeliveryDate: '2026-11-27T06:00:00.000Z',
          LatestDeliveryDate: '2026-11-29T06:00:00.000Z',
          EarliestShipDate: '2026-11-24T06:00:00.000Z',
          LatestShipDate: '2026-11-26T06:00:00.000Z',
          OrderPrograms: [],
          ShippingPrograms: [],
          OrderItems: DRAFT.lines.map((line, number) => ({
            OrderItemId: lines[number]?.lineId,
            SellerSKU: line.sku,
            SupplySourceId: null,
            Quantity: line.quantity,
            QuantityShipped: 0,
            IsBuyerRequestedCancel: false,
          })),
        },
      },
    },
    NotificationMetadata: body.NotificationMetadata,
  });

  books.ship(orderId, { carrier: 'Royal Mail', trackingNumber: '1' });
  books.deliver(orderId);
  books.cancel(books.place(seller.sellerId, DRAFT).orderId);
  await settled();
  const statuses = world.queue.map((one) => one.body.Payload.OrderChangeNotification.Summary.OrderStatus);
  assert.deepEqual(statuses, ['Unshipped', 'Shipped', 'Shipped', 'Unshipped', 'Canceled']);
  assert.equal(new Set(world.queue.map((one) => one.body.NotificationMetadata.NotificationId)).size, 5);
  assert.deepEqual(webhooks, { sent: 5, accepted: 5, refused: 0, lost: 0 });
});

test('a duplicate has the id of the first, a reordered one comes after later ones, a lost one never', async () => {
  const { books, seller, world, settled, faults, webhooks } = createWorld();
  const order = () => books.place(seller.sellerId, DRAFT).orderId;
  faults.next('duplicate-webhook');
  order();
  await settled();
  assert.equal(world.queue.length, 2);
  assert.deepEqual(world.queue[0], world.queue[1]);
  faults.next('lose-webhook');
  order();
  faults.next('reorder-webhook');
  const [late, early] = [order(), order()];
  await settled();
  const arrived = world.queue.slice(2).map((one) => one.body.Payload.OrderChangeNotification.AmazonOrderId);
  assert.deepEqual(arrived, [early, late]);
  assert.deepEqual(webhooks, { sent: 4, accepted: 4, refused: 0, lost: 1 });
});

test('a refused notification is sent again every minute, five times, then given up', async () => {
  const { books, seller, world, settled, webhooks, webhooksUnderWay } = createWorld();
  world.refuseNext = 5;
  books.place(seller.sellerId, DRAFT);
  assert.equal(webhooksUnderWay(), 1);
  await settled();
  assert.deepEqual(webhooks, { sent: 6, accepted: 1, refused: 5, lost: 0 });
  assert.equal(world.now, START + 5 * MINUTE);
  world.refuseNext = 100;
  books.place(seller.sellerId, DRAFT);
  await settled();
  assert.deepEqual(webhooks, { sent: 12, accepted: 1, refused: 11, lost: 0 });
  assert.equal(webhooksUnderWay(), 0);
});

test('destinations and subscriptions decide where notifications go', async () => {
  const { books, call, token, accessToken, seller, world, settled } = createWorld();
  const scope = 'sellingpartnerapi::notifications';
  const grantless = (await token({ grant_type: 'client_credentials', scope })).body.access_token;
  const access = await accessToken();
  const destinations = '/notifications/v1/destinations';
  const subscriptions = '/notifications/v1/subscriptions/ORDER_CHANGE';
  const destination = (arn: string) => ({ name: 'mine', resourceSpecification: { sqs: { arn } } });
  const post = (path: string, body: unknown, by: string) => call(path, by, { method: 'POST', body });

  const mine = destination('arn:aws:sqs:eu-west-1:123456789012:mine');
  assert.equal((await post(destinations, mine, access)).status, 403);
  const created = await post(destinations, mine, grantless);
  assert.equal(created.status, 200);
  assert.deepEqual(created.body.payload.resource, mine.resourceSpecification);
  assert.equal((await post(destinations, mine, grantless)).status, 409);
  const fifo = await post(destinations, destination('arn:aws:sqs:eu-west-1:123456789012:mine.fifo'), grantless);
  assert.equal(fifo.status, 400);
  assert.equal((await call(destinations, grantless)).body.payload.length, 2);

  const { destinationId } = created.body.payload;
  const wanted = { payloadVersion: '1.0', destinationId };
  assert.equal((await post(subscriptions, wanted, grantless)).status, 403);
  assert.equal((await post(subscriptions, wanted, access)).status, 409);
  const { subscriptionId } = (await call(subscriptions, access)).body.payload;
  assert.equal((await call(`${subscriptions}/${subscriptionId}`, grantless, { method: 'DELETE' })).status, 200);
  assert.equal((await call(subscriptions, access)).status, 404);
  books.place(seller.sellerId, DRAFT);
  assert.equal((await post(subscriptions, { ...wanted, destinationId: 'unknown' }, access)).status, 400);
  assert.equal((await post(subscriptions, { ...wanted, payloadVersion: '2.0' }, access)).status, 400);
  assert.equal((await post(subscriptions, wanted, access)).status, 200);
  books.place(seller.sellerId, DRAFT);
  await settled();
  assert.deepEqual(
    world.queue.map((one) => one.name),
    ['mine'],
  );
});

test('the registration names the first destination, and a destination in use stays', async () => {
  const { call, accessToken, grantlessToken, registration } = createWorld();
  const [access, grantless] = [await accessToken(), await grantlessToken()];
  const { destinationId } = registration;
  const list = '/notifications/v1/subscriptions?notificationTypes=ORDER_CHANGE';
  const { subscriptions } = (await call(list, access)).body.payload;
  assert.deepEqual([subscriptions.length, subscriptions[0].destinationId], [1, destinationId]);
  assert.deepEqual((await call(`${list}&payloadVersion=2.0`, access)).body.payload.subscriptions, []);
  assert.equal((await call(`${list}&pageSize=29`, access)).status, 400);
  assert.equal((await call('/notifications/v1/subscriptions', access)).status, 400);

  const path = `/notifications/v1/destinations/${destinationId}`;
  assert.equal((await call(path, grantless)).body.payload.name, 'amazon-notifications');
  assert.equal((await call(path, grantless, { method: 'DELETE' })).status, 409);
  const resourceSpecification = { sqs: { arn: 'arn:aws:sqs:eu-west-1:123456789012:mine' } };
  const created = await call('/notifications/v1/destinations', grantless, {
    method: 'POST',
    body: { name: 'mine', resourceSpecification },
  });
  const mine = `/notifications/v1/destinations/${created.body.payload.destinationId}`;
  assert.equal((await call(mine, grantless, { method: 'DELETE' })).status, 200);
  assert.equal((await call(mine, grantless, { method: 'DELETE' })).status, 404);
});
