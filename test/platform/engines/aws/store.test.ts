import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { openStore } from '#platform/engines/aws/store.ts';
import type { Row } from '#platform/engines/aws/values.ts';
import type { Write } from '#platform/engines/engine.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

/** The port on a client that answers as `answer` says. */
function world(answer: (command: unknown) => unknown) {
  const asked: unknown[] = [];
  const client = {
    async send(command: unknown) {
      asked.push(command);
      return answer(command);
    },
  } as unknown as Pick<DynamoDBClient, 'send'>;
  const objects = { put: async () => assert.fail('an object'), get: async () => assert.fail('an object') };
  const deps = { dynamodb: client, dynamodbOnce: client, objects, clock: drivenClock(), random: seededRandom('store') };
  return { store: openStore(deps, { stack: 'acme' }), asked };
}

const row = (partition: string): Row => ({
  partition: { S: partition },
  sort: { S: 's' },
  version: { N: '1' },
  value: { S: `"of ${partition}"` },
});
const refusal = (name: string, rest: object = {}): Error =>
  Object.assign(new Error('refused'), { name, $fault: 'client', $metadata: {}, ...rest });
const writes: Write[] = ['a', 'b'].map((sort) => ({ table: 't', partition: 'p', sort, condition: 'absent', value: 1 }));

test('reads at about the same time are one call, each key once, and one alone is a plain read', async () => {
  const { store, asked } = world((command) => {
    if (command instanceof GetItemCommand) return { Item: row('alone') };
    assert.ok(command instanceof BatchGetItemCommand);
    const keys = command.input.RequestItems!['acme-t']!.Keys!;
    return { Responses: { 'acme-t': keys.map((key) => row(key.partition!.S!)) } };
  });
  const read = async (partition: string) => (await store.get('t', partition, 's'))?.value;
  assert.deepEqual(await Promise.all(['p', 'q', 'p'].map(read)), ['of p', 'of q', 'of p']);
  assert.equal(await read('alone'), 'of alone');
  const [batch, alone] = asked as [BatchGetItemCommand, GetItemCommand];
  assert.equal(asked.length, 2);
  assert.deepEqual(batch.input.RequestItems!['acme-t']!.Keys!.length, 2);
  assert.ok(batch.input.RequestItems!['acme-t']!.ConsistentRead && alone.input.ConsistentRead);
});

test('a read that may be old costs half, unless one in its call may not', async () => {
  const { store, asked } = world((command) => (command instanceof GetItemCommand ? {} : { Responses: {} }));
  const read = (partition: string, mayBeOld: boolean) => store.get('t', partition, 's', { mayBeOld });
  await read('p', true);
  await Promise.all([read('p', true), read('q', true)]);
  await Promise.all([read('p', true), read('p', false)]);
  await Promise.all([read('p', true), read('q', false)]);
  const [alone, old, sameTwice, mixed] = asked as [
    GetItemCommand,
    BatchGetItemCommand,
    GetItemCommand,
    BatchGetItemCommand,
  ];
  assert.deepEqual([alone.input.ConsistentRead, sameTwice.input.ConsistentRead], [false, true]);
  const isNew = ({ input }: BatchGetItemCommand) => input.RequestItems!['acme-t']!.ConsistentRead;
  assert.deepEqual([isNew(old), isNew(mixed)], [false, true]);
});

test('keys that were left unprocessed are asked for again', async () => {
  let calls = 0;
  const { store } = world((command) => {
    assert.ok(command instanceof BatchGetItemCommand);
    calls += 1;
    const { Keys } = command.input.RequestItems!['acme-t']!;
    const [first, ...left] = Keys!;
    const UnprocessedKeys = left.length > 0 ? { 'acme-t': { Keys: left, ConsistentRead: true } } : {};
    return { Responses: { 'acme-t': [row(first!.partition!.S!)] }, UnprocessedKeys };
  });
  const found = await Promise.all(['p', 'q', 'r'].map((partition) => store.get('t', partition, 's')));
  assert.deepEqual(
    found.map((item) => item?.value),
    ['of p', 'of q', 'of r'],
  );
  assert.equal(calls, 3);
});

test('keys that stay unprocessed are a retryable failure, not a missing item', async () => {
  const { store } = world((command) => ({
    Responses: {},
    UnprocessedKeys: (command as BatchGetItemCommand).input.RequestItems,
  }));
  const found = ['p', 'q'].map((partition) => store.get('t', partition, 's'));
  await Promise.all(found.map((read) => assert.rejects(read, { kind: 'retryable', code: 'engine-throttled' })));
});

test('a table that is missing fails its own reads, by name, and no others', async () => {
  const { store } = world((command) => {
    if (command instanceof GetItemCommand && command.input.TableName === 'acme-t') return { Item: row('p') };
    throw refusal('ResourceNotFoundException');
  });
  const [found, missing] = await Promise.allSettled([store.get('t', 'p', 's'), store.get('missing', 'p', 's')]);
  assert.ok(found?.status === 'fulfilled' && found.value?.value === 'of p');
  assert.ok(missing?.status === 'rejected');
  assert.match(String(missing.reason), /the table acme-missing is not there: check SLUICE_STACK/);
});

test('an unconditional write that the SDK sends twice, since its answer was lost, counts once', async () => {
  const { store } = world((command) => {
    assert.ok(command instanceof UpdateItemCommand);
    const { ConditionExpression, ExpressionAttributeValues: values } = command.input;
    assert.match(ConditionExpression!, /#writeToken <> :writeToken/);
    // What DynamoDB says to the second one.
    const Item = { ...row('p'), version: { N: '7' }, writeToken: values![':writeToken']! };
    throw new ConditionalCheckFailedException({ message: 'no', $metadata: {}, Item });
  });
  assert.deepEqual(await store.write([{ table: 't', partition: 'p', sort: 's', condition: 'none', value: 1 }]), [
    { ok: true, version: 7 },
  ]);
});

test('an all-or-nothing write that crosses another is tried again, each time as a new one', async () => {
  const tokens: (string | undefined)[] = [];
  const { store } = world((command) => {
    assert.ok(command instanceof TransactWriteItemsCommand);
    tokens.push(command.input.ClientRequestToken);
    if (tokens.length === 3) return {};
    const CancellationReasons = [{ Code: 'None' }, { Code: 'TransactionConflict' }];
    throw refusal('TransactionCanceledException', { CancellationReasons });
  });
  assert.equal(await store.writeAtomically(writes), true);
  assert.equal(new Set(tokens).size, 3);
});

test('an all-or-nothing write whose condition fails is false at once, whatever else met it', async () => {
  const { store, asked } = world(() => {
    const CancellationReasons = [{ Code: 'TransactionConflict' }, { Code: 'ConditionalCheckFailed' }];
    throw refusal('TransactionCanceledException', { CancellationReasons });
  });
  assert.equal(await store.writeAtomically(writes), false);
  assert.equal(asked.length, 1);
});

test('an all-or-nothing write that never gets through is a retryable failure', async () => {
  const { store } = world(() => {
    throw refusal('TransactionCanceledException', { CancellationReasons: [{ Code: 'ThrottlingError' }] });
  });
  await assert.rejects(store.writeAtomically(writes), { kind: 'retryable', code: 'engine-contended' });
});

test('a closed store takes nothing more', async () => {
  const { store } = world(() => assert.fail('it asked'));
  await store.close();
  await assert.rejects(store.get('t', 'p', 's'), { code: 'engine-closed' });
  await assert.rejects(store.write(writes), { code: 'engine-closed' });
});
