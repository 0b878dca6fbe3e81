import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import {
  createWorld,
  gid,
  HOUR_MS,
  type Json,
  LOCATION,
  MINUTE_MS,
  OTHER_SHOP,
  SHOP,
  START,
  WEBHOOK_URL,
} from './sandbox-world.ts';

const CREATE = `mutation ($topic: WebhookSubscriptionTopic!, $input: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $input) { webhookSubscription { id topic uri } userErrors { field message } } }`;
const LIST = `{ webhookSubscriptions(first: 50) { nodes { id topic uri format includeFields endpoint { __typename ... on WebhookHttpEndpoint { callbackUrl } } } } }`;

type World = ReturnType<typeof createWorld>;

const subscribe = async (world: World, topic: string, input: Json = { uri: WEBHOOK_URL }): Promise<Json> =>
  (await world.data(CREATE, { topic, input })).webhookSubscriptionCreate;
const topicsOf = async (world: World): Promise<string[]> =>
  (await world.data(LIST)).webhookSubscriptions.nodes.map(({ topic }: Json) => topic);
const { stringify, parse } = JSON;

test('an order is told with the shop, the topic and a signature over the bytes', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  const [request] = world.sent;
  const { method, url, headers, body } = request!;
  assert.deepEqual([method, url], ['POST', WEBHOOK_URL]);
  const secret = world.registration.apiSecret!;
  assert.equal(headers['X-Shopify-Hmac-Sha256'], createHmac('sha256', secret).update(body!).digest('base64'));
  assert.deepEqual(
    ['Topic', 'Shop-Domain', 'API-Version', 'Triggered-At'].map((name) => headers[`X-Shopify-${name}`]),
    ['orders/create', SHOP, '2026-10', new Date(START).toISOString()],
  );
  const order = parse(body!);
  assert.deepEqual(
    [order.id, order.admin_graphql_api_id, order.name, order.updated_at, order.total_price, order.financial_status],
    [Number(orderId), gid('Order', orderId), '#1001', '2026-11-24T06:00:00+00:00', '11.04', 'paid'],
  );
  assert.equal(order.line_items[0].price, '2.55');
});

test('every delivery has its own id, and those of one event share the event’s', async () => {
  const world = createWorld();
  await subscribe(world, 'ORDERS_CREATE', { uri: 'https://other.example.test/hook', name: 'second' });
  world.place();
  const ids = world.sent.map(({ headers }) => [headers['X-Shopify-Webhook-Id'], headers['X-Shopify-Event-Id']]);
  assert.equal(ids.length, 2);
  assert.notEqual(ids[0]![0], ids[1]![0]);
  assert.equal(ids[0]![1], ids[1]![1]);
  assert.deepEqual(
    world.sent.map(({ headers }) => headers['X-Shopify-Name']),
    [undefined, 'second'],
  );
});

test('only what is subscribed to is told: at first, orders that are new or changed', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  world.sandbox.books.ship(orderId, { carrier: 'DPD', trackingNumber: 'D1' });
  world.sandbox.books.deliver(orderId);
  world.sandbox.books.cancel(world.place(OTHER_SHOP).orderId);
  assert.deepEqual(world.topics(), [
    'orders/create',
    'orders/updated',
    'orders/updated',
    'orders/create',
    'orders/updated',
  ]);
});

test('each change is told under all of its topics to those who want them', async () => {
  const world = createWorld();
  const wanted = 'PAID FULFILLED PARTIALLY_FULFILLED CANCELLED'.split(' ').map((name) => `ORDERS_${name}`);
  const all = [...wanted, 'FULFILLMENTS_CREATE', 'FULFILLMENTS_UPDATE', 'REFUNDS_CREATE', 'INVENTORY_LEVELS_UPDATE'];
  for (const topic of all) await subscribe(world, topic);
  const told = async (act: () => unknown): Promise<string[]> => {
    world.sent.length = 0;
    await act();
    return world.topics();
  };
  const { orderId } = world.place();
  const fulfill = (quantity: number) =>
    world.data(
      `mutation { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: "${gid('FulfillmentOrder', 6700000000001)}",
        fulfillmentOrderLineItems: [{id: "${gid('FulfillmentOrderLineItem', 14900000000001)}", quantity: ${quantity}}]}]}) { userErrors { message } } }`,
    );
  assert.deepEqual(await told(() => fulfill(1)), [
    'fulfillments/create',
    'orders/partially_fulfilled',
    'orders/updated',
  ]);
  const { books } = world.sandbox;
  assert.deepEqual(await told(() => books.ship(orderId, { carrier: 'DPD', trackingNumber: 'D1' })), [
    'fulfillments/create',
    'orders/fulfilled',
    'orders/updated',
  ]);
  // One for each of the two fulfillments.
  assert.deepEqual(await told(() => books.deliver(orderId)), [
    'fulfillments/update',
    'fulfillments/update',
    'orders/updated',
  ]);
  assert.deepEqual(await told(() => world.place()), ['orders/create', 'orders/paid']);
  assert.deepEqual(await told(() => books.cancel('5600000000002')), [
    'orders/cancelled',
    'orders/updated',
    'refunds/create',
  ]);
  const set = `mutation { inventorySetQuantities(input: {name: "available", reason: "correction", quantities: [{inventoryItemId: "${gid('InventoryItem', 46300000000001)}",
    locationId: "${LOCATION}", quantity: 8, changeFromQuantity: null}]}) @idempotent(key: "k") { userErrors { message } } }`;
  assert.deepEqual(await told(() => world.data(set)), ['inventory_levels/update']);
  assert.deepEqual(parse(world.sent[0]!.body!), {
    inventory_item_id: 46300000000001,
    location_id: 61900000001,
    available: 8,
    updated_at: '2026-11-24T06:00:00+00:00',
    admin_graphql_api_id: gid('InventoryLevel', '61900000001?inventory_item_id=46300000000001'),
  });
});

test('a refused delivery comes again eight times within four hours, the same to the byte', async () => {
  const world = createWorld();
  world.receiverStatus = 503;
  world.place();
  await world.advance(24 * HOUR_MS);
  assert.equal(world.sent.length, 9);
  const waits = world.sent.slice(1).map(({ at }, index) => at - world.sent[index]!.at);
  assert.ok(waits.every((wait, index) => index === 0 || Math.abs(wait / waits[index - 1]! - 2) < 0.01));
  assert.ok(Math.abs(world.sent.at(-1)!.at - START - 4 * HOUR_MS) < 10);
  assert.equal(new Set(world.sent.map(({ body, headers }) => stringify([body, headers]))).size, 1);
});

test('no answer is as good as a refusal, and an accepted delivery does not come again', async () => {
  const world = createWorld();
  world.receiverStatus = 0;
  world.place();
  await world.advance(MINUTE_MS);
  world.receiverStatus = 200;
  await world.advance(24 * HOUR_MS);
  assert.equal(world.sent.length, 3);
  assert.equal(world.sandbox.webhooksUnderWay(), 0);
});

test('a subscription whose deliveries fail to the end is removed, and can be made anew', async () => {
  const world = createWorld();
  world.receiverStatus = 500;
  world.place();
  await world.advance(5 * HOUR_MS);
  assert.deepEqual(await topicsOf(world), ['ORDERS_UPDATED']);
  world.receiverStatus = 200;
  world.sent.length = 0;
  world.place();
  assert.deepEqual(world.sent, []);
  assert.deepEqual((await subscribe(world, 'ORDERS_CREATE')).userErrors, []);
  world.place();
  assert.deepEqual(world.topics(), ['orders/create']);
});

test('a shop’s subscriptions are listed, changed and deleted, and no other shop’s', async () => {
  const world = createWorld();
  const { webhookSubscriptions } = await world.data(LIST);
  assert.deepEqual(webhookSubscriptions.nodes[0], {
    id: gid('WebhookSubscription', 1400000000001),
    topic: 'ORDERS_CREATE',
    uri: WEBHOOK_URL,
    format: 'JSON',
    includeFields: [],
    endpoint: { __typename: 'WebhookHttpEndpoint', callbackUrl: WEBHOOK_URL },
  });
  const made = (await subscribe(world, 'APP_UNINSTALLED', { callbackUrl: 'https://other.example.test/' }))
    .webhookSubscription;
  const some = await world.data(
    `{ webhookSubscriptions(first: 9, topics: [APP_UNINSTALLED, ORDERS_PAID]) { nodes { id } } webhookSubscriptionsCount { count } }`,
  );
  assert.deepEqual(some, {
    webhookSubscriptions: { nodes: [{ id: made.id }] },
    webhookSubscriptionsCount: { count: 3 },
  });
  const update =
    'mutation ($id: ID!) { webhookSubscriptionUpdate(id: $id, webhookSubscription: {includeFields: ["id"]}) { webhookSubscription { uri includeFields } userErrors { message } } }';
  assert.deepEqual((await world.data(update, { id: made.id })).webhookSubscriptionUpdate, {
    webhookSubscription: { uri: 'https://other.example.test/', includeFields: ['id'] },
    userErrors: [],
  });
  const drop =
    'mutation ($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } } }';
  const foreign = await world.data(drop, { id: made.id }, { shop: OTHER_SHOP });
  assert.deepEqual(foreign.webhookSubscriptionDelete, {
    deletedWebhookSubscriptionId: null,
    userErrors: [{ field: ['id'], message: 'Webhook subscription does not exist' }],
  });
  assert.equal(
    (await world.data(drop, { id: made.id })).webhookSubscriptionDelete.deletedWebhookSubscriptionId,
    made.id,
  );
  assert.deepEqual(await topicsOf(world), ['ORDERS_CREATE', 'ORDERS_UPDATED']);
});

const REFUSED: [what: string, input: Json, message: RegExp][] = [
  ['that is there already', { uri: WEBHOOK_URL }, /already been taken/],
  ['without an address', {}, /can't be blank/],
  ['with an address that is none', { uri: 'somewhere' }, /invalid/],
  ['with a name of other characters', { uri: 'https://a.example.test', name: 'a b' }, /alphanumeric/],
];

for (const [what, input, message] of REFUSED) {
  test(`a subscription ${what} is refused`, async () => {
    const { webhookSubscription, userErrors } = await subscribe(createWorld(), 'ORDERS_CREATE', input);
    assert.equal(webhookSubscription, null);
    assert.match(userErrors[0].message, message);
  });
}

test('a subscription to some fields gets no others', async () => {
  const world = createWorld();
  await subscribe(world, 'ORDERS_PAID', { uri: WEBHOOK_URL, includeFields: ['id', 'updated_at'] });
  world.place();
  const paid = world.sent.find(({ headers }) => headers['X-Shopify-Topic'] === 'orders/paid')!;
  assert.deepEqual(parse(paid.body!), { id: 5600000000001, updated_at: '2026-11-24T06:00:00+00:00' });
});

test('a shop that removes the app is told once, its data must go after 48 hours, and nothing more comes', async () => {
  const world = createWorld();
  await world.rest('DELETE', 'api_permissions/current.json');
  assert.deepEqual(world.topics(), ['app/uninstalled']);
  assert.equal(parse(world.sent[0]!.body!).myshopify_domain, SHOP);
  world.place();
  await world.advance(48 * HOUR_MS);
  assert.deepEqual(world.topics(), ['app/uninstalled', 'shop/redact']);
  assert.deepEqual(parse(world.sent[1]!.body!), { shop_id: 68000000001, shop_domain: SHOP });
});

test('a shop that installs the app again within 48 hours keeps its data', async () => {
  const world = createWorld();
  await world.rest('DELETE', 'api_permissions/current.json');
  await world.tokenCall({ code: (await world.consent()).code!, expiring: '1' });
  await world.advance(48 * HOUR_MS);
  assert.deepEqual(world.topics(), ['app/uninstalled']);
});

test('webhooks are lost, doubled and held back as the sandbox was told to', async () => {
  const world = createWorld();
  world.faults.next('lose-webhook');
  world.place();
  assert.equal(world.sent.length, 0);
  world.faults.next('duplicate-webhook');
  world.place();
  await world.advance(1000);
  const [first, second] = world.sent;
  assert.equal(first!.headers['X-Shopify-Webhook-Id'], second!.headers['X-Shopify-Webhook-Id']);
});
