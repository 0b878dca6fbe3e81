import { createHash } from 'node:crypto';

/** lines kept to be shown */
const KEPT_LINES = 4_000;

export type Trace = ReturnType<typeof createTrace>;

/** Everything observable in its order, as a running hash, and the last lines of it as text. */
export function createTrace(now: () => number) {
  const hash = createHash('sha256');
  const kept: string[] = [];
  let lines = 0;
  return {
    note(who: string, what: string): void {
      const line = `${now()} ${who} ${what}`;
      hash.update(line);
      lines += 1;
      kept[lines % KEPT_LINES] = line;
    },
    lines: () => lines,
    hash: () => hash.copy().digest('hex').slice(0, 32),
    /** The last lines, oldest first, with their time as a person reads it. */
    last(count: number): string[] {
      const from = Math.max(1, lines - Math.min(count, KEPT_LINES) + 1);
      return Array.from({ length: lines - from + 1 }, (_, i) => {
        const [at = '', ...rest] = kept[(from + i) % KEPT_LINES]!.split(' ');
        return `${new Date(Number(at)).toISOString()} ${rest.join(' ')}`;
      });
    },
  };
}
