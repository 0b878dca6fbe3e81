import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  type BatchStatementError,
  type BatchStatementRequest,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Random } from '#platform/runtime/random.ts';
import { createBatcher } from './batcher.ts';
import { asEngineFailure, isThrottled, isUncertain } from './failures.ts';
import type { Row } from './values.ts';

/** Most statements of one call: DynamoDB's limit. */
const MAX_STATEMENTS = 25;
/** Calls under way at once. */
const MAX_CALLS = 64;
/** How long a write waits for others, ms: alone, and while other calls are under way. */
const WAIT_MS = 2;
const PATIENCE_MS = 100;
/** Tries of one write, and the longest pause before the second one, ms; it doubles. */
const MAX_TRIES = 6;
const PAUSE_MS = 50;
/** Tries whose outcome stayed unknown: each may have taken the client's whole timeout. */
const MAX_UNCERTAIN_TRIES = 3;

/** Bytes of a token; it has to differ only from those of the same item. */
const WRITE_TOKEN_BYTES = 6;

/** Codes of a statement's error that say that nothing was written, and that it may be tried again. */
const NOT_WRITTEN_YET = [
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'TransactionConflict',
];
const CONDITION_FAILED = ['ConditionalCheckFailed', 'DuplicateItem'];
/** Codes that are the same as an error of a whole call. */
const AS_EXCEPTION: Record<string, string> = {
  ResourceNotFound: 'ResourceNotFoundException',
  AccessDenied: 'AccessDeniedException',
};

/** A write to one item: an insert, an update or a delete. `attributes` are those beside key and version. */
export type ConditionalWrite = {
  /** the table's full name */
  table: string;
  partition: string;
  sort: string;
} & (
  | { condition: 'absent' | number; attributes: Row }
  /** a delete, of whatever is there or of one version */
  | { condition: 'none' | number; attributes: undefined }
);

/** `version`: after the write, 0 after a delete. `row`: what was there instead; undefined: it is not known, or nothing. */
export type ConditionalOutcome = { ok: true; version: number } | { ok: false; row: Row | undefined };

type Attempt = ConditionalWrite & {
  /** tells our own write from another's where the answer was lost */
  writeToken: string;
  /** a try was made of which nobody knows what came of it */
  isUncertain: boolean;
};

export type ConditionalWrites = {
  write(write: ConditionalWrite): Promise<ConditionalOutcome>;
  close(): Promise<void>;
};

const OK_DELETED: ConditionalOutcome = { ok: true, version: 0 };

/**
 * Conditional writes, up to 25 in a call, as PartiQL statements: each with its own condition, error and old item
 * (BatchWriteItem knows no conditions, TransactWriteItems costs double). A try whose answer was lost may have succeeded, so
 * each write carries a token by which the next try knows it again.
 */
export function openConditionalWrites(
  { dynamodbOnce, clock, random }: { dynamodbOnce: Pick<DynamoDBClient, 'send'>; clock: Clock; random: Random },
  { readRow }: { readRow(table: string, partition: string, sort: string): Promise<Row | undefined> },
): ConditionalWrites {
  const pause = (tries: number) => clock.sleep(random.fraction() * PAUSE_MS * 2 ** (tries - 1));

  async function judge(attempt: Attempt, { Code, Item }: BatchStatementError): Promise<ConditionalOutcome> {
    // AWS documents the old item for a failed condition, not for an insert that finds one.
    const row =
      Item ?? (Code === 'DuplicateItem' ? await readRow(attempt.table, attempt.partition, attempt.sort) : undefined);
    if (attempt.condition === 'none') return OK_DELETED; // there is nothing to delete
    if (!attempt.isUncertain) return { ok: false, row };
    const version = row?.version?.N === undefined ? undefined : Number(row.version.N);
    const own = attempt.condition === 'absent' ? 1 : attempt.condition + 1;
    // Whoever holds the version that this write would have made is the one who made it.
    if (attempt.attributes !== undefined && version === own) {
      return row?.writeToken?.S === attempt.writeToken ? { ok: true, version: own } : { ok: false, row };
    }
    throw unknownOutcome(attempt);
  }

  /** The outcome of one statement; undefined: it is to be tried again. */
  async function outcomeOf(
    attempt: Attempt,
    response: { Error?: BatchStatementError | undefined; Item?: Row | undefined } | undefined,
  ): Promise<ConditionalOutcome | Failure | undefined> {
    const code = response?.Error?.Code;
    if (response === undefined || code === 'InternalServerError') {
      attempt.isUncertain = true;
      return undefined;
    }
    if (code === undefined) return done(attempt, response.Item);
    if (NOT_WRITTEN_YET.includes(code)) return undefined;
    try {
      if (CONDITION_FAILED.includes(code)) return await judge(attempt, response.Error!);
      throw Object.assign(new Error(code), { name: AS_EXCEPTION[code] ?? code, $fault: 'client', $metadata: {} });
    } catch (thrown) {
      return failureOf(thrown, attempt);
    }
  }

  async function execute(attempts: readonly Attempt[]): Promise<(ConditionalOutcome | Failure)[]> {
    const outcomes = new Map<Attempt, ConditionalOutcome | Failure>();
    let left = attempts;
    let uncertainTries = 0;
    for (let tries = 1; ; tries++) {
      try {
        const command = new BatchExecuteStatementCommand({ Statements: left.map(statementOf) });
        const { Responses = [] } = await dynamodbOnce.send(command);
        const found = await Promise.all(left.map((attempt, i) => outcomeOf(attempt, Responses[i])));
        left.forEach((attempt, i) => {
          outcomes.set(attempt, found[i] ?? unsettled(attempt));
        });
        left = left.filter((_, i) => found[i] === undefined);
      } catch (thrown) {
        const isUnknown = isUncertain(thrown);
        for (const attempt of left) {
          attempt.isUncertain ||= isUnknown;
          outcomes.set(attempt, failureOf(thrown, attempt));
        }
        if (isUnknown) uncertainTries += 1;
        else if (!isThrottled(thrown)) {
          // It may be refused for one table of several: then each write is told what becomes of it alone.
          if (left.length > 1) {
            const alone = await Promise.all(left.map((attempt) => execute([attempt])));
            left.forEach((attempt, i) => {
              outcomes.set(attempt, alone[i]![0]!);
            });
          }
          left = [];
        }
      }
      if (left.length === 0 || tries === MAX_TRIES || uncertainTries === MAX_UNCERTAIN_TRIES) break;
      await pause(tries);
    }
    return attempts.map((attempt) => outcomes.get(attempt)!);
  }

  const batcher = createBatcher<ConditionalWrite, ConditionalOutcome | Failure>(
    {
      clock,
      maxItems: MAX_STATEMENTS,
      // Two statements about one item in one call are refused.
      keyOf: ({ table, partition, sort }) => JSON.stringify([table, partition, sort]),
      waitMs: WAIT_MS,
      patienceMs: PATIENCE_MS,
      maxCalls: MAX_CALLS,
    },
    (writes) => execute(writes.map((write) => ({ ...write, writeToken: newWriteToken(random), isUncertain: false }))),
  );

  return {
    async write(write) {
      const outcome = await batcher.add(write);
      if (outcome instanceof Failure) throw outcome;
      return outcome;
    },
    close: () => batcher.drain(),
  };
}

function done(attempt: Attempt, deleted: Row | undefined): ConditionalOutcome | Failure {
  const { condition, attributes, isUncertain } = attempt;
  if (attributes !== undefined) return { ok: true, version: condition === 'absent' ? 1 : Number(condition) + 1 };
  // A delete of what is not there succeeds, whatever its condition; only the old item tells.
  if (condition === 'none' || deleted !== undefined) return OK_DELETED;
  return isUncertain ? unknownOutcome(attempt) : { ok: false, row: undefined };
}

/** What is no error of the SDK is one of ours, and is thrown. */
function failureOf(thrown: unknown, attempt: Attempt): Failure {
  const failure = asEngineFailure(thrown, asked(attempt));
  if (failure instanceof Failure) return failure;
  throw thrown;
}

const KEY_IS = '"partition" = ? AND "sort" = ?';

function statementOf({ table, partition, sort, condition, attributes, writeToken }: Attempt): BatchStatementRequest {
  const key: AttributeValue[] = [{ S: partition }, { S: sort }];
  const version = (n: number): AttributeValue => ({ N: String(n) });
  const rest = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  if (attributes === undefined) {
    const Statement = `DELETE FROM "${table}" WHERE ${KEY_IS}`;
    if (condition === 'none') return { Statement, Parameters: key };
    return {
      Statement: `${Statement} AND "version" = ? RETURNING ALL OLD *`,
      Parameters: [...key, version(Number(condition))],
      ...rest,
    };
  }
  const set: Row = { ...attributes, writeToken: { S: writeToken } };
  if (condition === 'absent') {
    const item: Row = { partition: key[0]!, sort: key[1]!, version: version(1), ...set };
    const members = Object.keys(item).map((name) => `'${name}': ?`);
    return {
      Statement: `INSERT INTO "${table}" VALUE {${members.join(', ')}}`,
      Parameters: Object.values(item),
      ...rest,
    };
  }
  const after: Row = { version: version(condition + 1), ...set };
  const sets = Object.keys(after).map((name) => `SET "${name}" = ?`);
  const removes = absentIn(after).map((name) => `REMOVE "${name}"`);
  return {
    Statement: `UPDATE "${table}" ${[...sets, ...removes].join(' ')} WHERE ${KEY_IS} AND "version" = ?`,
    Parameters: [...Object.values(after), ...key, version(condition)],
    ...rest,
  };
}

/** Which of the attributes that an item may have are not among these, and are to be removed by an update. */
export const absentIn = (row: Row): string[] =>
  ['value', 'object', 'expiresAt', 'ttl', 'writeToken'].filter((name) => !(name in row));

/** A name for one write that no other has. */
export const newWriteToken = (random: Pick<Random, 'hex'>): string => random.hex(WRITE_TOKEN_BYTES);

const asked = ({ table, attributes, condition }: ConditionalWrite) => ({
  action: `dynamodb:PartiQL${attributes === undefined ? 'Delete' : condition === 'absent' ? 'Insert' : 'Update'}`,
  of: `the table ${table}`,
});

const unknownOutcome = (write: ConditionalWrite): Failure => {
  const { action, of } = asked(write);
  const message = `it is not known whether a write was done: it will be tried again (${action} on ${of})`;
  return new Failure('retryable', message, { code: 'engine-outcome-unknown' });
};

const unsettled = (attempt: Attempt): Failure => {
  if (attempt.isUncertain) return unknownOutcome(attempt);
  const { action, of } = asked(attempt);
  return new Failure('retryable', `AWS throttles: it will be tried again (${action} on ${of})`, {
    code: 'engine-throttled',
  });
};
