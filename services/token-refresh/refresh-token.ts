import type { EventOf } from '#events/index.ts';
import type { Call, ConnectionRef, Tokens } from '#marketplaces/marketplace.ts';
import { type CallDeps, callMarketplace } from '#platform/functions/call-marketplace.ts';
import { type Member, memberOf } from '#platform/functions/deps.ts';
import { asFailure, Failure } from '#platform/runtime/failure.ts';
import type { Random } from '#platform/runtime/random.ts';
import type { Connection, Connections } from '#platform/state/connections.ts';
import type { Acquired, Credentials } from '#platform/state/credentials.ts';

/** how long a lease holds, ms: longer than a near place in the budgets and a call that times out, together */
const LEASE_MS = 90_000;
/**
 * A token is refreshed at a random moment of this part of its life: late enough to be used, early enough for many tries,
 * and spread, so that connections that were authorized together are not refreshed together.
 */
const REFRESH_FROM = 0.5;
const REFRESH_UNTIL = 0.85;
/** when to try again after the marketplace refused the app's own credentials, which only the operator can mend, ms */
const OPERATOR_MS = 900_000;
/** a dead grant is not tried again by itself: due in a century, ms */
const NEVER_MS = 100 * 365 * 24 * 3_600_000;

export type RefreshTokenDeps = CallDeps & {
  name: string;
  random: Random;
  members: ReadonlyMap<string, Member>;
  connections: Pick<Connections, 'get' | 'needsConsent' | 'announced'>;
  credentials: Pick<Credentials, 'acquire' | 'generation' | 'store' | 'release'>;
};

type Request = EventOf<'token-refresh.requested'>;

/**
 * Gets a connection a new access token, at most one exchange at a time: a fenced lease that records the intent, one
 * exchange, one fenced write of the result before anything else is done with it.
 */
export async function refreshToken(deps: RefreshTokenDeps, request: Request, attempt: number): Promise<void> {
  const { connectionId, credentialsVersion } = request.data;
  const connection = await deps.connections.get(connectionId);
  if (!connection) throw new Failure('permanent', 'there is no such connection', { code: 'connection-unknown' });
  if (connection.status === 'needs-consent') return announce(deps, connection, request.traceparent);
  const member = memberOf(deps.members, connection.marketplace);

  const now = deps.clock.now();
  const lease = await deps.credentials.acquire(connectionId, {
    ifGeneration: credentialsVersion,
    owner: deps.name,
    now,
    leaseMs: LEASE_MS,
  });
  // Fresh: the wish is granted already. Busy: another is at it, and the asker comes back by itself.
  if (lease.outcome !== 'acquired') return;

  const tokens = await exchange(deps, member, connection, lease, { cause: request.traceparent, attempt });
  if (!tokens) return;
  await deps.publisher.publish(
    deps.newEvent(
      'token.refreshed',
      {
        connectionId,
        marketplace: connection.marketplace,
        accessTokenExpiresAt: new Date(tokens.accessTokenExpiresAt).toISOString(),
        rotated: tokens.refreshToken !== undefined && tokens.refreshToken !== lease.refreshToken,
      },
      { id: `${connectionId}/${lease.generation + 1}`, cause: request.traceparent },
    ),
  );
}

/** The new tokens, stored; undefined when the grant is dead and that has been dealt with. Every other end gives the lease back. */
async function exchange(
  deps: RefreshTokenDeps,
  member: Member,
  connection: Connection,
  lease: Acquired,
  origin: { cause: string; attempt: number },
): Promise<Tokens | undefined> {
  const { connectionId } = connection;
  let tokens: Tokens | undefined;
  try {
    await callMarketplace(deps, {
      marketplace: member.marketplace,
      connectionId,
      build: (now) => exchangeCall(member, connection, lease.refreshToken, now),
      orderIds: [],
      ...origin,
      async keep(response) {
        tokens = member.marketplace.auth.readTokens(response, deps.clock.now());
        const stored = await deps.credentials.store(connectionId, lease.fence, tokens, dueAt(deps, tokens));
        if (!stored)
          throw new Failure('retryable', 'the lease was lost before the result came', { code: 'lease-lost' });
      },
    });
    return tokens;
  } catch (thrown) {
    const failure = asFailure(thrown);
    const now = deps.clock.now();
    if (failure.code === 'grant-dead') {
      // The seller has consented anew meanwhile: what died is the grant before.
      if ((await deps.credentials.generation(connectionId)) !== lease.generation) return undefined;
      // Where refresh tokens rotate, a dead grant after an exchange without an end is the rotated token that was lost.
      const lost = lease.interrupted && member.marketplace.auth.rotation === 'strict';
      const changed = await deps.connections.needsConsent(connectionId, lost ? 'refresh-answer-lost' : failure.code);
      await deps.credentials.release(connectionId, lease.fence, { now, dueAt: now + NEVER_MS, uncertain: false });
      if (changed) await announce(deps, changed, origin.cause);
      return undefined;
    }
    const hopeless = failure.kind === 'permanent';
    await deps.credentials.release(connectionId, lease.fence, {
      now,
      dueAt: now + (hopeless ? OPERATOR_MS : 0),
      uncertain: lease.interrupted || (failure.kind !== 'throttled' && !hopeless),
    });
    throw failure;
  }
}

function exchangeCall(member: Member, connection: ConnectionRef & Connection, token: string | null, now: number): Call {
  const { auth } = member.marketplace;
  if (connection.grant === 'seller' && token !== null) {
    return auth.refreshCall(member.app, { connection, refreshToken: token, now });
  }
  if (connection.grant === 'app' && auth.appTokenCall) return auth.appTokenCall(member.app, { now });
  throw new Failure('permanent', 'the connection has no refresh token', { code: 'grant-dead' });
}

function dueAt(deps: RefreshTokenDeps, tokens: Tokens): number {
  const now = deps.clock.now();
  const part = REFRESH_FROM + deps.random.fraction() * (REFRESH_UNTIL - REFRESH_FROM);
  return now + (tokens.accessTokenExpiresAt - now) * part;
}

/** Publishes `connection.consent-needed`, then marks that it is published. */
async function announce(deps: RefreshTokenDeps, connection: Connection, cause: string): Promise<void> {
  if (connection.announced) return;
  const { connectionId, marketplace, statusReason } = connection;
  await deps.publisher.publish(
    deps.newEvent(
      'connection.consent-needed',
      { connectionId, marketplace, reason: statusReason ?? 'unknown' },
      { cause },
    ),
  );
  await deps.connections.announced(connectionId);
}
