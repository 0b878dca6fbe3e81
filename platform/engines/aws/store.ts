import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item, Store, Write, WriteResult } from '#platform/engines/engine.ts';
import { MAX_ATOMIC_WRITES } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Random } from '#platform/runtime/random.ts';
import { absentIn, newWriteToken, openConditionalWrites } from './conditional-writes.ts';
import { asking, closed } from './failures.ts';
import { tableName } from './names.ts';
import type { Objects } from './objects.ts';
import { itemKey, openReads } from './reads.ts';
import { openValues, type Row } from './values.ts';

/** Tries of an all-or-nothing write that crosses others, and the longest pause before the second one, ms; it doubles. */
const MAX_ATOMIC_TRIES = 8;
const ATOMIC_PAUSE_MS = 25;

export type StoreDeps = {
  dynamodb: Pick<DynamoDBClient, 'send'>;
  dynamodbOnce: Pick<DynamoDBClient, 'send'>;
  objects: Objects;
  clock: Clock;
  random: Random;
};

/** The port over one DynamoDB table for each of its tables, with the keys `partition` and `sort`. */
export function openStore(
  { dynamodb, dynamodbOnce, objects, clock, random }: StoreDeps,
  { stack }: { stack: string },
): Store & { close(): Promise<void> } {
  const nameOf = (table: string): string => tableName(stack, table);
  const asked = (action: string, table: string) => ({
    action: `dynamodb:${action}`,
    of: `the table ${nameOf(table)}`,
  });
  const reads = openReads({ dynamodb, clock, random });
  const conditionalWrites = openConditionalWrites({ dynamodbOnce, clock, random }, { readRow: reads.get });
  const values = openValues({
    objects,
    random,
    async arn(table) {
      const { Table } = await asking(asked('DescribeTable', table), () =>
        dynamodb.send(new DescribeTableCommand({ TableName: nameOf(table) })),
      );
      return Table?.TableArn ?? '';
    },
  });
  let isClosed = false;

  function requireOpen(): void {
    if (isClosed) throw closed();
  }

  const decodeAll = (table: string, rows: readonly Row[]): Promise<Item[]> =>
    Promise.all(rows.map((row) => values.decode(table, row)));

  /** Writes whatever is there. The token lets the SDK's second try see that the first one, whose answer was lost, was done. */
  async function put({ table, partition, sort }: Write, attributes: Row): Promise<WriteResult> {
    const token: AttributeValue = { S: newWriteToken(random) };
    const update = updateOf(nameOf(table), partition, sort, { ...attributes, writeToken: token });
    const row = await asking(asked('UpdateItem', table), async () => {
      try {
        const command = new UpdateItemCommand({
          ...update,
          ConditionExpression: 'attribute_not_exists(#writeToken) OR #writeToken <> :writeToken',
          ReturnValues: 'UPDATED_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        });
        return (await dynamodb.send(command)).Attributes;
      } catch (thrown) {
        if (!(thrown instanceof ConditionalCheckFailedException)) throw thrown;
        return thrown.Item;
      }
    });
    return { ok: true, version: Number(row?.version?.N) };
  }

  async function writeOne(write: Write): Promise<WriteResult> {
    const { table, partition, sort, condition, value } = write;
    const place = { table: nameOf(table), partition, sort };
    const attributes = value === null ? undefined : await values.encode(table, write, { isAtomic: false });
    if (attributes === undefined && condition === 'absent') return deleteAbsent(table, partition, sort);
    if (attributes !== undefined && condition === 'none') return put(write, attributes);
    const outcome = await conditionalWrites.write({ ...place, condition, attributes } as Parameters<
      typeof conditionalWrites.write
    >[0]);
    if (outcome.ok) return outcome;
    return { ok: false, conflict: outcome.row && (await values.decode(table, outcome.row)) };
  }

  /** To delete what is not there is to look whether it is. */
  async function deleteAbsent(table: string, partition: string, sort: string): Promise<WriteResult> {
    const row = await reads.get(nameOf(table), partition, sort);
    return row ? { ok: false, conflict: await values.decode(table, row) } : { ok: true, version: 0 };
  }

  async function transactItem(write: Write): Promise<TransactWriteItem> {
    const { table, partition, sort, condition, value } = write;
    const TableName = nameOf(table);
    const on = conditionOf(condition);
    if (value === null) return { Delete: { TableName, Key: itemKey(partition, sort), ...on } };
    const attributes = await values.encode(table, write, { isAtomic: true });
    if (condition === 'none') return { Update: updateOf(TableName, partition, sort, attributes) };
    const version = { N: String(condition === 'absent' ? 1 : condition + 1) };
    return { Put: { TableName, Item: { ...itemKey(partition, sort), version, ...attributes }, ...on } };
  }

  return {
    async get(table, partition, sort, options) {
      requireOpen();
      const row = await reads.get(nameOf(table), partition, sort, options);
      return row && values.decode(table, row);
    },

    async write(writes) {
      requireOpen();
      const results = new Array<WriteResult>(writes.length);
      // Writes to one item in one call are done in their order.
      const turns = Map.groupBy(writes.keys(), (i) => keyOf(writes[i]!));
      await Promise.all(
        [...turns.values()].map(async (indexes) => {
          for (const i of indexes) results[i] = await writeOne(writes[i]!);
        }),
      );
      return results;
    },

    async writeAtomically(writes) {
      requireOpen();
      requireAtomic(writes);
      if (writes.length === 0) return true;
      // One item by itself is all or none anyway, costs half, and may share a call.
      if (writes.length === 1) return (await writeOne(writes[0]!)).ok;
      const TransactItems = await Promise.all(writes.map(transactItem));
      const tables = [...new Set(writes.map(({ table }) => nameOf(table)))].join(', ');
      const of = `the tables ${tables}`;
      for (let tries = 1; tries <= MAX_ATOMIC_TRIES; tries++) {
        // A token, so that the SDK's own tries count once; a cancelled try wrote nothing, so the next has a new one.
        const command = new TransactWriteItemsCommand({ TransactItems, ClientRequestToken: random.hex(16) });
        const cancelled = await asking({ action: 'dynamodb:TransactWriteItems', of }, () =>
          dynamodb.send(command).then(() => undefined, cancellationOf),
        );
        if (cancelled === undefined) return true;
        if (cancelled.includes('ConditionalCheckFailed')) return false;
        const refused = cancelled.find(
          (code) => code === 'ValidationError' || code === 'ItemCollectionSizeLimitExceeded',
        );
        if (refused !== undefined) {
          throw new Failure('permanent', `AWS refuses an all-or-nothing write: ${refused} (${of})`, {
            code: 'engine-refused',
          });
        }
        await clock.sleep(random.fraction() * ATOMIC_PAUSE_MS * 2 ** (tries - 1));
      }
      const message = `an all-or-nothing write crosses others again and again: it will be tried again (${of})`;
      throw new Failure('retryable', message, { code: 'engine-contended' });
    },

    async range(table, partition, options) {
      requireOpen();
      const { from, to, limit, reverse = false } = options;
      if (limit <= 0 || (to !== undefined && Buffer.compare(Buffer.from(from ?? ''), Buffer.from(to)) >= 0)) return [];
      const query = queryOf(nameOf(table), partition, { from, to });
      const rows: Row[] = [];
      let ExclusiveStartKey: Row | undefined;
      do {
        // One more than is missing, since BETWEEN gives its end too.
        const Limit = limit - rows.length + 1;
        const command = new QueryCommand({
          ...query,
          ConsistentRead: true,
          ScanIndexForward: !reverse,
          Limit,
          ExclusiveStartKey,
        });
        const { Items = [], LastEvaluatedKey } = await asking(asked('Query', table), () => dynamodb.send(command));
        rows.push(...Items.filter((row) => row.sort!.S !== to));
        ExclusiveStartKey = LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined && rows.length < limit);
      return decodeAll(table, rows.slice(0, limit));
    },

    async close() {
      isClosed = true;
      await Promise.all([reads.close(), conditionalWrites.close()]);
    },
  };
}

const keyOf = ({ table, partition, sort }: Write): string => JSON.stringify([table, partition, sort]);

function requireAtomic(writes: readonly Write[]): void {
  if (writes.length > MAX_ATOMIC_WRITES) {
    throw new RangeError(`${writes.length} items in one atomic write, ${MAX_ATOMIC_WRITES} is the most`);
  }
  if (new Set(writes.map(keyOf)).size < writes.length) {
    throw new RangeError('an atomic write names the same item twice');
  }
}

/** An update that raises the version of what is there, or begins at 1. */
function updateOf(TableName: string, partition: string, sort: string, attributes: Row) {
  const names = Object.keys(attributes);
  const removed = absentIn(attributes);
  const sets = ['#version = if_not_exists(#version, :zero) + :one', ...names.map((name) => `#${name} = :${name}`)];
  return {
    TableName,
    Key: itemKey(partition, sort),
    UpdateExpression: `SET ${sets.join(', ')} REMOVE ${removed.map((name) => `#${name}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(['version', ...names, ...removed].map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ':zero': { N: '0' },
      ':one': { N: '1' },
      ...Object.fromEntries(names.map((name) => [`:${name}`, attributes[name]!])),
    },
  };
}

function conditionOf(condition: Write['condition']) {
  if (condition === 'none') return {};
  if (condition === 'absent') {
    return {
      ConditionExpression: 'attribute_not_exists(#version)',
      ExpressionAttributeNames: { '#version': 'version' },
    };
  }
  return {
    ConditionExpression: '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':version': { N: String(condition) } },
  };
}

/** No key is empty in DynamoDB, and none may be asked for: a range from the empty string has no beginning. */
function queryOf(
  TableName: string,
  partition: string,
  { from, to }: { from?: string | undefined; to?: string | undefined },
) {
  const bounds =
    from && to !== undefined
      ? ' AND #sort BETWEEN :from AND :to'
      : from
        ? ' AND #sort >= :from'
        : to !== undefined
          ? ' AND #sort < :to'
          : '';
  return {
    TableName,
    KeyConditionExpression: `#partition = :partition${bounds}`,
    ExpressionAttributeNames: { '#partition': 'partition', ...(bounds === '' ? {} : { '#sort': 'sort' }) },
    ExpressionAttributeValues: {
      ':partition': { S: partition },
      ...(from ? { ':from': { S: from } } : {}),
      ...(to === undefined ? {} : { ':to': { S: to } }),
    },
  } satisfies QueryCommandInput;
}

/** The codes of a cancelled transaction's reasons; rethrows everything else. */
function cancellationOf(thrown: unknown): string[] {
  if (!(thrown instanceof Error) || thrown.name !== 'TransactionCanceledException') throw thrown;
  const { CancellationReasons = [] } = thrown as TransactionCanceledException;
  return CancellationReasons.flatMap(({ Code }) => (Code === undefined || Code === 'None' ? [] : [Code]));
}
