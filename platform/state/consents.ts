import type { Store, Write } from '#platform/engines/engine.ts';
import { createDueIndex } from './due-index.ts';
import type { Encryption } from './encryption.ts';

/** partition = consent id, sort = 'consent' */
const TABLE = 'consents';
/** which consents are exchanged, but not connected yet */
const DUE_TABLE = 'consents-due';
/** how long it is remembered what became of a consent, ms: far longer than its `state` is taken */
const KEPT_MS = 7 * 24 * 3_600_000;

/** What the exchange of a code gave, with all that is needed to make connections of it. */
export type Exchanged = {
  /** the query that the marketplace sent the seller back with */
  callback: Record<string, string>;
  answer: { status: number; headers: Record<string, string>; body: string };
  /** when the answer came, epoch ms */
  at: number;
  /** how far back old orders are to be read, ms */
  backfillMs: number;
};

export type Consent = {
  consentId: string;
  marketplace: string;
} & (
  | { step: 'exchanging'; until: number }
  | { step: 'exchanged'; exchanged: Exchanged }
  | { step: 'connected'; connectionIds: string[] }
  | { step: 'failed'; reason: string }
);

/** As stored: what the exchange gave only as ciphertext, bound to the consent, and only until it is connected. */
type StoredConsent = {
  marketplace: string;
  step: Consent['step'];
  until: number;
  sealed: string | null;
  connectionIds: string[];
  reason: string | null;
  dueAt: number | null;
};

export type Consents = ReturnType<typeof createConsents>;

/** Consents on their way from the marketplace's page to a connection. A code is good once, so each step is remembered. */
export function createConsents({ store, encryption }: { store: Store; encryption: Encryption }) {
  const index = createDueIndex({ store, table: DUE_TABLE });

  const read = (consentId: string) => store.get(TABLE, consentId, 'consent');

  async function change(
    consentId: string,
    now: number,
    next: (stored: StoredConsent) => StoredConsent | undefined,
  ): Promise<boolean> {
    for (;;) {
      const item = await read(consentId);
      const before = item?.value as StoredConsent | undefined;
      const after = before && next(before);
      if (!item || !after) return false;
      const moves = index.move(consentId, before.dueAt ?? undefined, after.dueAt ?? undefined);
      if (await store.writeAtomically([rowOf(consentId, now, item.version, after), ...moves])) return true;
    }
  }

  function rowOf(consentId: string, now: number, condition: Write['condition'], value: StoredConsent): Write {
    // One that is not connected yet must not be forgotten, however long that takes.
    const expiresAt = value.dueAt === null ? now + KEPT_MS : undefined;
    return { table: TABLE, partition: consentId, sort: 'consent', condition, value, expiresAt };
  }

  return {
    async get(consentId: string): Promise<Consent | undefined> {
      const stored = (await read(consentId))?.value as StoredConsent | undefined;
      if (!stored) return undefined;
      const { marketplace, step, until, sealed, connectionIds, reason } = stored;
      const about = { consentId, marketplace };
      if (step === 'exchanging') return { ...about, step, until };
      if (step === 'connected') return { ...about, step, connectionIds };
      if (step === 'exchanged' && sealed !== null) {
        return { ...about, step, exchanged: JSON.parse(encryption.decrypt(sealed, consentId)) as Exchanged };
      }
      return { ...about, step: 'failed', reason: reason ?? 'unknown' };
    },

    /** Records that the code is about to be exchanged; false: somebody has begun that before. */
    async begin(
      consentId: string,
      marketplace: string,
      { now, until }: { now: number; until: number },
    ): Promise<boolean> {
      const rest = { sealed: null, connectionIds: [], reason: null, dueAt: null };
      const value: StoredConsent = { marketplace, step: 'exchanging', until, ...rest };
      const [result] = await store.write([rowOf(consentId, now, 'absent', value)]);
      return result?.ok === true;
    },

    /** Keeps what the exchange gave. Whoever was killed after it is made up for from `dueAt` on. */
    keep: (consentId: string, exchanged: Exchanged, dueAt: number): Promise<boolean> =>
      change(consentId, exchanged.at, (stored) => {
        if (stored.step !== 'exchanging') return undefined;
        return {
          ...stored,
          step: 'exchanged',
          sealed: encryption.encrypt(JSON.stringify(exchanged), consentId),
          dueAt,
        };
      }),

    /** The code was not sent: it may be exchanged still. */
    async giveBack(consentId: string): Promise<void> {
      const item = await read(consentId);
      if (!item || (item.value as StoredConsent).step !== 'exchanging') return;
      const row = { table: TABLE, partition: consentId, sort: 'consent', condition: item.version, value: null };
      await store.write([row]);
    },

    /** It has come to nothing: what the exchange gave is forgotten. */
    fail: (consentId: string, reason: string, now: number): Promise<boolean> =>
      change(consentId, now, (stored) =>
        stored.step === 'connected' ? undefined : { ...stored, step: 'failed', reason, sealed: null, dueAt: null },
      ),

    /** Its connections are in place. */
    connected: (consentId: string, connectionIds: string[], now: number): Promise<boolean> =>
      change(consentId, now, (stored) => ({ ...stored, step: 'connected', connectionIds, sealed: null, dueAt: null })),

    /** Consents that are exchanged, but were not connected by `now`. */
    due: index.due,

    postpone: (consentId: string, dueAt: number, now: number): Promise<boolean> =>
      change(consentId, now, (stored) => (stored.step === 'exchanged' ? { ...stored, dueAt } : undefined)),
  };
}
