import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namedType, type TypeRef } from '#marketplaces/shopify/sandbox/graphql/reader.ts';
import { type Field, isLeaf, possibleTypes, type Type, typeOf } from '#marketplaces/shopify/sandbox/graphql/schema.ts';
import { schemaOf } from '#marketplaces/shopify/sandbox/graphql-api.ts';
import { type Answer, createWorld, gid, type Json, LOCATION, SHOP } from './sandbox-world.ts';

/** The errors of an answer as [code, path], which is what programs go by. */
const errorsOf = ({ body }: Answer): unknown[] =>
  body.errors.map((error: Json) => [error.extensions?.code, error.path?.join('.')]);

/** Wrong documents, and the errors that each gets. */
const REFUSED: [document: string, code: string, path: string][] = [
  ['{ orders(first: 1) { nodes { price } } }', 'undefinedField', 'query.orders.nodes.price'],
  ['query Q { nothing }', 'undefinedField', 'query Q.nothing'],
  ['{ order { id } }', 'missingRequiredArguments', 'query.order'],
  ['{ orders(first: 1, limit: 2) { nodes { id } } }', 'argumentNotAccepted', 'query.orders.limit'],
  ['{ orders(first: "1") { nodes { id } } }', 'argumentLiteralsIncompatible', 'query.orders.first'],
  ['{ orders(first: 1, sortKey: AGE) { nodes { id } } }', 'argumentLiteralsIncompatible', 'query.orders.sortKey'],
  ['{ orders(first: 1, sortKey: "ID") { nodes { id } } }', 'argumentLiteralsIncompatible', 'query.orders.sortKey'],
  ['{ order(id: "5600000000001") { id } }', 'argumentLiteralsIncompatible', 'query.order.id'],
  ['{ shop }', 'selectionMismatch', 'query.shop'],
  ['{ shop { name { first } } }', 'selectionMismatch', 'query.shop.name'],
  ['{ shop { ...Missing } }', 'useAndDefineFragment', 'fragment Missing'],
  ['{ shop { id } } fragment Unused on Shop { name }', 'useAndDefineFragment', 'fragment Unused'],
  ['{ shop { ...A } } fragment A on Shop { ...B } fragment B on Shop { ...A }', 'infiniteLoop', 'fragment A'],
  ['{ shop { ... on Order { id } } }', 'cannotSpreadFragment', 'query.shop'],
  ['{ shop { ... on Basket { id } } }', 'undefinedType', 'query.shop.... on Basket'],
  ['{ shop { a: id a: name } }', 'fieldConflict', 'query.shop'],
  ['{ shop { id @hidden } }', 'undefinedDirective', 'query.shop'],
  ['query ($id: ID!) { shop { id } }', 'variableNotUsed', 'query'],
  ['{ order(id: $id) { id } }', 'variableNotDefined', 'query.order.id'],
  ['query ($id: String!) { order(id: $id) { id } }', 'variableMismatch', 'query.order.id'],
  ['query ($id: ID) { order(id: $id) { id } }', 'variableMismatch', 'query.order.id'],
  ['subscription { order }', 'missingRootType', 'subscription'],
  [
    `mutation { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: [{}]}) { userErrors { message } } }`,
    'missingRequiredInputObjectAttribute',
    'mutation.fulfillmentCreate.fulfillment.lineItemsByFulfillmentOrder.fulfillmentOrderId',
  ],
];

for (const [document, code, path] of REFUSED) {
  test(`${code}: ${document}`, async () => {
    const { graphql } = createWorld();
    const answer = await graphql(document);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.data, undefined);
    assert.deepEqual(errorsOf(answer), [[code, path]]);
  });
}

/** Wrong variables, and the place where each is wrong. */
const WRONG_VARIABLES: [type: string, value: Json, path: (string | number)[], explanation: RegExp][] = [
  ['ID!', null, [], /to not be null/],
  ['ID!', '17', [], /Invalid global id '17'/],
  ['Int!', 'x', [], /Could not coerce value "x" to Int/],
  ['Int!', 1.5, [], /Could not coerce/],
  ['WebhookSubscriptionTopic!', 'ORDERS_EATEN', [], /to be one of/],
  ['InventorySetQuantitiesInput!', { name: 'available', reason: 'other' }, ['quantities'], /to not be null/],
  [
    'InventorySetQuantitiesInput!',
    {
      name: 'available',
      reason: 'other',
      quantities: [{ inventoryItemId: gid('InventoryItem', 1), locationId: LOCATION, quantity: 1, delta: 1 }],
    },
    ['quantities', 0, 'delta'],
    /Field is not defined on InventoryQuantityInput/,
  ],
];

for (const [type, value, path, explanation] of WRONG_VARIABLES) {
  test(`a variable of type ${type} is not ${JSON.stringify(value)}`, async () => {
    const { graphql } = createWorld();
    const use = {
      'ID!': 'query ($v: ID!) { order(id: $v) { id } }',
      'Int!': 'query ($v: Int!) { orders(first: $v) { nodes { id } } }',
      'WebhookSubscriptionTopic!':
        'mutation ($v: WebhookSubscriptionTopic!) { webhookSubscriptionCreate(topic: $v, webhookSubscription: {}) { userErrors { message } } }',
      'InventorySetQuantitiesInput!':
        'mutation ($v: InventorySetQuantitiesInput!) { inventorySetQuantities(input: $v) { userErrors { message } } }',
    }[type]!;
    const [error] = (await graphql(use, { v: value })).body.errors;
    assert.equal(error.extensions.code, 'INVALID_VARIABLE');
    assert.deepEqual(error.extensions.problems[0].path, path);
    assert.match(error.extensions.problems[0].explanation, explanation);
  });
}

test('text that is not GraphQL is told where it goes wrong', async () => {
  const { graphql } = createWorld();
  const [error] = (await graphql('{\n  shop { name }\n')).body.errors;
  assert.match(error.message, /^syntax error, unexpected end of file at \[3, 1\]/);
  assert.deepEqual(error.locations, [{ line: 3, column: 1 }]);
});

test('only what is asked for is answered, under its aliases, through fragments and directives', async () => {
  const { data, place } = createWorld();
  const { orderId } = place();
  const document = `
    query Mixed($id: ID!, $with: Boolean = true) {
      first: order(id: $id) { ...Names note: name @skip(if: $with) email @include(if: $with) }
      node(id: $id) { __typename id ... on Order { name lines: lineItems(first: 1) { edges { node { sku } } } } ... on Shop { url } }
    }
    # Said in two parts, answered as one.
    fragment Names on Order { name lineItems(first: 2) { nodes { id } } ...More }
    fragment More on Order { lineItems(first: 2) { nodes { sku } } }
  `;
  const id = gid('Order', orderId);
  assert.deepEqual(await data(document, { id }), {
    first: {
      name: '#1001',
      lineItems: {
        nodes: [
          { id: gid('LineItem', 13900000000001), sku: '85123A' },
          { id: gid('LineItem', 13900000000002), sku: '71053' },
        ],
      },
      email: 'ann@example.test',
    },
    node: { __typename: 'Order', id, name: '#1001', lines: { edges: [{ node: { sku: '85123A' } }] } },
  });
});

test('one of several operations runs, the one that is named', async () => {
  const { sandbox, tokenOf } = createWorld();
  const headers = { 'content-type': 'application/json', 'x-shopify-access-token': await tokenOf() };
  const ask = async (body: Json): Promise<Json> => {
    const path = `/${SHOP}/admin/api/2026-10/graphql.json`;
    const response = await sandbox.app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
    return response.json();
  };
  const query = 'query A { shop { name } } query B { shop { id } }';
  assert.deepEqual((await ask({ query, operationName: 'B' })).data, { shop: { id: gid('Shop', 68000000001) } });
  assert.equal((await ask({ query })).errors[0].message, 'An operation name is required');
  assert.equal((await ask({ query, operationName: 'C' })).errors[0].message, 'No operation named "C"');
});

test('a document alone is taken as application/graphql, and a body without one is refused', async () => {
  const { sandbox, tokenOf } = createWorld();
  const token = await tokenOf();
  const ask = (type: string, body: string) =>
    sandbox.app.request(`/${SHOP}/admin/api/2026-10/graphql.json`, {
      method: 'POST',
      headers: { 'content-type': type, 'x-shopify-access-token': token },
      body,
    });
  assert.deepEqual(((await (await ask('application/graphql', '{ shop { name } }')).json()) as Json).data, {
    shop: { name: 'Sandbox shop 1' },
  });
  for (const body of ['', 'not JSON', '{}']) assert.equal((await ask('application/json', body)).status, 400);
});

test('an old version is answered as the oldest that is served, one that never was is not found', async () => {
  const { graphql } = createWorld();
  const versionOf = async (version: string) => {
    const { status, headers } = await graphql('{ shop { name } }', {}, { version });
    return [status, headers.get('x-shopify-api-version')];
  };
  assert.deepEqual(await versionOf('2026-07'), [200, '2026-07']);
  assert.deepEqual(await versionOf('2024-01'), [200, '2026-01']);
  assert.deepEqual(await versionOf('2026-05'), [404, null]);
  assert.deepEqual(await versionOf('2027-01'), [404, null]);
});

test('what the app has no scope for is denied, field by field', async () => {
  const { consent, tokenCall, graphql } = createWorld();
  const { code } = await consent({ scope: 'read_orders' });
  const token = (await tokenCall({ code: code!, expiring: '1' })).body.access_token;
  const answer = await graphql(
    '{ ordersCount { count } location { id } inventoryItems(first: 1) { nodes { id } } }',
    {},
    { token },
  );
  assert.deepEqual(errorsOf(answer), [
    ['ACCESS_DENIED', 'location'],
    ['ACCESS_DENIED', 'inventoryItems'],
  ]);
  assert.equal(answer.body.data, null);
  const allowed = await graphql('{ ordersCount { count } location { id } }', {}, { token });
  assert.deepEqual(allowed.body.data, { ordersCount: { count: 0 }, location: null });
});

test('a request costs as Shopify was seen to count it', async () => {
  const { graphql } = createWorld();
  // Shopify developer community, 23101: 25 points, of which one is used as the product is not there.
  const document = `query ($id: ID!) { product(id: $id) { variants(first: 250) { nodes { inventoryItem { id tracked } } } } }`;
  const { cost } = (await graphql(document, { id: gid('Product', 1) })).body.extensions;
  assert.deepEqual([cost.requestedQueryCost, cost.actualQueryCost], [25, 1]);
});

test('a shop’s points run out, the answer says so with HTTP 200, and they come back at 100 a second', async () => {
  const { graphql, advance, sandbox, tokenOf } = createWorld();
  await tokenOf();
  const mutation = `mutation { ${Array.from({ length: 99 }, (_, index) => `m${index}: webhookSubscriptionDelete(id: "gid://shopify/WebhookSubscription/1") { userErrors { message } }`).join(' ')} }`;
  for (const left of [1010, 20]) {
    const { throttleStatus, actualQueryCost } = (await graphql(mutation)).body.extensions.cost;
    assert.equal(actualQueryCost, 990);
    assert.deepEqual(throttleStatus, { maximumAvailable: 2000, currentlyAvailable: left, restoreRate: 100 });
  }
  const { status, body } = await graphql(mutation);
  assert.equal(status, 200);
  assert.equal(body.errors[0].message, 'Throttled');
  assert.equal(body.errors[0].extensions.code, 'THROTTLED');
  const { requestedQueryCost, actualQueryCost, throttleStatus } = body.extensions.cost;
  assert.deepEqual([requestedQueryCost, actualQueryCost, throttleStatus.currentlyAvailable], [990, null, 20]);
  assert.equal(sandbox.calls.throttled, 1);
  await advance(((requestedQueryCost - 20) / throttleStatus.restoreRate) * 1000 - 10);
  assert.equal((await graphql(mutation)).body.errors[0].extensions.code, 'THROTTLED');
  await advance(10);
  assert.equal((await graphql(mutation)).body.errors, undefined);
});

test('another shop’s points are its own', async () => {
  const { graphql, sandbox } = createWorld();
  const dear = `{ ${Array.from({ length: 300 }, (_, index) => `o${index}: orders(first: 2) { nodes { id } }`).join(' ')} }`;
  const other = sandbox.sellers[1]!.sellerId;
  assert.equal((await graphql(dear)).body.errors, undefined);
  const { throttleStatus } = (await graphql('{ shop { id } }', {}, { shop: other })).body.extensions.cost;
  assert.equal(throttleStatus.currentlyAvailable, 1999);
});

test('a request of more than 1000 points is refused, and takes none', async () => {
  const { graphql } = createWorld();
  const dear = `{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { variant { product { variants(first: 250) { nodes { id } } } } } } } } }`;
  const [error] = (await graphql(dear)).body.errors;
  assert.equal(error.extensions.code, 'MAX_COST_EXCEEDED');
  assert.ok(error.extensions.cost > 1000);
  const { throttleStatus } = (await graphql('{ __typename }')).body.extensions.cost;
  assert.equal(throttleStatus.currentlyAvailable, 2000);
});

test('a throttle that the sandbox was told to answer is not counted as one that was earned', async () => {
  const { faults, graphql, sandbox, tokenOf } = createWorld();
  await tokenOf();
  faults.next('throttle');
  const { status, body } = await graphql('{ shop { name } }');
  assert.deepEqual([status, body.errors[0].extensions.code], [200, 'THROTTLED']);
  assert.equal(body.extensions.cost.throttleStatus.currentlyAvailable, 0);
  assert.equal(sandbox.calls.throttled, 0);
  faults.next('server-error');
  assert.equal((await graphql('{ shop { name } }')).body.errors[0].extensions.code, 'INTERNAL_SERVER_ERROR');
});

test('every field of every type is answered', async () => {
  const { graphql, place, sandbox, advance } = createWorld();
  sandbox.books.ship(place().orderId, { carrier: 'DPD', trackingNumber: 'D1' });
  sandbox.books.cancel(place().orderId);
  sandbox.books.deliver(sandbox.books.ship(place().orderId, { carrier: 'UPS', trackingNumber: 'U1' }).orderId);
  place();
  const schema = schemaOf('2026-10');
  const reached = new Set<string>();
  const values: Record<string, string> = {
    'Location.inventoryLevel.inventoryItemId': `"${gid('InventoryItem', 46300000000001)}"`,
    'InventoryItem.inventoryLevel.locationId': `"${LOCATION}"`,
    'InventoryLevel.quantities.names': '["available", "on_hand", "incoming"]',
  };

  function ask(type: Type, field: Field, depth: number): string {
    const needed = [...field.arguments.values()].filter(
      ({ type: { kind }, default: fallback }) => kind === 'non-null' && !fallback,
    );
    const given = needed.map(
      ({ name }) =>
        `${name}: ${values[`${type.name}.${field.name}.${name}`] ?? assert.fail(`${type.name}.${field.name}.${name}`)}`,
    );
    if (field.isConnection) given.push('first: 3');
    const inside = select(typeOf(schema, namedType(field.type as TypeRef)), depth);
    if (inside === undefined) return '';
    reached.add(`${type.name}.${field.name}`);
    return `${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''} ${inside}`;
  }
  function select(type: Type, depth: number): string | undefined {
    if (isLeaf(type)) return '';
    if (depth === 0) return undefined;
    if (type.kind === 'union')
      return `{ ${possibleTypes(schema, type)
        .map((name) => `... on ${name} ${select(typeOf(schema, name), depth - 1)}`)
        .join(' ')} }`;
    const fields = type.kind === 'object' ? [...type.fields.values()] : [];
    const parts = fields.map((field) => ask(type, field, depth - 1)).filter(Boolean);
    return parts.length > 0 ? `{ ${parts.join(' ')} }` : undefined;
  }

  const roots = typeOf(schema, 'QueryRoot');
  assert.ok(roots.kind === 'object');
  for (const field of roots.fields.values()) {
    if ([...field.arguments.values()].some(({ type }) => type.kind === 'non-null')) continue;
    // One object at a time and few levels, so that no request is too dear.
    const type = typeOf(schema, namedType(field.type));
    const inner = field.isConnection ? typeOf(schema, type.name.replace('Connection', '')) : type;
    if (inner.kind !== 'object') continue;
    for (const one of inner.fields.values()) {
      const part = ask(inner, one, 5);
      const wrapped = field.isConnection
        ? `(first: 4) { nodes { ${part} } edges { node { id } cursor } pageInfo { hasNextPage } }`
        : `{ ${part} }`;
      const { body } = await graphql(`{ ${field.name} ${wrapped} }`);
      assert.deepEqual([`${field.name}.${one.name}`, body.errors], [`${field.name}.${one.name}`, undefined]);
      await advance(10_000);
    }
  }
  const missed = [...schema.types.values()].flatMap((type) =>
    type.kind === 'object' &&
    !/Payload$|Connection$|Edge$|UserError$|^(QueryRoot|Mutation|Return|FulfillmentHold|TaxLine|Attribute|Webhook(EventBridge|PubSub)Endpoint|WebhookSubscriptionMetafieldIdentifier|InventoryAdjustmentGroup|InventoryChange)$/.test(
      type.name,
    )
      ? [...type.fields.values()].map((field) => `${type.name}.${field.name}`).filter((name) => !reached.has(name))
      : [],
  );
  assert.deepEqual(missed, []);
});
