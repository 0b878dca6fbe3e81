import type {
  BatchExecuteStatementCommand,
  BatchStatementRequest,
  BatchStatementResponse,
} from '@aws-sdk/client-dynamodb';
import type { Row } from '#platform/engines/aws/values.ts';

/** What becomes of a call or of a statement; `lost`: it was done, and nobody hears of it. */
export type Fault = 'none' | 'not sent' | 'lost' | 'throttled' | 'statement throttled' | 'statement lost';

/**
 * The statements that the engine sends, as AWS documents them: an update of what is not there fails, a delete of it
 * succeeds, an insert that finds an item does not show it. Two statements about one item in one call are an error.
 */
export function partiqlTable(nextFault: () => Fault) {
  const rows = new Map<string, Row>();
  const counts = { calls: 0, statements: 0 };

  function run({ Statement = '', Parameters = [] }: BatchStatementRequest): BatchStatementResponse {
    const names = [...Statement.matchAll(/(?:SET "(\w+)" = \?|'(\w+)': \?)/g)].map((match) => match[1] ?? match[2]!);
    const set = Object.fromEntries(names.map((name, i) => [name, Parameters[i]!]));
    if (Statement.startsWith('INSERT')) {
      const key = `${set.partition?.S} ${set.sort?.S}`;
      if (rows.has(key)) return { Error: { Code: 'DuplicateItem' } };
      rows.set(key, set);
      return {};
    }
    const [partition, sort, version] = Parameters.slice(names.length);
    const key = `${partition?.S} ${sort?.S}`;
    const row = rows.get(key);
    const isDelete = Statement.startsWith('DELETE');
    if (!row) return isDelete ? {} : { Error: { Code: 'ConditionalCheckFailed' } };
    if (version && row.version?.N !== version.N) return { Error: { Code: 'ConditionalCheckFailed', Item: row } };
    if (isDelete) rows.delete(key);
    else rows.set(key, { ...row, ...set });
    return Statement.includes('RETURNING ALL OLD') ? { Item: row } : {};
  }

  const keyOf = ({ Statement = '', Parameters = [] }: BatchStatementRequest): string => {
    const at = Statement.startsWith('INSERT') ? 0 : Statement.split(' WHERE ')[0]!.split('?').length - 1;
    return JSON.stringify(Parameters.slice(at, at + 2));
  };

  return {
    rows,
    counts,
    send: async (command: BatchExecuteStatementCommand): Promise<{ Responses: BatchStatementResponse[] }> => {
      const { Statements = [] } = command.input;
      counts.calls += 1;
      counts.statements += Statements.length;
      if (new Set(Statements.map(keyOf)).size < Statements.length || Statements.length > 25) {
        throw Object.assign(new Error('refused'), { name: 'ValidationException', $fault: 'client', $metadata: {} });
      }
      const fault = nextFault();
      const timeout = Object.assign(new Error('no answer'), { name: 'TimeoutError', code: 'ETIMEDOUT' });
      if (fault === 'not sent') throw timeout;
      if (fault === 'throttled') {
        throw Object.assign(new Error('slow down'), { name: 'ThrottlingException', $fault: 'client', $metadata: {} });
      }
      const Responses = Statements.map((statement, i) => {
        if (i > 0 || !fault.startsWith('statement')) return run(statement);
        if (fault === 'statement throttled') return { Error: { Code: 'ThrottlingError' as const } };
        run(statement);
        return { Error: { Code: 'InternalServerError' as const } };
      });
      if (fault === 'lost') throw timeout;
      return { Responses };
    },
  };
}
