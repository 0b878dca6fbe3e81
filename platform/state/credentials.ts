import type { Store, Write } from '#platform/engines/engine.ts';
import { createDueIndex } from './due-index.ts';
import type { Encryption } from './encryption.ts';

/** partition = connection id, sort = 'tokens' */
const TABLE = 'credentials';
/** which connections are due for a refresh; and, under `PHASES`, how many have been given a phase */
const DUE_TABLE = 'credentials-due';
const PHASES = 'phases';
/** the part of a period by which the n-th phase differs from the one before: so any number of them lie evenly */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;
/** a dead grant that was told is not asked about again: due in the year 2128, epoch ms */
const NEVER_AT = 5_000_000_000_000;

/** As stored: tokens only as ciphertext bound to the connection. */
type StoredCredentials = {
  accessToken: string | null;
  accessTokenExpiresAt: number;
  refreshToken: string | null;
  refreshTokenExpiresAt: number | null;
  /** grows by one with each new access token and each new grant: "newer than the one I was refused with" */
  generation: number;
  dueAt: number;
  /** where in a period its refreshes lie, from 0 up to 1: given once, evenly over all connections */
  phase: number;
  /** who may exchange right now, and since when: the intent, recorded before the exchange */
  lease: Lease | null;
  /** fence of the lease that the tokens came by: who stores them twice is not refused */
  storedFence: number | null;
  /** the generation whose access token the marketplace refused: it is not handed out any more */
  refusedGeneration: number | null;
  /** the refresh that nobody was told of yet */
  unannounced: Refreshed | null;
  /** when the consent was given that the grant is of, epoch ms; absent where nobody knows */
  consentedAt?: number | undefined;
  /** why the grant is dead; null while it lives */
  deadBecause: string | null;
  /** the request that waits for its place in the budgets: others ask for the same, and need not wait beside it */
  inLine?: InLine | null;
};

/** `turnAt`: its place in the line, which tells it from the others; epoch ms. `until`: no longer than that. */
type InLine = { generation: number; turnAt: number; until: number };

/** `fence`: the item's version when it was taken. `isReleased`: given back, by one who could not tell its end. */
type Lease = { owner: string; startedAt: number; until: number; fence: number; isReleased: boolean };

/** What is told of a refresh. */
export type Refreshed = { generation: number; accessTokenExpiresAt: number; rotated: boolean };

export type AccessToken = { accessToken: string; expiresAt: number; generation: number };

type Free = {
  refreshToken: string | null;
  generation: number;
  /** was an exchange begun before that has told no end? Then its answer, and a rotated token, may be lost. */
  interrupted: boolean;
  phase: number;
};

export type Acquired = Free & {
  outcome: 'acquired';
  /** names the lease: only who holds it can store a result */
  fence: number;
};

/** Why there is nothing to exchange. */
export type Unavailable =
  | { outcome: 'absent' }
  /** a refresh was not told of yet: that comes first, since the next would overwrite it */
  | { outcome: 'unannounced'; refreshed: Refreshed }
  | { outcome: 'dead'; reason: string; generation: number }
  /** the credentials are newer than those that were asked about */
  | { outcome: 'fresh' }
  /** another holds the lease */
  | { outcome: 'busy'; until: number }
  /** another request for the same waits for its place in the budgets */
  | { outcome: 'in-line' };

export type NewTokens = {
  accessToken: string;
  accessTokenExpiresAt: number;
  /** undefined: keep the one in use */
  refreshToken: string | undefined;
  refreshTokenExpiresAt: number | undefined;
};

/** `turnAt`: the place in the line of who asks, if it has waited already. */
type Asked = { ifGeneration: number; now: number; turnAt?: number | undefined };

/** Epoch ms; undefined where it is not known, or will not be. */
export type TokenTimes = {
  accessTokenExpiresAt: number | undefined;
  refreshTokenExpiresAt: number | undefined;
  refreshDueAt: number | undefined;
};

/** When a grant's tokens end and are refreshed, read without any key. */
export async function tokenTimes(store: Pick<Store, 'get'>, grantId: string): Promise<TokenTimes> {
  const stored = (await store.get(TABLE, grantId, 'tokens'))?.value as StoredCredentials | undefined;
  return {
    accessTokenExpiresAt: stored?.accessToken ? stored.accessTokenExpiresAt : undefined,
    refreshTokenExpiresAt: stored?.refreshTokenExpiresAt ?? undefined,
    refreshDueAt: stored && !stored.deadBecause && stored.dueAt !== NEVER_AT ? stored.dueAt : undefined,
  };
}

/** What a seller or the operator gave. */
export type NewGrant = {
  refreshToken: string | null;
  dueAt: number;
  /** when it was given, epoch ms: one that is not newer than the one in place changes nothing */
  consentedAt?: number | undefined;
  /** the tokens that came with it */
  tokens?: Pick<NewTokens, 'accessToken' | 'accessTokenExpiresAt' | 'refreshTokenExpiresAt'> | undefined;
};

function whyUnavailable(stored: StoredCredentials, { ifGeneration, now, turnAt }: Asked): Unavailable | undefined {
  const { unannounced, deadBecause, generation, lease, inLine } = stored;
  if (unannounced) return { outcome: 'unannounced', refreshed: unannounced };
  if (deadBecause) return { outcome: 'dead', reason: deadBecause, generation };
  if (generation > ifGeneration) return { outcome: 'fresh' };
  if (lease && lease.until > now) return { outcome: 'busy', until: lease.until };
  const isOvertaken = inLine && inLine.generation === generation && inLine.until > now && inLine.turnAt !== turnAt;
  return isOvertaken ? { outcome: 'in-line' } : undefined;
}

export type Credentials = ReturnType<typeof createCredentials>;

export function createCredentials({ store, encryption }: { store: Store; encryption: Encryption }) {
  const index = createDueIndex({ store, table: DUE_TABLE });

  async function read(connectionId: string) {
    const item = await store.get(TABLE, connectionId, 'tokens');
    return item && { version: item.version, stored: item.value as StoredCredentials };
  }

  const isOld = (sealed: string | null): sealed is string => sealed !== null && !encryption.isInForce(sealed);

  /** With what an older data key sealed sealed anew. */
  function renewed(stored: StoredCredentials, connectionId: string): StoredCredentials {
    const renew = (sealed: string | null): string | null =>
      isOld(sealed) ? encryption.encrypt(encryption.decrypt(sealed, connectionId), connectionId) : sealed;
    return { ...stored, accessToken: renew(stored.accessToken), refreshToken: renew(stored.refreshToken) };
  }

  const write = (
    connectionId: string,
    before: { version: number; stored: StoredCredentials } | undefined,
    after: StoredCredentials,
  ): Promise<boolean> => {
    const row: Write = {
      table: TABLE,
      partition: connectionId,
      sort: 'tokens',
      condition: before?.version ?? 'absent',
      value: renewed(after, connectionId),
    };
    return store.writeAtomically([row, ...index.move(connectionId, before?.stored.dueAt, after.dueAt)]);
  };

  /**
   * Changes what is stored, on its version; `next` returns undefined when nothing is to be changed. Any other write in
   * between only makes it look again, so that a fence holds through all but a new lease or a new grant.
   */
  async function change(
    connectionId: string,
    next: (stored: StoredCredentials, version: number) => StoredCredentials | undefined,
  ): Promise<boolean> {
    for (;;) {
      const found = await read(connectionId);
      const after = found && next(found.stored, found.version);
      if (!after) return false;
      if (await write(connectionId, found, after)) return true;
    }
  }

  /** The next phase. One that is lost in a crash leaves a gap that nobody sees. */
  async function newPhase(): Promise<number> {
    for (;;) {
      const item = await store.get(DUE_TABLE, PHASES, PHASES);
      const given = (item?.value as { given: number } | undefined)?.given ?? 0;
      const next = { table: DUE_TABLE, partition: PHASES, sort: PHASES, value: { given: given + 1 } };
      const [result] = await store.write([{ ...next, condition: item?.version ?? 'absent' }]);
      if (result?.ok) return (given * GOLDEN_RATIO) % 1;
    }
  }

  const free = (stored: StoredCredentials, connectionId: string): Free => ({
    refreshToken: stored.refreshToken === null ? null : encryption.decrypt(stored.refreshToken, connectionId),
    generation: stored.generation,
    interrupted: stored.lease !== null,
    phase: stored.phase ?? 0,
  });

  return {
    /** The access token in use, or undefined where there is none, or the marketplace refused it. It may have expired. */
    async accessToken(connectionId: string): Promise<AccessToken | undefined> {
      const found = await read(connectionId);
      if (!found?.stored.accessToken || found.stored.refusedGeneration === found.stored.generation) return undefined;
      return {
        accessToken: encryption.decrypt(found.stored.accessToken, connectionId),
        expiresAt: found.stored.accessTokenExpiresAt,
        generation: found.stored.generation,
      };
    },

    /** Generation of the credentials; 0 where there are none. */
    generation: async (connectionId: string): Promise<number> => (await read(connectionId))?.stored.generation ?? 0,

    /** The marketplace refused the access token of this generation: from now on nobody is given it. */
    refused: (connectionId: string, generation: number): Promise<boolean> =>
      change(connectionId, (stored) =>
        stored.generation !== generation || stored.refusedGeneration === generation
          ? undefined
          : { ...stored, refusedGeneration: generation },
      ),

    /**
     * Puts a grant in place: after consent, or for an app's own token (`refreshToken` null). A consent that is told twice
     * must not bring back a refresh token that was spent meanwhile, nor an older one the place of a newer.
     */
    async put(connectionId: string, grant: NewGrant): Promise<void> {
      const { tokens, consentedAt } = grant;
      for (;;) {
        const found = await read(connectionId);
        if (consentedAt !== undefined && (found?.stored.consentedAt ?? -1) >= consentedAt) return;
        const value: StoredCredentials = {
          accessToken: tokens ? encryption.encrypt(tokens.accessToken, connectionId) : null,
          accessTokenExpiresAt: tokens?.accessTokenExpiresAt ?? 0,
          refreshToken: grant.refreshToken === null ? null : encryption.encrypt(grant.refreshToken, connectionId),
          refreshTokenExpiresAt: tokens?.refreshTokenExpiresAt ?? null,
          consentedAt,
          generation: (found?.stored.generation ?? 0) + 1,
          dueAt: grant.dueAt,
          phase: found?.stored.phase ?? (await newPhase()),
          lease: null,
          storedFence: null,
          refusedGeneration: null,
          unannounced: found?.stored.unannounced ?? null,
          deadBecause: null,
          inLine: null,
        };
        if (await write(connectionId, found, value)) return;
      }
    },

    /** Forgets the credentials of a connection that uses another's from now on. */
    async remove(connectionId: string): Promise<void> {
      for (;;) {
        const found = await read(connectionId);
        if (!found) return;
        const row = { table: TABLE, partition: connectionId, sort: 'tokens', condition: found.version, value: null };
        if (await store.writeAtomically([row, ...index.move(connectionId, found.stored.dueAt, undefined)])) return;
      }
    },

    /** Connections whose refresh is due by `now`, the longest due first. */
    due: index.due,

    /** What `acquire` would say, without taking the lease. */
    async look(connectionId: string, asked: Asked): Promise<(Free & { outcome: 'free' }) | Unavailable> {
      const found = await read(connectionId);
      if (!found) return { outcome: 'absent' };
      return whyUnavailable(found.stored, asked) ?? { outcome: 'free' as const, ...free(found.stored, connectionId) };
    },

    /**
     * Takes the lease and records the intent, in one conditional write. The connection is due again when the lease ends,
     * so that whoever looks for what is due finds an exchange that told no end.
     */
    async acquire(
      connectionId: string,
      options: Asked & { owner: string; leaseMs: number },
    ): Promise<Acquired | Unavailable> {
      let outcome: Acquired | Unavailable = { outcome: 'absent' };
      await change(connectionId, (stored, version) => {
        const unavailable = whyUnavailable(stored, options);
        outcome = unavailable ?? { outcome: 'acquired', ...free(stored, connectionId), fence: version + 1 };
        if (unavailable) return undefined;
        const until = options.now + options.leaseMs;
        const lease = { owner: options.owner, startedAt: options.now, until, fence: version + 1, isReleased: false };
        return { ...stored, lease, dueAt: until };
      });
      return outcome;
    },

    /** Stores what an exchange gave, if the lease is still ours: false means that it was lost, and nothing is stored. */
    async store(connectionId: string, fence: number, tokens: NewTokens, dueAt: number): Promise<boolean> {
      let isStored = false;
      await change(connectionId, (stored) => {
        isStored = stored.storedFence === fence;
        if (stored.lease?.fence !== fence) return undefined;
        isStored = true;
        const { refreshToken } = free(stored, connectionId);
        const given = tokens.refreshToken;
        const generation = stored.generation + 1;
        const { accessTokenExpiresAt } = tokens;
        const rotated = given !== undefined && given !== refreshToken;
        return {
          ...stored,
          accessToken: encryption.encrypt(tokens.accessToken, connectionId),
          accessTokenExpiresAt,
          refreshToken: given === undefined ? stored.refreshToken : encryption.encrypt(given, connectionId),
          refreshTokenExpiresAt: tokens.refreshTokenExpiresAt ?? stored.refreshTokenExpiresAt,
          generation,
          dueAt,
          lease: null,
          storedFence: fence,
          unannounced: { generation, accessTokenExpiresAt, rotated },
        };
      });
      return isStored;
    },

    /** `token.refreshed` has been published for this generation. */
    announced: (connectionId: string, generation: number): Promise<boolean> =>
      change(connectionId, (stored) =>
        stored.unannounced?.generation === generation ? { ...stored, unannounced: null } : undefined,
      ),

    /**
     * Gives the lease back without a result; due again at `dueAt`. `uncertain`: the exchange may have had an effect, so
     * the intent stays, and who takes the lease next is told that it was interrupted.
     */
    release: (
      connectionId: string,
      fence: number,
      options: { now: number; dueAt: number; uncertain: boolean },
    ): Promise<boolean> =>
      change(connectionId, (stored) => {
        if (stored.lease?.fence !== fence) return undefined;
        const lease = options.uncertain ? { ...stored.lease, until: options.now, isReleased: true } : null;
        return { ...stored, lease, dueAt: options.dueAt };
      }),

    /** The marketplace says that the grant is dead. Due at `dueAt`, for whoever has then to see that it is told. */
    bury: (connectionId: string, fence: number, dead: { reason: string; dueAt: number }): Promise<boolean> =>
      change(connectionId, (stored) =>
        stored.lease?.fence === fence
          ? { ...stored, lease: null, deadBecause: dead.reason, dueAt: dead.dueAt }
          : undefined,
      ),

    /** Everybody knows that the grant of this generation is dead: it is due no more. */
    rest: (connectionId: string, generation: number): Promise<boolean> =>
      change(connectionId, (stored) =>
        stored.deadBecause && stored.generation === generation && stored.dueAt !== NEVER_AT
          ? { ...stored, dueAt: NEVER_AT }
          : undefined,
      ),

    /**
     * A refresh was asked for: due again at `dueAt` if that comes to nothing, at `soonAt` where an exchange was cut off
     * or a dead grant is still to be told. A lease in force and a generation newer than `ifGeneration` keep their time.
     * `turnAt`: its request waits in line till then.
     */
    postpone: (
      connectionId: string,
      ifGeneration: number,
      { now, dueAt, soonAt, turnAt }: { now: number; dueAt: number; soonAt: number; turnAt?: number | undefined },
    ): Promise<boolean> =>
      change(connectionId, (stored) => {
        const { generation, lease, deadBecause } = stored;
        if (generation !== ifGeneration || (lease && lease.until > now) || stored.dueAt === NEVER_AT) return undefined;
        const isUrgent = Boolean(deadBecause) || (lease !== null && !lease.isReleased);
        const inLine = turnAt === undefined ? stored.inLine : { generation, turnAt, until: dueAt };
        return { ...stored, inLine: inLine ?? null, dueAt: isUrgent ? soonAt : dueAt };
      }),

    /** The version of the data key that seals now, where there are older ones too; undefined where there is only one. */
    newestOfSeveralKeys: (): string | undefined => encryption.newestOfSeveral(),

    /** Seals anew what an older data key sealed; false where nothing was. */
    renew: (connectionId: string): Promise<boolean> =>
      change(connectionId, (stored) => (isOld(stored.accessToken) || isOld(stored.refreshToken) ? stored : undefined)),
  };
}
