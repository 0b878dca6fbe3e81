import type { Store } from '#platform/engines/engine.ts';

/** partition = what ends (a connection's id, or `<marketplace>-app/<secret>`), sort = days ahead */
const TABLE = 'consent-notices';
const DAY_MS = 24 * 3_600_000;
/** how long after the end a mark is kept, ms: then it can be told anew */
const KEPT_MS = 30 * DAY_MS;

export type ConsentNotices = ReturnType<typeof createConsentNotices>;

/**
 * Which ends of consents were told of already. An end that has moved by less than a day is the same one: where it is
 * reckoned from an answer that names the time left, each answer gives another second.
 */
export function createConsentNotices({ store }: { store: Store }) {
  return {
    async isTold(subject: string, daysAhead: number, endsAt: number): Promise<boolean> {
      const mark = (await store.get(TABLE, subject, String(daysAhead)))?.value as { endsAt: number } | undefined;
      return mark !== undefined && Math.abs(mark.endsAt - endsAt) < DAY_MS;
    },
    async told(subject: string, daysAhead: number, endsAt: number): Promise<void> {
      const row = { table: TABLE, partition: subject, sort: String(daysAhead), condition: 'none' as const };
      await store.write([{ ...row, value: { endsAt }, expiresAt: endsAt + KEPT_MS }]);
    },
  };
}
