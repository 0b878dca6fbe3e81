import { hash } from 'node:crypto';
import type { StockWish } from '#events/command.ts';
import type { Store } from '#platform/engines/engine.ts';
import { canonicalJson } from './audit-log/canonical-json.ts';

/** partition = connection id, sort = place */
const TABLE = 'latest-updates';
/** longer than a command is remembered, ms: what nobody remembers can't come late any more */
const KEPT_MS = 31 * 86_400_000;

/** Which line of which command it is. */
export type LineId = { commandId: string; index: number };
type Stamped = LineId & { wishedAt: number };

export type LatestUpdates = ReturnType<typeof createLatestUpdates>;

/** Where the stock of a line is: one SKU may be offered, or lie, in several places, each with a stock of its own. */
export function placeOf({ sku, reference }: Pick<StockWish, 'sku' | 'reference'>): string {
  const ids = Object.fromEntries(Object.entries(reference).filter(([, id]) => id !== ''));
  return hash('sha256', canonicalJson([sku, ids])).slice(0, 32);
}

/** The same order for everyone, whoever writes first: by time, ties by whatever tells them apart. */
function isLater(a: Stamped, b: Stamped): boolean {
  if (a.wishedAt !== b.wishedAt) return a.wishedAt > b.wishedAt;
  return a.commandId === b.commandId ? a.index > b.index : a.commandId > b.commandId;
}

/** The latest update of each place. Of all that wait for one place, only it is sent. */
export function createLatestUpdates({ store }: { store: Store }) {
  const at = async (connectionId: string, place: string) => {
    const item = await store.get(TABLE, connectionId, place);
    return { version: item?.version, stamped: item?.value as Stamped | undefined };
  };

  async function put(connectionId: string, place: string, stamped: Stamped, now: number): Promise<void> {
    for (;;) {
      const { version, stamped: known } = await at(connectionId, place);
      if (known && !isLater(stamped, known)) return;
      const row = { table: TABLE, partition: connectionId, sort: place, value: stamped };
      const [result] = await store.write([{ ...row, condition: version ?? 'absent', expiresAt: now + KEPT_MS }]);
      if (result?.ok) return;
    }
  }

  return {
    /** A time at which a wish that comes now is later than all that is known of its places, epoch ms. */
    async nextAt(connectionId: string, lines: readonly StockWish[], now: number): Promise<number> {
      const known = await Promise.all(lines.map((line) => at(connectionId, placeOf(line))));
      return Math.max(now, ...known.map(({ stamped }) => (stamped ? stamped.wishedAt + 1 : now)));
    },

    /** Makes the lines of a command the latest of their places, where none is later. Doing it again changes nothing. */
    async put(
      connectionId: string,
      command: { commandId: string; wishedAt: number; lines: readonly StockWish[] },
      now: number,
    ): Promise<void> {
      const { commandId, wishedAt, lines } = command;
      await Promise.all(
        lines.map((line, index) => put(connectionId, placeOf(line), { commandId, index, wishedAt }, now)),
      );
    },

    /** Is no later update of its place known? */
    async isLatest(connectionId: string, { commandId, index }: LineId, line: StockWish): Promise<boolean> {
      const { stamped } = await at(connectionId, placeOf(line));
      return !stamped || (stamped.commandId === commandId && stamped.index === index);
    },
  };
}
