import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, gid, type Json, MINUTE_MS, OTHER_SHOP } from './sandbox-world.ts';

const CREATE = `mutation Create($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {
  fulfillment { id name status totalQuantity trackingInfo { company number url } } userErrors { field message } } }`;
const READ = `query ($id: ID!) { order(id: $id) {
  updatedAt displayFulfillmentStatus
  fulfillments { id displayStatus deliveredAt trackingInfo { number } fulfillmentLineItems(first: 9) { nodes { quantity lineItem { sku } } } }
  fulfillmentOrders(first: 1) { nodes { status supportedActions { action } lineItems(first: 9) { nodes { totalQuantity remainingQuantity } } } }
} }`;
const TRACKING = { company: 'Royal Mail', number: 'JX1', url: 'https://track.example.test/JX1' };
const FULFILLMENT_ORDER = gid('FulfillmentOrder', 6700000000001);
const LINES = [gid('FulfillmentOrderLineItem', 14900000000001), gid('FulfillmentOrderLineItem', 14900000000002)];

type World = ReturnType<typeof createWorld>;

async function create(world: World, lines?: Json, changes: Json = {}, shop?: string): Promise<Json> {
  const group = { fulfillmentOrderId: FULFILLMENT_ORDER, ...(lines && { fulfillmentOrderLineItems: lines }) };
  const fulfillment = { lineItemsByFulfillmentOrder: [group], trackingInfo: TRACKING, ...changes };
  const data = await world.data(CREATE, { fulfillment }, shop ? { shop } : {});
  return data.fulfillmentCreate;
}
const read = async (world: World): Promise<Json> => (await world.data(READ, { id: gid('Order', 5600000000001) })).order;

test('a whole order is shipped in the books, with its carrier and tracking number', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  await world.advance(MINUTE_MS);
  const { fulfillment, userErrors } = await create(world);
  assert.deepEqual(userErrors, []);
  assert.deepEqual(fulfillment, {
    id: 'gid://shopify/Fulfillment/5100000001001',
    name: '#1001-F1',
    status: 'SUCCESS',
    totalQuantity: 4,
    trackingInfo: [TRACKING],
  });
  const { status, shipment } = world.sandbox.books.orders.get(orderId)!;
  assert.deepEqual([status, shipment?.carrier, shipment?.trackingNumber], ['shipped', 'Royal Mail', 'JX1']);
  const order = await read(world);
  assert.deepEqual([order.displayFulfillmentStatus, order.updatedAt], ['FULFILLED', '2026-11-24T06:01:00Z']);
  assert.deepEqual(order.fulfillmentOrders.nodes[0], {
    status: 'CLOSED',
    supportedActions: [],
    lineItems: {
      nodes: [
        { totalQuantity: 3, remainingQuantity: 0 },
        { totalQuantity: 1, remainingQuantity: 0 },
      ],
    },
  });
});

test('an order goes in parts, and is shipped with the last of them', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  await world.advance(MINUTE_MS);
  assert.deepEqual((await create(world, [{ id: LINES[0], quantity: 2 }])).userErrors, []);
  const between = await read(world);
  assert.deepEqual(
    [between.displayFulfillmentStatus, between.updatedAt],
    ['PARTIALLY_FULFILLED', '2026-11-24T06:01:00Z'],
  );
  assert.equal(between.fulfillmentOrders.nodes[0].status, 'IN_PROGRESS');
  assert.equal(world.sandbox.books.orders.get(orderId)!.status, 'placed');
  // The list of changed orders shows it at its new place.
  const { orders } = await world.data(
    `{ orders(first: 9, sortKey: UPDATED_AT, query: "updated_at:>='2026-11-24T06:01:00Z'") { nodes { name } } }`,
  );
  assert.deepEqual(orders.nodes, [{ name: '#1001' }]);
  // Without lines, all that is left.
  await create(world, undefined, { trackingInfo: { company: 'DPD', numbers: ['D1', 'D2'] } });
  assert.equal(world.sandbox.books.orders.get(orderId)!.status, 'shipped');
  const after = await read(world);
  assert.deepEqual(
    after.fulfillments.map(({ trackingInfo, fulfillmentLineItems }: Json) => [
      trackingInfo.map(({ number }: Json) => number),
      fulfillmentLineItems.nodes.map(({ quantity, lineItem }: Json) => [lineItem.sku, quantity]),
    ]),
    [
      [['JX1'], [['85123A', 2]]],
      [
        ['D1', 'D2'],
        [
          ['85123A', 1],
          ['71053', 1],
        ],
      ],
    ],
  );
});

const REFUSALS: [what: string, lines: Json, changes: Json, message: RegExp][] = [
  ['more units than are left', [{ id: LINES[0], quantity: 4 }], {}, /^Invalid fulfillment order line item quantity/],
  ['no units', [{ id: LINES[0], quantity: 0 }], {}, /^Invalid fulfillment order line item quantity/],
  [
    'one line twice, too often',
    [
      { id: LINES[0], quantity: 2 },
      { id: LINES[0], quantity: 2 },
    ],
    {},
    /^Invalid fulfillment order line item quantity/,
  ],
  [
    'an unknown line',
    [{ id: gid('FulfillmentOrderLineItem', 1), quantity: 1 }],
    {},
    /^Fulfillment order line item does not exist/,
  ],
  [
    'an unknown fulfillment order',
    undefined,
    { lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: gid('FulfillmentOrder', 1) }] },
    /^Fulfillment order does not exist/,
  ],
  ['nothing', undefined, { lineItemsByFulfillmentOrder: [] }, /is empty/],
];

for (const [what, lines, changes, message] of REFUSALS) {
  test(`a fulfillment of ${what} is refused, and changes nothing`, async () => {
    const world = createWorld();
    world.place();
    const { fulfillment, userErrors } = await create(world, lines, changes);
    assert.equal(fulfillment, null);
    assert.deepEqual(userErrors[0].field, ['fulfillment']);
    assert.match(userErrors[0].message, message);
    assert.equal((await read(world)).displayFulfillmentStatus, 'UNFULFILLED');
  });
}

test('what is shipped or cancelled is not fulfilled again', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  await create(world);
  const closed = 'Fulfillment order 6700000000001 has an unfulfillable status= closed.';
  assert.equal((await create(world)).userErrors[0].message, closed);
  const other = createWorld();
  other.place();
  other.sandbox.books.cancel(orderId);
  assert.equal((await create(other)).userErrors[0].message, closed);
});

test('a shop fulfills no other shop’s order', async () => {
  const world = createWorld();
  world.place();
  const { userErrors } = await create(world, undefined, {}, OTHER_SHOP);
  assert.equal(userErrors[0].message, 'Fulfillment order does not exist.');
});

test('a fulfillment needs a scope for it', async () => {
  const world = createWorld();
  world.place();
  const { code } = await world.consent({ scope: 'read_merchant_managed_fulfillment_orders' });
  const token = (await world.tokenCall({ code: code!, expiring: '1' })).body.access_token;
  const fulfillment = { lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: FULFILLMENT_ORDER }] };
  const { body } = await world.graphql(CREATE, { fulfillment }, { token });
  assert.equal(body.errors[0].extensions.code, 'ACCESS_DENIED');
  assert.deepEqual(body.data, { fulfillmentCreate: null });
});

test('a tracking number is corrected', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  const { fulfillment } = await create(world);
  await world.advance(MINUTE_MS);
  const update = `mutation ($id: ID!, $info: FulfillmentTrackingInput!) { fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $info) {
    fulfillment { updatedAt trackingInfo { company number } } userErrors { field message } } }`;
  const correct = async (id: string) =>
    (await world.data(update, { id, info: { company: 'UPS', number: 'U9' } })).fulfillmentTrackingInfoUpdate;
  assert.deepEqual((await correct(fulfillment.id)).fulfillment, {
    updatedAt: '2026-11-24T06:01:00Z',
    trackingInfo: [{ company: 'UPS', number: 'U9' }],
  });
  assert.equal(world.sandbox.books.orders.get(orderId)!.shipment?.trackingNumber, 'U9');
  assert.deepEqual((await correct(gid('Fulfillment', 1))).userErrors, [
    { field: ['fulfillmentId'], message: 'Fulfillment does not exist.' },
  ]);
});

test('what the books ship and deliver is a fulfillment too', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  world.sandbox.books.ship(orderId, { carrier: 'Royal Mail', trackingNumber: 'SL1' });
  const [shipped] = (await read(world)).fulfillments;
  assert.deepEqual(
    [shipped.displayStatus, shipped.deliveredAt, shipped.trackingInfo],
    ['FULFILLED', null, [{ number: 'SL1' }]],
  );
  await world.advance(MINUTE_MS);
  world.sandbox.books.deliver(orderId);
  const [delivered] = (await read(world)).fulfillments;
  assert.deepEqual([delivered.displayStatus, delivered.deliveredAt], ['DELIVERED', '2026-11-24T06:01:00Z']);
});
