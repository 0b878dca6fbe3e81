import type { Store } from '#platform/engines/engine.ts';
import { createDueIndex } from './due-index.ts';

/** partition = kind of round, sort = connection id, or the id of the app's own connection for what is one for all */
const TABLE = 'rounds';

/** What is looked after again and again: are webhooks subscribed to still, and which of them did the marketplace not deliver? */
export const ROUND_KINDS = ['subscription', 'missed-webhooks'] as const;
export type RoundKind = (typeof ROUND_KINDS)[number];

export type Round = {
  /** when the next one begins, epoch ms */
  dueAt: number;
  /** when the last one ended, epoch ms; null where none has */
  endedAt: number | null;
  /** what came of it: `ok`, `repaired`, or the code of a failure */
  outcome: string | null;
};

export type Rounds = ReturnType<typeof createRounds>;

export function createRounds({ store }: { store: Store }) {
  const indexes = new Map(ROUND_KINDS.map((kind) => [kind, createDueIndex({ store, table: `rounds-due-${kind}` })]));
  const indexOf = (kind: RoundKind) => indexes.get(kind)!;

  const get = async (kind: RoundKind, id: string): Promise<Round | undefined> =>
    (await store.get(TABLE, kind, id))?.value as Round | undefined;

  /** Writes a round on what was read of it, and its place in the index with it; `next` returns undefined for no change. */
  async function change(kind: RoundKind, id: string, next: (round: Round | undefined) => Round | undefined) {
    for (;;) {
      const item = await store.get(TABLE, kind, id);
      const before = item?.value as Round | undefined;
      const after = next(before);
      if (!after) return;
      const row = { table: TABLE, partition: kind, sort: id, condition: item?.version ?? ('absent' as const) };
      const moves = indexOf(kind).move(id, before?.dueAt, after.dueAt);
      if (await store.writeAtomically([{ ...row, value: after }, ...moves])) return;
    }
  }

  return {
    get,
    /** Begins to look after something; one that is looked after already keeps its time. */
    start: (kind: RoundKind, id: string, dueAt: number): Promise<void> =>
      change(kind, id, (round) => (round ? undefined : { dueAt, endedAt: null, outcome: null })),
    /** What is due by `now`, the longest due first. */
    due: (kind: RoundKind, now: number, limit: number): Promise<string[]> => indexOf(kind).due(now, limit),
    /** A round was asked for: due again at `dueAt` if nothing comes of it. */
    asked: (kind: RoundKind, id: string, dueAt: number): Promise<void> =>
      change(kind, id, (round) => round && { ...round, dueAt }),
    ended: (kind: RoundKind, id: string, end: { endedAt: number; dueAt: number; outcome: string }): Promise<void> =>
      change(kind, id, () => end),
  };
}
