import { type Item, readUnitsOf, sizeOf, writeUnitsOf } from './items.ts';
import { EVENTUAL_FACTOR, PRICES, SQS_REQUEST_BYTES, TRANSACTION_FACTOR } from './prices.ts';
import { type ItemWrite, partitionOf, statementOf, transactWriteOf, updateOf } from './writes.ts';

/** One call as it went through the proxy; bodies are JSON where the service speaks it, undefined elsewhere. */
export type Call = {
  /** which function made it */
  caller: string;
  service: 'sqs' | 'dynamodb' | 'secretsmanager' | 's3' | 'events' | 'other';
  operation: string;
  /** of S3: the path */
  path: string;
  request: Record<string, unknown> | undefined;
  response: Record<string, unknown> | undefined;
  status: number;
};

/** What a call costs. */
export type Cost = {
  /** short names of the queues, tables, … that it was about */
  resource: string;
  /** messages or items in it */
  entries: number;
  writeUnits: number;
  readUnits: number;
  dollars: number;
  /** a poll that brought nothing */
  isIdle: boolean;
};

type Message = {
  MessageId?: string;
  Body?: string;
  MessageBody?: string;
  MessageGroupId?: string;
  MessageAttributes?: Record<string, { DataType?: string; StringValue?: string }>;
  Attributes?: { MessageGroupId?: string };
};
type Place = Pick<ItemWrite, 'table' | 'partition'>;
type Keys = Record<string, { Keys: Item[]; ConsistentRead?: boolean }>;

const DOLLAR_UNIT = 1e6;
const FREE = { entries: 0, writeUnits: 0, readUnits: 0, dollars: 0, isIdle: false };
/** errors of a write that cost nothing: it was not even looked at */
const NOT_CHARGED = ['Throttl', 'ProvisionedThroughput', 'RequestLimit', 'InternalServer', 'ResourceNotFound'];

/**
 * Prices calls one by one. It remembers the size of every item that was written, since a write costs by the larger of what
 * was there and what is there afterwards, one whose condition fails too.
 */
export function createCosts({ stack }: { stack: string }) {
  const sizes = new Map<string, number>();
  /** queues that hold messages with groups */
  const fair = new Set<string>();
  const short = (name: string): string => name.replace(`${stack}-`, '');
  /** Of the audit log also which kind of item it is: `audit-log tile/0`. */
  const nameOf = ({ table, partition }: Place): string =>
    short(table) === 'audit-log' ? `audit-log ${partition.replace(/^.* /, '')}` : short(table);

  function sqs({ operation, request = {}, response = {} }: Call): Cost {
    const resource = short(String(request.QueueUrl ?? request.QueueName ?? '').replace(/^.*\//, ''));
    const sent = (request.Entries ?? []) as Message[];
    const received = (response.Messages ?? []) as Message[];
    const all = [...sent, ...received];
    const bytes = all.reduce((sum, message) => sum + messageBytes(message), 0);
    if (all.some(({ MessageGroupId, Attributes }) => MessageGroupId ?? Attributes?.MessageGroupId)) fair.add(resource);
    const isIdle = operation === 'ReceiveMessage' && received.length === 0;
    const price = PRICES.sqsRequest + (fair.has(resource) && !isIdle ? PRICES.sqsFairRequest : 0);
    const requests = Math.max(1, Math.ceil(bytes / SQS_REQUEST_BYTES));
    return { ...FREE, resource, entries: all.length, dollars: (requests * price) / DOLLAR_UNIT, isIdle };
  }

  function written({ table, key, after }: ItemWrite, outcome: 'done' | 'failed', factor = 1): number {
    const name = `${table} ${key}`;
    const before = sizes.get(name) ?? 0;
    if (outcome === 'done') sizes.set(name, after);
    return factor * writeUnitsOf(Math.max(before, after));
  }

  function dynamodb(call: Call): Cost {
    const { operation, request = {}, response = {}, status } = call;
    const type = String(response.__type ?? '');
    const isFailed = status >= 400;
    const isCharged = !isFailed || /ConditionalCheckFailed|TransactionCanceled/.test(type);
    const outcome = isFailed ? 'failed' : 'done';
    const cost = (places: readonly Place[], units: { writeUnits?: number; readUnits?: number }): Cost => {
      const { writeUnits = 0, readUnits = 0 } = isCharged ? units : {};
      const dollars = (writeUnits * PRICES.writeUnit + readUnits * PRICES.readUnit) / DOLLAR_UNIT;
      const resource = [...new Set(places.map(nameOf))].sort().join(', ');
      return { ...FREE, resource, entries: places.length, writeUnits, readUnits, dollars };
    };
    switch (operation) {
      case 'BatchExecuteStatement': {
        const writes = (request.Statements as Parameters<typeof statementOf>[0][]).map(statementOf);
        const responses = (response.Responses ?? []) as { Error?: { Code?: string } }[];
        const writeUnits = writes.map((write, i) => {
          const code = responses[i]?.Error?.Code;
          if (code !== undefined && NOT_CHARGED.some((begin) => code.startsWith(begin))) return 0;
          return written(write, code === undefined ? outcome : 'failed');
        });
        return cost(writes, { writeUnits: sum(writeUnits) });
      }
      case 'TransactWriteItems': {
        const writes = (request.TransactItems as Parameters<typeof transactWriteOf>[0][]).map(transactWriteOf);
        const writeUnits = sum(writes.map((write) => written(write, outcome, TRANSACTION_FACTOR)));
        return cost(writes, { writeUnits });
      }
      case 'UpdateItem': {
        const write = updateOf(request as Parameters<typeof updateOf>[0]);
        return cost([write], { writeUnits: written(write, outcome) });
      }
      case 'GetItem': {
        const { Item } = response as { Item?: Item };
        const readUnits = readUnitsOf(Item ? sizeOf(Item) : 0) * consistency(request);
        const place = { table: String(request.TableName), partition: partitionOf(request.Key as Item) };
        return cost([place], { readUnits });
      }
      case 'BatchGetItem': {
        const asked = request.RequestItems as Keys;
        const found = (response.Responses ?? {}) as Record<string, Item[]>;
        const left = (response.UnprocessedKeys ?? {}) as Keys;
        const tables = Object.keys(asked);
        const readUnits = tables.map((table) => {
          const items = found[table] ?? [];
          const missing = asked[table]!.Keys.length - items.length - (left[table]?.Keys.length ?? 0);
          return (sum(items.map((item) => readUnitsOf(sizeOf(item)))) + missing) * consistency(asked[table]!);
        });
        const places = tables.flatMap((table) =>
          asked[table]!.Keys.map((key) => ({ table, partition: partitionOf(key) })),
        );
        return cost(places, { readUnits: sum(readUnits) });
      }
      case 'Query': {
        const items = (response.Items ?? []) as Item[];
        const readUnits = readUnitsOf(sum(items.map(sizeOf))) * consistency(request);
        const values = request.ExpressionAttributeValues as Item;
        return cost([{ table: String(request.TableName), partition: values[':partition']!.S! }], { readUnits });
      }
      case 'DescribeTable':
        return { ...FREE, resource: short(String(request.TableName)) };
      default:
        throw new Error(`the engine makes no call ${operation}`);
    }
  }

  function s3({ operation, path }: Call): Cost {
    // `/<stack>-payloads-<account>-<region>/values/audit-log/…`
    const [, bucket = '', ...key] = path.split('/');
    const resource = `${short(bucket).replace(/-\d{12}-.*$/, '')}/${key.slice(0, 2).join('/')}`;
    const price = operation === 'PutObject' ? PRICES.s3Put : PRICES.s3Get;
    return { ...FREE, resource, entries: 1, dollars: price / DOLLAR_UNIT };
  }

  return {
    costOf(call: Call): Cost {
      if (call.service === 'sqs') return sqs(call);
      if (call.service === 'dynamodb') return dynamodb(call);
      if (call.service === 's3') return s3(call);
      if (call.service === 'secretsmanager') {
        return { ...FREE, resource: 'secrets', entries: 1, dollars: PRICES.secretsCall / DOLLAR_UNIT };
      }
      throw new Error(`the functions call no other service: ${call.operation} ${call.path}`);
    },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const consistency = ({ ConsistentRead }: { ConsistentRead?: unknown }): number =>
  ConsistentRead ? 1 : EVENTUAL_FACTOR;

/** body and attributes with their names and types (SQS developer guide, message quotas) */
function messageBytes({ Body, MessageBody, MessageAttributes = {} }: Message): number {
  const attributes = Object.entries(MessageAttributes).map(
    ([name, { DataType = '', StringValue = '' }]) =>
      Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue),
  );
  return Buffer.byteLength(Body ?? MessageBody ?? '') + sum(attributes);
}
