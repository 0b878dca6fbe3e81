import { MAX_DELAY_MS } from '#platform/engines/engine.ts';
import type { AuditReader, FoundEntry } from '#platform/state/audit-log/reader.ts';
import { byTime, findInAll, type LoggedEntry } from './audit.ts';

/** What led to an entry lies at most so long before it, ms: the longest that one message waits. */
const BEFORE_MS = MAX_DELAY_MS;
/** What an entry led to is told of the order itself; only the record of a call under way may lag behind, ms. */
const AFTER_MS = 60_000;
/** most entries of an order, and most that are read around one trace; far above one order's */
const MAX_ENTRIES = 100_000;

/**
 * One order's story in time order: the entries that name the order, and those that name no order but share a trace with
 * them, such as the poll that found it. An error if no entry in any log names it.
 */
export async function tellStory(
  audits: readonly { log: string; reader: Pick<AuditReader, 'find'> }[],
  orderId: string,
  connectionId: string | undefined,
): Promise<LoggedEntry[]> {
  const named = await findInAll(audits, { orderId, connectionId, limit: MAX_ENTRIES });
  if (named.length === 0) {
    const of = connectionId === undefined ? '' : ` of ${connectionId}`;
    throw new Error(`the audit log tells of no order ${orderId}${of}: sluice audit find --limit 5 shows what it holds`);
  }
  const placeOf = ({ log, index }: LoggedEntry): string => `${log} ${index}`;
  const story = new Map(named.map((found) => [placeOf(found), found]));
  const traces = new Set(named.map(traceOf));
  for (const span of spansAround(named)) {
    for (const found of await findInAll(audits, { ...span, limit: MAX_ENTRIES })) {
      if (found.entry.orderIds.length === 0 && traces.has(traceOf(found))) story.set(placeOf(found), found);
    }
  }
  return [...story.values()].sort(byTime);
}

export const traceOf = ({ entry }: FoundEntry): string => entry.traceparent.slice(3, 35);

/** The times around entries, those that overlap as one. */
function spansAround(entries: readonly FoundEntry[]): { from: string; to: string }[] {
  const spans: { from: number; to: number }[] = [];
  for (const at of entries.map(({ entry }) => Date.parse(entry.at)).sort((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last && at - BEFORE_MS <= last.to) last.to = at + AFTER_MS;
    else spans.push({ from: at - BEFORE_MS, to: at + AFTER_MS });
  }
  return spans.map(({ from, to }) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() }));
}
