import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, DAY_MS, gid, type Json, MINUTE_MS, OTHER_SHOP, START } from './sandbox-world.ts';

const LIST = `query List($first: Int, $last: Int, $after: String, $before: String, $query: String, $sortKey: OrderSortKeys, $reverse: Boolean) {
  orders(first: $first, last: $last, after: $after, before: $before, query: $query, sortKey: $sortKey, reverse: $reverse) {
    nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
type World = ReturnType<typeof createWorld>;

const namesOf = (data: Json): string => data.orders.nodes.map(({ name }: Json) => name.slice(1)).join(' ');
const list = async (world: World, variables: Json) => namesOf(await world.data(LIST, { first: 250, ...variables }));
const since = (at: number) => `updated_at:>='${new Date(at).toISOString()}'`;

/** A world with five orders, one a minute: 1001 to 1005. */
async function createBusyWorld(): Promise<World> {
  const world = createWorld();
  for (let count = 0; count < 5; count++) {
    world.place();
    await world.advance(MINUTE_MS);
  }
  return world;
}

test('an order tells what the books hold', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  const { order } = await world.data(
    `query ($id: ID!) { order(id: $id) {
      id legacyResourceId name createdAt updatedAt processedAt cancelledAt closedAt cancelReason test currencyCode
      displayFinancialStatus displayFulfillmentStatus email phone
      totalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount } }
      lineItems(first: 10) { nodes { id sku name quantity currentQuantity originalUnitPriceSet { shopMoney { amount } } variant { id } product { id } } }
      shippingAddress { name address1 city zip countryCodeV2 phone }
      fulfillmentOrders(first: 1) { nodes { id status } }
    } }`,
    { id: gid('Order', orderId) },
  );
  assert.deepEqual(order, {
    id: 'gid://shopify/Order/5600000000001',
    legacyResourceId: '5600000000001',
    name: '#1001',
    createdAt: '2026-11-24T06:00:00Z',
    updatedAt: '2026-11-24T06:00:00Z',
    processedAt: '2026-11-24T06:00:00Z',
    cancelledAt: null,
    closedAt: null,
    cancelReason: null,
    test: false,
    currencyCode: 'GBP',
    displayFinancialStatus: 'PAID',
    displayFulfillmentStatus: 'UNFULFILLED',
    email: 'ann@example.test',
    phone: '+44 1632 960001',
    totalPriceSet: { shopMoney: { amount: '11.04', currencyCode: 'GBP' }, presentmentMoney: { amount: '11.04' } },
    lineItems: {
      nodes: [
        {
          id: 'gid://shopify/LineItem/13900000000001',
          sku: '85123A',
          name: 'WHITE HANGING HEART T-LIGHT HOLDER',
          quantity: 3,
          currentQuantity: 3,
          originalUnitPriceSet: { shopMoney: { amount: '2.55' } },
          variant: { id: 'gid://shopify/ProductVariant/44200000000001' },
          product: { id: 'gid://shopify/Product/8100000000001' },
        },
        {
          id: 'gid://shopify/LineItem/13900000000002',
          sku: '71053',
          name: 'WHITE METAL LANTERN',
          quantity: 1,
          currentQuantity: 1,
          originalUnitPriceSet: { shopMoney: { amount: '3.39' } },
          variant: { id: 'gid://shopify/ProductVariant/44200000000002' },
          product: { id: 'gid://shopify/Product/8100000000002' },
        },
      ],
    },
    shippingAddress: {
      name: 'Ann Mary Example',
      address1: '1 Test Street',
      city: 'Leeds',
      zip: 'LS1 1AA',
      countryCodeV2: 'GB',
      phone: '+44 1632 960001',
    },
    fulfillmentOrders: { nodes: [{ id: 'gid://shopify/FulfillmentOrder/6700000000001', status: 'OPEN' }] },
  });
});

test('a cancelled order says when, keeps its lines, and has nothing left in them', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  await world.advance(MINUTE_MS);
  world.sandbox.books.cancel(orderId);
  const { order } = await world.data(
    `query ($id: ID!) { order(id: $id) {
      cancelledAt cancelReason updatedAt displayFinancialStatus displayFulfillmentStatus
      totalPriceSet { shopMoney { amount } } currentTotalPriceSet { shopMoney { amount } } totalRefundedSet { shopMoney { amount } }
      lineItems(first: 1) { nodes { quantity currentQuantity unfulfilledQuantity } }
      refunds { refundLineItems(first: 1) { nodes { quantity restockType } } }
      fulfillmentOrders(first: 1) { nodes { status } }
    } }`,
    { id: gid('Order', orderId) },
  );
  assert.deepEqual(order, {
    cancelledAt: '2026-11-24T06:01:00Z',
    cancelReason: 'CUSTOMER',
    updatedAt: '2026-11-24T06:01:00Z',
    displayFinancialStatus: 'REFUNDED',
    displayFulfillmentStatus: 'UNFULFILLED',
    totalPriceSet: { shopMoney: { amount: '11.04' } },
    currentTotalPriceSet: { shopMoney: { amount: '0.0' } },
    totalRefundedSet: { shopMoney: { amount: '11.04' } },
    lineItems: { nodes: [{ quantity: 3, currentQuantity: 0, unfulfilledQuantity: 0 }] },
    refunds: [{ refundLineItems: { nodes: [{ quantity: 3, restockType: 'CANCEL' }] } }],
    fulfillmentOrders: { nodes: [{ status: 'CLOSED' }] },
  });
});

test('pages hold every order once, whatever changes in between behind the cursor', async () => {
  const world = await createBusyWorld();
  const variables = { first: 2, sortKey: 'UPDATED_AT', query: since(START) };
  const first = await world.data(LIST, variables);
  assert.equal(namesOf(first), '1001 1002');
  assert.deepEqual([first.orders.pageInfo.hasNextPage, first.orders.pageInfo.hasPreviousPage], [true, false]);
  // The order moves from the page that was read to the end.
  world.sandbox.books.cancel('5600000000001');
  const second = await world.data(LIST, { ...variables, after: first.orders.pageInfo.endCursor });
  assert.equal(namesOf(second), '1003 1004');
  const third = await world.data(LIST, { ...variables, after: second.orders.pageInfo.endCursor });
  assert.equal(namesOf(third), '1005 1001');
  assert.equal(third.orders.pageInfo.hasNextPage, false);
});

test('pages go backwards and from the end too', async () => {
  const world = await createBusyWorld();
  assert.equal(await list(world, { reverse: true }), '1005 1004 1003 1002 1001');
  const page = await world.data(LIST, { first: 2, reverse: true });
  const { endCursor: after, startCursor } = page.orders.pageInfo;
  assert.equal(namesOf(await world.data(LIST, { first: 2, reverse: true, after })), '1003 1002');
  assert.equal(namesOf(await world.data(LIST, { last: 2 })), '1004 1005');
  assert.equal(namesOf(await world.data(LIST, { last: 9, before: after })), '1001 1002 1003');
  assert.equal(namesOf(await world.data(LIST, { first: 1, after: startCursor })), '');
});

test('a page is of one to 250 orders, from one end, and its cursor is one of the list', async () => {
  const { graphql } = await createBusyWorld();
  const refused = async (variables: Json) => {
    const { status, body } = await graphql(LIST, variables);
    const [{ message, extensions }] = body.errors;
    assert.deepEqual([status, body.data, extensions.code], [200, null, 'BAD_REQUEST']);
    return message.split('.')[0];
  };
  assert.equal(await refused({}), 'you must provide one of first or last');
  assert.equal(await refused({ first: 1, last: 1 }), 'providing both first and last is not supported');
  assert.equal(await refused({ first: 251 }), 'first cannot exceed 250');
  assert.equal(await refused({ first: 1, after: 'bm9uZQ==' }), 'Invalid cursor for current pagination sort');
});

test('a cursor that the sandbox was told to lose is refused', async () => {
  const world = await createBusyWorld();
  const { orders } = await world.data(LIST, { first: 2 });
  world.faults.next('expire-page-token');
  const { body } = await world.graphql(LIST, { first: 2, after: orders.pageInfo.endCursor });
  assert.match(body.errors[0].message, /^Invalid cursor/);
});

const SEARCHES: [query: string, found: string][] = [
  [since(START + 3 * MINUTE_MS), '1004 1005'],
  [`updated_at:>${new Date(START + 3 * MINUTE_MS).toISOString()}`, '1005'],
  [`${since(START + MINUTE_MS)} AND updated_at:<='${new Date(START + 2 * MINUTE_MS).toISOString()}'`, '1002 1003'],
  [`created_at:2026-11-24 name:#1002`, '1002'],
  [`created_at:2026-11-23`, ''],
  ['name:1001 OR name:1005', '1001 1005'],
  ['(name:1001 OR name:1005) AND -name:1005', '1001'],
  ['NOT name:1001', '1002 1003 1004 1005'],
  ['status:cancelled', '1002'],
  ['status:open', '1001 1003 1004 1005'],
  ['fulfillment_status:shipped', '1003'],
  ['financial_status:paid fulfillment_status:unfulfilled', '1001 1004 1005'],
  ['id:>5600000000003', '1004 1005'],
  ['sku:71053 email:ann@example.test', '1001 1002 1003 1004 1005'],
  ['"ann mary"', '1001 1002 1003 1004 1005'],
  ['nobody', ''],
];

for (const [query, found] of SEARCHES) {
  test(`the search ${query} finds ${found || 'nothing'}`, async () => {
    const world = await createBusyWorld();
    // At the time of their placing, so that the searches by change find them where they were.
    world.sandbox.books.orders.get('5600000000002')!.status = 'cancelled';
    world.sandbox.books.orders.get('5600000000003')!.status = 'shipped';
    assert.equal(await list(world, { query }), found);
  });
}

test('a term that is not understood is left out, and the answer warns of it', async () => {
  const world = await createBusyWorld();
  const { body } = await world.graphql(LIST, { first: 9, query: 'colour:red updated_at:>yesterday name:1001' });
  assert.equal(namesOf(body.data), '1001');
  const [{ path, warnings }] = body.extensions.search;
  assert.deepEqual(path, ['orders']);
  assert.deepEqual(
    warnings.map(({ field }: Json) => field),
    ['colour', 'updated_at'],
  );
});

test('orders of more than 60 days ago are out of sight without read_all_orders', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  await world.advance(60 * DAY_MS);
  assert.equal(await list(world, {}), '1001');
  await world.advance(1000);
  assert.equal(await list(world, {}), '');
  const query = 'query ($id: ID!) { order(id: $id) { name } }';
  assert.equal((await world.data(query, { id: gid('Order', orderId) })).order, null);
  const { code } = await world.consent({ scope: 'read_orders,read_all_orders' });
  const token = (await world.tokenCall({ code: code!, expiring: '1' })).body.access_token;
  assert.equal((await world.data(query, { id: gid('Order', orderId) }, { token })).order.name, '#1001');
});

test('a shop sees no other shop’s orders', async () => {
  const world = createWorld();
  const { orderId } = world.place(OTHER_SHOP);
  assert.equal(await list(world, {}), '');
  const ids = [gid('Order', orderId), gid('Location', 61900000001), gid('Order', 1), gid('Basket', 1)];
  const { nodes } = await world.data('query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }', { ids });
  assert.deepEqual(nodes, [null, { id: ids[1], __typename: 'Location' }, null, null]);
});

test('several orders are read at once, in the order they are asked for', async () => {
  const world = await createBusyWorld();
  const ids = [gid('Order', 5600000000003), gid('Order', 5600000000001)];
  const { nodes } = await world.data('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { name } } }', { ids });
  assert.deepEqual(nodes, [{ name: '#1003' }, { name: '#1001' }]);
});

test('orders are counted', async () => {
  const world = await createBusyWorld();
  const counts =
    await world.data(`{ all: ordersCount { count precision } some: ordersCount(query: "name:1001", limit: 9) { count }
    limited: ordersCount(limit: 2) { count precision } }`);
  assert.deepEqual(counts, {
    all: { count: 5, precision: 'EXACT' },
    some: { count: 1 },
    limited: { count: 2, precision: 'AT_LEAST' },
  });
});
