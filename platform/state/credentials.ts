import type { Store, Write } from '#platform/engines/engine.ts';
import { createDueIndex } from './due-index.ts';
import type { Encryption } from './encryption.ts';

/** partition = connection id, sort = 'tokens' */
const TABLE = 'credentials';
/** which connections are due for a refresh */
const DUE_TABLE = 'credentials-due';

/** As stored: tokens only as ciphertext bound to the connection. */
type StoredCredentials = {
  accessToken: string | null;
  accessTokenExpiresAt: number;
  refreshToken: string | null;
  refreshTokenExpiresAt: number | null;
  /** grows by one with each new access token: "newer than the one I was refused with" */
  generation: number;
  dueAt: number;
  /** who may exchange right now, and since when: the intent, recorded before the exchange */
  lease: Lease | null;
};

export type Lease = { owner: string; startedAt: number; until: number };

export type AccessToken = { accessToken: string; expiresAt: number; generation: number };

export type Acquired = {
  outcome: 'acquired';
  refreshToken: string | null;
  generation: number;
  /** the item version of the lease: only who holds it can store a result */
  fence: number;
  /** was an exchange begun before that has told no end? Then its answer, and a rotated token, may be lost. */
  interrupted: boolean;
};

export type NewTokens = {
  accessToken: string;
  accessTokenExpiresAt: number;
  /** undefined: keep the one in use */
  refreshToken: string | undefined;
  refreshTokenExpiresAt: number | undefined;
};

/** When the access token in use ends, epoch ms, read without any key; undefined where there is no token. */
export async function accessTokenExpiresAt(store: Store, connectionId: string): Promise<number | undefined> {
  const stored = (await store.get(TABLE, connectionId, 'tokens'))?.value as StoredCredentials | undefined;
  return stored?.accessToken ? stored.accessTokenExpiresAt : undefined;
}

export type Credentials = ReturnType<typeof createCredentials>;

export function createCredentials({ store, encryption }: { store: Store; encryption: Encryption }) {
  const index = createDueIndex({ store, table: DUE_TABLE });

  async function read(connectionId: string) {
    const item = await store.get(TABLE, connectionId, 'tokens');
    return item && { version: item.version, stored: item.value as StoredCredentials };
  }

  const row = (connectionId: string, condition: Write['condition'], value: StoredCredentials): Write => ({
    table: TABLE,
    partition: connectionId,
    sort: 'tokens',
    condition,
    value,
  });

  return {
    /** The access token in use, or undefined where there is none. It may have expired. */
    async accessToken(connectionId: string): Promise<AccessToken | undefined> {
      const found = await read(connectionId);
      if (!found?.stored.accessToken) return undefined;
      return {
        accessToken: encryption.decrypt(found.stored.accessToken, connectionId),
        expiresAt: found.stored.accessTokenExpiresAt,
        generation: found.stored.generation,
      };
    },

    /** Generation of the credentials; 0 where there are none. */
    generation: async (connectionId: string): Promise<number> => (await read(connectionId))?.stored.generation ?? 0,

    /** Puts a grant in place: after consent, or for an app's own token (`refreshToken` null). Due at once. */
    async put(connectionId: string, grant: { refreshToken: string | null; dueAt: number }): Promise<void> {
      for (;;) {
        const found = await read(connectionId);
        const value: StoredCredentials = {
          accessToken: null,
          accessTokenExpiresAt: 0,
          refreshToken: grant.refreshToken === null ? null : encryption.encrypt(grant.refreshToken, connectionId),
          refreshTokenExpiresAt: null,
          generation: (found?.stored.generation ?? 0) + 1,
          dueAt: grant.dueAt,
          lease: null,
        };
        const written = await store.writeAtomically([
          row(connectionId, found?.version ?? 'absent', value),
          ...index.move(connectionId, found?.stored.dueAt, grant.dueAt),
        ]);
        if (written) return;
      }
    },

    /** Connections whose refresh is due by `now`, the longest due first. */
    due: index.due,

    /**
     * Takes the lease and records the intent, in one conditional write. `fresh`: the credentials are newer than
     * `ifGeneration`; `busy`: another holds the lease until `until`.
     */
    async acquire(
      connectionId: string,
      options: { ifGeneration: number; owner: string; now: number; leaseMs: number },
    ): Promise<Acquired | { outcome: 'fresh' } | { outcome: 'busy'; until: number } | { outcome: 'absent' }> {
      for (;;) {
        const found = await read(connectionId);
        if (!found) return { outcome: 'absent' };
        const { stored, version } = found;
        if (stored.generation > options.ifGeneration) return { outcome: 'fresh' };
        if (stored.lease && stored.lease.until > options.now) return { outcome: 'busy', until: stored.lease.until };
        const lease: Lease = { owner: options.owner, startedAt: options.now, until: options.now + options.leaseMs };
        const [result] = await store.write([row(connectionId, version, { ...stored, lease })]);
        if (!result?.ok) continue;
        return {
          outcome: 'acquired',
          refreshToken: stored.refreshToken === null ? null : encryption.decrypt(stored.refreshToken, connectionId),
          generation: stored.generation,
          fence: result.version,
          interrupted: stored.lease !== null,
        };
      }
    },

    /** Stores what an exchange gave, if the lease is still ours: false means that it was lost, and nothing is stored. */
    async store(connectionId: string, fence: number, tokens: NewTokens, dueAt: number): Promise<boolean> {
      const found = await read(connectionId);
      if (!found || found.version !== fence) return false;
      const { stored } = found;
      const value: StoredCredentials = {
        accessToken: encryption.encrypt(tokens.accessToken, connectionId),
        accessTokenExpiresAt: tokens.accessTokenExpiresAt,
        refreshToken:
          tokens.refreshToken === undefined
            ? stored.refreshToken
            : encryption.encrypt(tokens.refreshToken, connectionId),
        refreshTokenExpiresAt: tokens.refreshTokenExpiresAt ?? stored.refreshTokenExpiresAt,
        generation: stored.generation + 1,
        dueAt,
        lease: null,
      };
      return store.writeAtomically([row(connectionId, fence, value), ...index.move(connectionId, stored.dueAt, dueAt)]);
    },

    /**
     * Gives the lease back without a result; due again at `dueAt`. `uncertain`: the exchange may have had an effect, so
     * the intent stays, and who takes the lease next is told that it was interrupted.
     */
    async release(
      connectionId: string,
      fence: number,
      options: { now: number; dueAt: number; uncertain: boolean },
    ): Promise<boolean> {
      const found = await read(connectionId);
      if (!found?.stored.lease || found.version !== fence) return false;
      const lease = options.uncertain ? { ...found.stored.lease, until: options.now } : null;
      return store.writeAtomically([
        row(connectionId, fence, { ...found.stored, lease, dueAt: options.dueAt }),
        ...index.move(connectionId, found.stored.dueAt, options.dueAt),
      ]);
    },

    /**
     * Moves when a refresh is due. A lease in force is left alone, since any write would break its fence; a generation
     * newer than `ifGeneration` keeps its time.
     */
    async postpone(connectionId: string, ifGeneration: number, options: { now: number; dueAt: number }): Promise<void> {
      const { now, dueAt } = options;
      for (;;) {
        const found = await read(connectionId);
        if (!found || found.stored.generation !== ifGeneration) return;
        if (found.stored.lease && found.stored.lease.until > now) return;
        const moved = await store.writeAtomically([
          row(connectionId, found.version, { ...found.stored, dueAt }),
          ...index.move(connectionId, found.stored.dueAt, dueAt),
        ]);
        if (moved) return;
      }
    },
  };
}
