import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shopify } from '#marketplaces/shopify/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import vectors from '#test/vectors/shopify/orders.json' with { type: 'json' };
import { answer, connection, context, failureOf, runSteps, variablesOf } from './support.ts';

const { orders } = shopify;
const { source, order, buyer } = vectors;
const WINDOW = { from: 0, to: 1_795_500_000_000, pageToken: undefined };
const [firstLine, secondLine] = source.lineItems.nodes;

type PageInfo = { hasNextPage: boolean; endCursor?: string };
type Changes = Partial<Record<keyof typeof source, unknown>>;

const END: PageInfo = { hasNextPage: false };
const go = (endCursor: string): PageInfo => ({ hasNextPage: true, endCursor });
const list = (nodes: unknown[], pageInfo: PageInfo) => ({ nodes, pageInfo });
const refunded = (lineId: number) => ({
  quantity: 1,
  restockType: 'CANCEL',
  lineItem: { id: `gid://shopify/LineItem/${lineId}` },
});
const withOneLine: Changes = { lineItems: list([firstLine], go('L1')) };
const refundOf = (id: number, pageInfo: PageInfo) => ({
  id: `gid://shopify/Refund/${id}`,
  refundLineItems: list([refunded(1)], pageInfo),
});

const details = (changed: Changes) => answer({ data: { nodes: [{ ...source, ...changed }] } });
const more = (nodes: unknown[], pageInfo: PageInfo, updatedAt = source.updatedAt) =>
  answer({ data: { order: { updatedAt }, node: { more: list(nodes, pageInfo) } } });

function read(...answers: HttpResponse[]) {
  const { result, operations, requests } = runSteps(
    (given) => orders.whole!.details(context, [source.legacyResourceId], given),
    () => answers.shift() ?? assert.fail('one call too many'),
  );
  assert.equal(answers.length, 0);
  return { read: result[0]!, operations, variables: requests.map(variablesOf) };
}

test('an order that fits into one answer takes one call', () => {
  const { read: found, operations } = read(details({}));
  assert.deepEqual([found.order, found.buyer, operations], [order, buyer, ['getOrder']]);
});

test('the rest of a long order’s lines is read, part by part', () => {
  const {
    read: found,
    operations,
    variables,
  } = read(details(withOneLine), more([], go('L2')), more([secondLine], END));
  assert.deepEqual([found.order, found.buyer], [order, buyer]);
  assert.deepEqual(operations, ['getOrder', 'getLineItems', 'getLineItems']);
  const id = source.id;
  assert.deepEqual(variables.slice(1), [
    { orderId: id, id, after: 'L1' },
    { orderId: id, id, after: 'L2' },
  ]);
});

test('the rest of each long refund is read', () => {
  const refunds = [refundOf(7, END), refundOf(8, go('R1'))];
  const {
    read: found,
    operations,
    variables,
  } = read(details({ displayFulfillmentStatus: 'FULFILLED', refunds }), more([refunded(1)], END));
  assert.deepEqual(operations, ['getOrder', 'getRefundLineItems']);
  assert.deepEqual(variables[1], { orderId: source.id, id: 'gid://shopify/Refund/8', after: 'R1' });
  const { refunds: kept } = found.raw as { refunds: { refundLineItems: { nodes: unknown[] } }[] };
  assert.deepEqual(
    kept.map(({ refundLineItems }) => refundLineItems.nodes.length),
    [1, 2],
  );
});

test('what is kept of a long order is whole, and makes the same order again', () => {
  const { read: found } = read(details(withOneLine), more([secondLine], END));
  const again = orders.readDetails(answer({ data: { nodes: [found.raw] } }), connection)[0]!;
  assert.deepEqual(again.order, found.order);
});

test('a page only names the orders that are too long for it', () => {
  const long = { ...source, ...withOneLine, legacyResourceId: '7' };
  const refund = { ...source, refunds: [refundOf(8, go('R1'))], legacyResourceId: '8' };
  const page = answer({ data: { orders: list([source, long, refund], go('P1')) } });
  const { orders: found, orderIds, nextPageToken } = orders.readPage(page, connection, WINDOW);
  assert.deepEqual(
    found.map((one) => one.order),
    [order],
  );
  assert.deepEqual([orderIds, nextPageToken], [['7', '8'], 'P1']);
});

test('parts of two states of an order are not put together', () => {
  const gone = { updatedAt: source.updatedAt };
  for (const next of [
    more([secondLine], END, '2026-11-24T06:00:00Z'),
    answer({ data: { order: null, node: null } }),
    answer({ data: { order: gone, node: null } }),
  ]) {
    const { kind, code } = failureOf(() => read(details(withOneLine), next));
    assert.deepEqual([kind, code], ['retryable', 'order-changed']);
  }
});

test('a part that leads nowhere, or to itself, is never the last', () => {
  for (const pageInfo of [{ hasNextPage: true }, go(''), go('L1')]) {
    const { kind, code } = failureOf(() => read(details(withOneLine), more([secondLine], pageInfo)));
    assert.deepEqual([kind, code], ['retryable', 'unreadable-answer']);
  }
  assert.equal(failureOf(() => read(details({ lineItems: list([], { hasNextPage: true }) }))).kind, 'retryable');
});

test('a part that is not whole is no part', () => {
  for (const data of [null, {}, { order: { updatedAt: source.updatedAt } }, { order: null, node: {} }]) {
    assert.equal(failureOf(() => read(details(withOneLine), answer({ data }))).kind, 'retryable');
  }
});

test('an order that the shop does not have is named as that', () => {
  assert.equal(failureOf(() => read(answer({ data: { nodes: [null] } }))).code, 'order-not-found');
});
