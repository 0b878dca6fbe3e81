import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Random } from '#platform/runtime/random.ts';
import { createBatcher } from './batcher.ts';
import { asking } from './failures.ts';
import type { Row } from './values.ts';

/** Most keys of one call: DynamoDB's limit. */
const MAX_KEYS = 100;
/** Calls under way at once. */
const MAX_CALLS = 64;
/** How long a read waits for others, ms: alone, and while other calls are under way. */
const WAIT_MS = 2;
const PATIENCE_MS = 100;
/** Calls for keys that were left unprocessed without any that was not, and the longest pause before the second, ms. */
const MAX_TRIES = 6;
const PAUSE_MS = 50;

type Place = { table: string; partition: string; sort: string; mayBeOld: boolean };
type Unprocessed = NonNullable<BatchGetItemCommandOutput['UnprocessedKeys']>;

export type Reads = {
  /**
   * @param table its full name
   * @param options.mayBeOld a write of the last second may be missing, and the read costs half
   */
  get(
    table: string,
    partition: string,
    sort: string,
    options?: { mayBeOld?: boolean | undefined },
  ): Promise<Row | undefined>;
  close(): Promise<void>;
};

const keyOf = ({ table, partition, sort }: Omit<Place, 'mayBeOld'>): string => JSON.stringify([table, partition, sort]);

/** Reads of single items, strongly consistent where an old one won't do. Those at about the same time share a call. */
export function openReads(deps: { dynamodb: Pick<DynamoDBClient, 'send'>; clock: Clock; random: Random }): Reads {
  const { dynamodb, clock, random } = deps;

  async function getOne({ table, partition, sort, mayBeOld }: Place): Promise<Row | undefined> {
    const { Item } = await asking({ action: 'dynamodb:GetItem', of: `the table ${table}` }, () =>
      dynamodb.send(new GetItemCommand({ TableName: table, Key: itemKey(partition, sort), ConsistentRead: !mayBeOld })),
    );
    return Item;
  }

  async function getMany(places: readonly Place[]): Promise<Map<string, Row>> {
    const rows = new Map<string, Row>();
    const tables = [...new Set(places.map(({ table }) => table))];
    const asked = { action: 'dynamodb:BatchGetItem', of: `the tables ${tables.join(', ')}` };
    let left: Unprocessed = {};
    for (const { table, partition, sort, mayBeOld } of places) {
      left[table] ??= { Keys: [], ConsistentRead: false };
      left[table].Keys!.push(itemKey(partition, sort));
      left[table].ConsistentRead ||= !mayBeOld; // it is one for all keys of a table
    }
    for (let tries = 1; ; tries++) {
      const RequestItems = left;
      const { Responses = {}, UnprocessedKeys = {} } = await asking(asked, () =>
        dynamodb.send(new BatchGetItemCommand({ RequestItems })),
      );
      for (const [table, found] of Object.entries(Responses)) {
        for (const row of found) rows.set(keyOf({ table, partition: row.partition!.S!, sort: row.sort!.S! }), row);
      }
      // Keys are left where they were too many bytes together, or too much at once.
      if (countOf(UnprocessedKeys) === 0) return rows;
      if (countOf(UnprocessedKeys) < countOf(left)) tries = 1;
      left = UnprocessedKeys;
      if (tries === MAX_TRIES) {
        throw new Failure('retryable', `AWS throttles: it will be tried again (${asked.action} on ${asked.of})`, {
          code: 'engine-throttled',
        });
      }
      await clock.sleep(random.fraction() * PAUSE_MS * 2 ** (tries - 1));
    }
  }

  const settled = (found: Promise<Row | undefined>): Promise<Row | undefined | Failure> =>
    found.catch((thrown: unknown) => {
      if (thrown instanceof Failure) return thrown;
      throw thrown;
    });

  /** Where a call is refused, it may be for one table of several: then each read is told what becomes of it alone. */
  async function getAll(places: readonly Place[]): Promise<(place: Place) => Promise<Row | undefined | Failure>> {
    if (places.length === 1) return () => settled(getOne(places[0]!));
    try {
      const rows = await getMany(places);
      return async (place) => rows.get(keyOf(place));
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.kind !== 'permanent') throw thrown;
      return (place) => settled(getOne(place));
    }
  }

  const batcher = createBatcher<Place, Row | undefined | Failure>(
    { clock, maxItems: MAX_KEYS, waitMs: WAIT_MS, patienceMs: PATIENCE_MS, maxCalls: MAX_CALLS },
    async (places) => {
      // Of the same place, the read that must be new comes last and counts.
      const newestLast = places.toSorted((a, b) => Number(b.mayBeOld) - Number(a.mayBeOld));
      const distinct = new Map(newestLast.map((place) => [keyOf(place), place]));
      const find = await getAll([...distinct.values()]);
      const found = new Map([...distinct].map(([key, place]) => [key, find(place)]));
      return Promise.all(places.map((place) => found.get(keyOf(place))!));
    },
  );

  return {
    async get(table, partition, sort, { mayBeOld = false } = {}) {
      const found = await batcher.add({ table, partition, sort, mayBeOld });
      if (found instanceof Failure) throw found;
      return found;
    },
    close: () => batcher.drain(),
  };
}

export const itemKey = (partition: string, sort: string): Row => ({ partition: { S: partition }, sort: { S: sort } });

const countOf = (unprocessed: Unprocessed): number =>
  Object.values(unprocessed).reduce((sum, { Keys = [] }) => sum + Keys.length, 0);
