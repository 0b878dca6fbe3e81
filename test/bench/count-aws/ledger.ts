import { type Call, type Cost, createCosts } from './costs.ts';

/** All calls of one kind: by one function, of one operation, about the same queues or tables. */
export type Row = Pick<Cost, 'resource' | 'entries' | 'writeUnits' | 'readUnits' | 'dollars'> & {
  caller: string;
  operation: string;
  calls: number;
  /** polls among them that brought nothing */
  idleCalls: number;
};

export type Ledger = {
  record(call: Call): void;
  /** What was recorded since it was last taken. */
  take(): Row[];
  /** when the last call was answered that was no idle poll, epoch ms */
  lastCallAt(): number;
};

/** Writes down what calls cost. What it can't price is thrown when it is taken. */
export function createLedger({ now, stack }: { now(): number; stack: string }): Ledger {
  const costs = createCosts({ stack });
  let rows = new Map<string, Row>();
  let problem: unknown;
  let lastCallAt = now();

  return {
    record(call) {
      try {
        const { caller, operation } = call;
        const { isIdle, resource, ...cost } = costs.costOf(call);
        const key = `${caller}\n${operation}\n${resource}`;
        const row = rows.get(key) ?? { ...EMPTY, caller, operation, resource };
        rows.set(key, row);
        row.calls += 1;
        row.idleCalls += isIdle ? 1 : 0;
        row.entries += cost.entries;
        row.writeUnits += cost.writeUnits;
        row.readUnits += cost.readUnits;
        row.dollars += cost.dollars;
        if (!isIdle) lastCallAt = now();
      } catch (thrown) {
        problem ??= thrown;
      }
    },
    take() {
      if (problem !== undefined) throw problem;
      const taken = [...rows.values()];
      rows = new Map();
      return taken.sort((a, b) => b.dollars - a.dollars);
    },
    lastCallAt: () => lastCallAt,
  };
}

const READS = ['GetItem', 'BatchGetItem', 'Query'];

/**
 * Is it for the archive, the copy of the audit log in a bucket that nobody can change? That is made once a minute, of what is
 * in the log already; nobody else reads them here.
 */
export const isForArchive = ({ caller, operation, resource }: Row): boolean =>
  caller === 'audit-log' &&
  (/^audit\/|audit-log archive/.test(resource) ||
    operation === 'GetObject' ||
    (READS.includes(operation) && /audit-log (entries|tile|retention)/.test(resource)));

const EMPTY = { calls: 0, idleCalls: 0, entries: 0, writeUnits: 0, readUnits: 0, dollars: 0 };

export type Totals = typeof EMPTY;

export const totalsOf = (rows: readonly Row[]): Totals =>
  rows.reduce<Totals>(
    (sum, row) => ({
      calls: sum.calls + row.calls,
      idleCalls: sum.idleCalls + row.idleCalls,
      entries: sum.entries + row.entries,
      writeUnits: sum.writeUnits + row.writeUnits,
      readUnits: sum.readUnits + row.readUnits,
      dollars: sum.dollars + row.dollars,
    }),
    EMPTY,
  );

/** Calls by operation, the most frequent first. */
export function callsOf(rows: readonly Row[]): Record<string, number> {
  const byOperation = new Map<string, number>();
  for (const { operation, calls } of rows) byOperation.set(operation, (byOperation.get(operation) ?? 0) + calls);
  return Object.fromEntries([...byOperation].sort(([, a], [, b]) => b - a));
}
