import { type CallDeps, callMarketplace } from '#platform/functions/call-marketplace.ts';
import type { Member } from '#platform/functions/deps.ts';
import { asFailure, Failure, NO_TOKEN } from '#platform/runtime/failure.ts';
import type { Random } from '#platform/runtime/random.ts';
import { newTraceparent } from '#platform/runtime/trace.ts';
import { appConnectionId } from '#platform/state/connections.ts';
import type { Credentials } from '#platform/state/credentials.ts';

/** how long a key is used without asking again, ms: eBay recommends about an hour */
const KEPT_MS = 3_600_000;
/** how long a key id that the marketplace does not know stays unknown, ms */
const UNKNOWN_KEPT_MS = 60_000;
/** most key ids that are remembered: a flood of forged ids must not fill the memory */
const MAX_KEPT = 1_000;

export type VerificationKeysDeps = CallDeps & {
  random: Random;
  credentials: Pick<Credentials, 'accessToken' | 'generation'>;
};

/**
 * Public keys of marketplaces that sign with one and publish it by its id. A key id comes from an unverified delivery,
 * so asking is booked in the budgets, is done once for all who wait, and an unknown id is remembered.
 */
export function createVerificationKeys(deps: VerificationKeysDeps) {
  const kept = new Map<string, { until: number; key: Promise<string | undefined>; isUnknown: boolean }>();

  /** Makes room, first at the cost of unknown ids, so that no flood of forged ones costs the keys in use. */
  function makeRoom(): void {
    if (kept.size < MAX_KEPT) return;
    for (const [name, { isUnknown }] of kept) if (isUnknown) kept.delete(name);
    if (kept.size >= MAX_KEPT) kept.clear();
  }

  async function fetchKey({ marketplace, app }: Member, keyId: string): Promise<string | undefined> {
    const { publicKey } = marketplace.webhook;
    if (!publicKey) return undefined;
    const connectionId = appConnectionId(marketplace.name);
    const token = await deps.credentials.accessToken(connectionId);
    if (!token || token.expiresAt <= deps.clock.now()) {
      throw new Failure('auth', 'there is no token of the app in force', {
        code: NO_TOKEN,
        connectionId,
        credentialsVersion: token?.generation ?? (await deps.credentials.generation(connectionId)),
      });
    }
    try {
      const { response } = await callMarketplace(deps, {
        marketplace,
        connectionId,
        build: (now) => publicKey.keyCall(app, { keyId, accessToken: token.accessToken, now }),
        orderIds: [],
        cause: newTraceparent(deps.random),
        credentialsVersion: token.generation,
      });
      return publicKey.readKey(response);
    } catch (thrown) {
      if (asFailure(thrown).kind === 'permanent') return undefined;
      throw thrown;
    }
  }

  return {
    /** The key, or undefined where the marketplace knows none of this id. Throws where it can't be asked now. */
    async get(member: Member, keyId: string): Promise<string | undefined> {
      const name = `${member.marketplace.name}/${keyId}`;
      const now = deps.clock.now();
      const known = kept.get(name);
      if (known && known.until > now) return known.key;
      makeRoom();
      const key = fetchKey(member, keyId);
      kept.set(name, { until: now + KEPT_MS, key, isUnknown: false });
      try {
        const found = await key;
        if (found === undefined) kept.set(name, { until: now + UNKNOWN_KEPT_MS, key, isUnknown: true });
        return found;
      } catch (thrown) {
        kept.delete(name);
        throw thrown;
      }
    },
  };
}

export type VerificationKeys = ReturnType<typeof createVerificationKeys>;
