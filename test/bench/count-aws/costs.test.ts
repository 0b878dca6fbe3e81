import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, createCosts } from './costs.ts';
import { sizeOf } from './items.ts';

const STACK = 'acme';
/** 100 bytes with the name `value`, and so 95 characters */
const TEXT = 'x'.repeat(95);

const call = (operation: string, request: object, response: object = {}, more: Partial<Call> = {}): Call => ({
  caller: 'audit-log',
  service: 'dynamodb',
  operation,
  path: '/',
  request: request as Record<string, unknown>,
  response: response as Record<string, unknown>,
  status: 200,
  ...more,
});
const priced = (operation: string, request: object, response?: object, more?: Partial<Call>) =>
  createCosts({ stack: STACK }).costOf(call(operation, request, response, more));
const key = (sort: string) => ({ partition: { S: 'p' }, sort: { S: sort } });
const insert = (sort: string, text = '') => ({
  Statement: `INSERT INTO "${STACK}-t" VALUE {'partition': ?, 'sort': ?, 'value': ?}`,
  Parameters: [{ S: 'p' }, { S: sort }, { S: text }],
});

test('an item has the size that DynamoDB’s guide gives', () => {
  assert.equal(sizeOf({}), 0);
  assert.equal(sizeOf({ value: { S: TEXT } }), 100);
  assert.equal(sizeOf({ ü: { S: '€' } }), 2 + 3);
  assert.equal(sizeOf({ b: { B: Buffer.alloc(7).toString('base64') } }), 1 + 7);
  // a byte for two digits and one more; zeroes at both ends don't count
  assert.deepEqual(
    ['0', '7', '15', '150', '1795500000000', '123'].map((N) => sizeOf({ n: { N } })),
    [2, 3, 3, 3, 5, 4],
  );
});

test('a write costs a unit for each begun KB of the larger of what was there and what is', () => {
  const costs = createCosts({ stack: STACK });
  const write = (text: string) => costs.costOf(call('BatchExecuteStatement', { Statements: [insert('s', text)] }));
  const rest = sizeOf({ ...key('s'), value: { S: '' } });
  assert.equal(write('x'.repeat(1_024 - rest)).writeUnits, 1);
  assert.equal(write('x'.repeat(1_025 - rest)).writeUnits, 2);
  assert.equal(write('').writeUnits, 2);
  assert.equal(write('').writeUnits, 1);
});

test('what every statement of a batch costs is added up, failed conditions too, and what was throttled is free', () => {
  const codes = [undefined, 'DuplicateItem', 'ConditionalCheckFailed', 'ThrottlingError'];
  const { writeUnits, entries, dollars, resource } = priced(
    'BatchExecuteStatement',
    { Statements: ['a', 'b', 'c', 'd'].map((sort) => insert(sort)) },
    { Responses: codes.map((Code) => (Code ? { Error: { Code } } : {})) },
  );
  assert.deepEqual({ writeUnits, entries, resource }, { writeUnits: 3, entries: 4, resource: 't' });
  assert.equal(dollars, (3 * 0.625) / 1e6);
});

test('an update counts as the whole item that it leaves, and a delete as what it takes away', () => {
  const costs = createCosts({ stack: STACK });
  const update = {
    Statement: `UPDATE "${STACK}-t" SET "version" = ? SET "value" = ? REMOVE "object" WHERE "partition" = ? AND "sort" = ? AND "version" = ?`,
    Parameters: [{ N: '2' }, { S: 'x'.repeat(3_000) }, { S: 'p' }, { S: 's' }, { N: '1' }],
  };
  const remove = {
    Statement: `DELETE FROM "${STACK}-t" WHERE "partition" = ? AND "sort" = ?`,
    Parameters: [{ S: 'p' }, { S: 's' }],
  };
  const unitsOf = (Statement: object) =>
    costs.costOf(call('BatchExecuteStatement', { Statements: [Statement] })).writeUnits;
  assert.deepEqual([update, remove, remove].map(unitsOf), [3, 3, 1]);
});

test('an all-or-nothing write costs twice, also where it is cancelled', () => {
  const TransactItems = [
    { Put: { TableName: `${STACK}-t`, Item: { ...key('a'), value: { S: TEXT } } } },
    { Delete: { TableName: `${STACK}-t`, Key: key('b') } },
    {
      Update: {
        TableName: `${STACK}-t`,
        Key: key('c'),
        UpdateExpression: 'SET #version = if_not_exists(#version, :zero) + :one, #value = :value REMOVE #object',
        ExpressionAttributeNames: { '#version': 'version', '#value': 'value', '#object': 'object' },
        ExpressionAttributeValues: { ':zero': { N: '0' }, ':one': { N: '1' }, ':value': { S: 'x'.repeat(2_000) } },
      },
    },
  ];
  assert.equal(priced('TransactWriteItems', { TransactItems }).writeUnits, 2 * (1 + 1 + 2));
  const cancelled = { __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException' };
  assert.equal(priced('TransactWriteItems', { TransactItems }, cancelled, { status: 400 }).writeUnits, 8);
  const throttled = { __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException' };
  assert.equal(priced('TransactWriteItems', { TransactItems }, throttled, { status: 400 }).writeUnits, 0);
});

test('a read costs a unit for each begun 4 KB of each item, found or not, and half where it may be old', () => {
  const large = { ...key('a'), value: { S: 'x'.repeat(4_096) } };
  const asked = (ConsistentRead: boolean) => ({
    RequestItems: { [`${STACK}-t`]: { Keys: [key('a'), key('b'), key('c')], ConsistentRead } },
  });
  const found = {
    Responses: { [`${STACK}-t`]: [large] },
    UnprocessedKeys: { [`${STACK}-t`]: { Keys: [key('c')] } },
  };
  assert.equal(priced('BatchGetItem', asked(true), found).readUnits, 3);
  assert.equal(priced('BatchGetItem', asked(false), found).readUnits, 1.5);
  const one = { TableName: `${STACK}-t`, Key: key('a') };
  assert.equal(priced('GetItem', { ...one, ConsistentRead: true }).readUnits, 1);
  assert.equal(priced('GetItem', one, { Item: large }).readUnits, 1);
});

test('a query costs by its items together', () => {
  const query = {
    TableName: `${STACK}-audit-log`,
    ConsistentRead: true,
    ExpressionAttributeValues: { ':partition': { S: 'sluice.example/audit entries' } },
  };
  const Items = Array.from({ length: 50 }, (_, i) => ({ ...key(`${i}`), value: { S: TEXT } }));
  const { readUnits, resource } = priced('Query', query, { Items });
  assert.deepEqual({ readUnits, resource }, { readUnits: 2, resource: 'audit-log entries' });
});

test('a request to a queue is one for each begun 64 KiB, and dearer where messages have groups', () => {
  const sqs = { service: 'sqs' } as const;
  const queue = { QueueUrl: `http://queues/000000000000/${STACK}-sync` };
  const costs = createCosts({ stack: STACK });
  const millionths = (operation: string, request: object, response: object = {}) => {
    const { dollars, isIdle } = costs.costOf(call(operation, { ...queue, ...request }, response, sqs));
    return [Number((dollars * 1e6).toFixed(6)), isIdle];
  };
  const body = (length: number, more: object = {}) => ({ Entries: [{ MessageBody: 'x'.repeat(length), ...more }] });
  assert.deepEqual(millionths('SendMessageBatch', body(65_536)), [0.4, false]);
  assert.deepEqual(millionths('SendMessageBatch', body(65_537)), [0.8, false]);
  const attribute = { MessageAttributes: { sluice: { DataType: 'String', StringValue: '{}' } } };
  assert.deepEqual(millionths('SendMessageBatch', body(65_536 - 14, attribute)), [0.4, false]);
  assert.deepEqual(millionths('SendMessageBatch', body(65_536 - 13, attribute)), [0.8, false]);
  assert.deepEqual(millionths('ReceiveMessage', {}), [0.4, true]);
  assert.deepEqual(millionths('SendMessageBatch', body(1, { MessageGroupId: 'shopee-1' })), [0.5, false]);
  assert.deepEqual(millionths('ReceiveMessage', {}, { Messages: [{ Body: 'x' }] }), [0.5, false]);
  assert.deepEqual(millionths('ReceiveMessage', {}), [0.4, true]);
  assert.deepEqual(millionths('DeleteMessageBatch', {}), [0.5, false]);
});

test('objects and secrets have their prices, and what has none is not passed over', () => {
  const s3 = { service: 's3', path: '/acme-payloads-000000000000-eu-central-1/values/audit-log/0a1b' } as const;
  const put = priced('PutObject', {}, {}, s3);
  assert.deepEqual([put.dollars, put.resource], [5 / 1e6, 'payloads/values/audit-log']);
  assert.equal(priced('GetObject', {}, {}, s3).dollars, 0.4 / 1e6);
  assert.equal(priced('GetSecretValue', {}, {}, { service: 'secretsmanager' }).dollars, 5 / 1e6);
  assert.throws(() => priced('BatchWriteItem', {}), /BatchWriteItem/);
  assert.throws(() => priced('PutRule', {}, {}, { service: 'events' }), /PutRule/);
});
