import type { EventOf } from '#events/index.ts';
import type { Tokens } from '#marketplaces/marketplace.ts';
import { type CallDeps, callMarketplace, type Origin } from '#platform/functions/call-marketplace.ts';
import {
  hasNewRegistration,
  type Member,
  type Members,
  memberOf,
  registrationChanged,
} from '#platform/functions/deps.ts';
import { asFailure, Failure } from '#platform/runtime/failure.ts';
import { type Connection, type Connections, grantIdOf } from '#platform/state/connections.ts';
import type { Acquired, Credentials, Refreshed } from '#platform/state/credentials.ts';
import { exchangeCall } from './exchange-call.ts';
import { storeTokens } from './store-tokens.ts';
import { tellDeadGrant, wasBuriedHere } from './tell-dead-grant.ts';
import { ASK_AGAIN_MS, ASK_SOON_MS, EXCHANGE_TIMEOUT_MS, LEASE_MS, OPERATOR_MS, SEND_WITHIN_MS } from './times.ts';

/** after the end of a lease comes who found it held, ms */
const AFTER_LEASE_MS = 1_000;

export type RefreshTokenDeps = CallDeps & {
  name: string;
  members: Members;
  connections: Pick<Connections, 'get' | 'put' | 'needsConsent' | 'announced' | 'sharing'>;
  credentials: Pick<
    Credentials,
    'look' | 'acquire' | 'store' | 'announced' | 'release' | 'bury' | 'rest' | 'postpone' | 'generation'
  >;
};

type Request = EventOf<'token-refresh.requested'>;

/**
 * Gets a connection a new access token, at most one exchange at a time: a fenced lease that records the intent, one
 * exchange, one fenced write of the result before anything else is done with it. Whatever it is killed in between, the
 * connection is due again soon, and whoever comes then finishes it.
 */
export async function refreshToken(
  deps: RefreshTokenDeps,
  request: Request,
  message: Omit<Origin, 'cause'>,
): Promise<void> {
  const { credentialsVersion } = request.data;
  const origin = { ...message, cause: request.traceparent };
  const asking = await deps.connections.get(request.data.connectionId);
  // What one refresh brings is for all connections that share the grant.
  const connection = asking && (await deps.connections.get(grantIdOf(asking)));
  if (!connection) throw new Failure('permanent', 'there is no such connection', { code: 'connection-unknown' });
  const { connectionId } = connection;
  const asked = { ifGeneration: credentialsVersion, now: deps.clock.now(), turnAt: message.turnAt };
  const found = await deps.credentials.look(connectionId, asked);
  switch (found.outcome) {
    case 'unannounced': // by one who was killed before it
      await tellRefreshed(deps, connection, found.refreshed, origin);
      return refreshToken(deps, request, message);
    case 'dead':
      return tellDeadGrant(deps, connectionId, found, origin.cause);
    case 'busy':
      // Comes back once that must have ended, in case that its holder was killed.
      throw new Failure('throttled', 'another exchange is under way', {
        code: 'refresh-under-way',
        retryAfterMs: found.until - asked.now + AFTER_LEASE_MS,
      });
    case 'absent':
    case 'fresh': // the wish is granted already
    case 'in-line': // or will be, by the one that waits; should that one be lost, the connection is due again
      return;
  }
  // The seller consented anew in the moment between the burial of the old grant and the mark on the connection.
  for (const each of [connection, ...(await deps.connections.sharing(connectionId))]) {
    if (wasBuriedHere(each)) await deps.connections.put(each);
  }
  const refreshed = await exchange(deps, memberOf(deps.members, connection.marketplace), connection, found, origin);
  if (refreshed) await tellRefreshed(deps, connection, refreshed, origin);
}

/** The new tokens, stored; undefined when the grant is dead and that was told. Every other end gives the lease back. */
async function exchange(
  deps: RefreshTokenDeps,
  member: Member,
  connection: Connection,
  found: { refreshToken: string | null; generation: number },
  origin: Origin,
): Promise<Refreshed | undefined> {
  const { connectionId } = connection;
  const { refreshToken, generation } = found;
  let lease: (Acquired & { takenAt: number }) | undefined;
  let isSent = false;
  let tokens: Tokens | undefined;

  /** Taken when the call has its place, so that it need not last through the waiting. */
  async function takeLease(): Promise<void> {
    const now = deps.clock.now();
    const options = { ifGeneration: generation, owner: deps.name, now, turnAt: origin.turnAt, leaseMs: LEASE_MS };
    const taken = await deps.credentials.acquire(connectionId, options);
    if (taken.outcome !== 'acquired') {
      throw new Failure('throttled', 'another was faster', { code: 'refresh-under-way', retryAfterMs: AFTER_LEASE_MS });
    }
    lease = { ...taken, takenAt: now };
    if (deps.clock.now() - now > SEND_WITHIN_MS) {
      throw new Failure('retryable', 'the process stood still, and its lease runs out', { code: 'lease-too-old' });
    }
  }

  try {
    await callMarketplace(deps, {
      marketplace: member.marketplace,
      connectionId,
      build: (now) => exchangeCall(member, connection, refreshToken, now),
      orderIds: [],
      ...origin,
      async begin() {
        await takeLease();
        isSent = true;
      },
      timeoutMs: EXCHANGE_TIMEOUT_MS,
      async keep(response) {
        tokens = member.marketplace.auth.readTokens(response, deps.clock.now());
        await storeTokens(deps, connectionId, lease!, tokens);
      },
    });
    const rotated = tokens!.refreshToken !== undefined && tokens!.refreshToken !== refreshToken;
    return { generation: generation + 1, accessTokenExpiresAt: tokens!.accessTokenExpiresAt, rotated };
  } catch (thrown) {
    return end(asFailure(thrown));
  }

  async function end(failure: Failure): Promise<undefined> {
    const isDead = failure.code === 'grant-dead';
    if (isDead && !lease) await takeLease();
    const now = deps.clock.now();
    const againAt = now + (failure.retryAfterMs ?? 0) + ASK_AGAIN_MS;
    if (!lease) {
      const { turnAt } = failure;
      const next = { now, dueAt: againAt, soonAt: now + ASK_SOON_MS, turnAt };
      await deps.credentials.postpone(connectionId, generation, next);
      throw failure;
    }
    if (isDead) {
      // Where refresh tokens rotate, a dead grant after an exchange without an end is the rotated token that was lost.
      const isLost = lease.interrupted && member.marketplace.auth.rotation === 'strict';
      const reason = isLost ? 'refresh-answer-lost' : failure.code;
      const buried = await deps.credentials.bury(connectionId, lease.fence, { reason, dueAt: now + ASK_SOON_MS });
      // Otherwise the seller has consented anew meanwhile: what died is the grant before.
      if (buried) await tellDeadGrant(deps, connectionId, { reason, generation }, origin.cause);
      return undefined;
    }
    const isChanged = await hasNewRegistration(deps.members, member, failure);
    const isHopeless = failure.kind === 'permanent' && !isChanged;
    await deps.credentials.release(connectionId, lease.fence, {
      now,
      dueAt: isHopeless ? now + OPERATOR_MS : againAt,
      uncertain: lease.interrupted || (isSent && failure.kind !== 'throttled' && failure.kind !== 'permanent'),
    });
    throw isChanged ? registrationChanged() : failure;
  }
}

/** Publishes `token.refreshed`, under the same id however often, then marks that it is published. */
async function tellRefreshed(
  deps: RefreshTokenDeps,
  { connectionId, marketplace }: Connection,
  { generation, accessTokenExpiresAt, rotated }: Refreshed,
  { cause }: Origin,
): Promise<void> {
  const expiresAt = new Date(accessTokenExpiresAt).toISOString();
  await deps.publisher.publish(
    deps.newEvent(
      'token.refreshed',
      { connectionId, marketplace, accessTokenExpiresAt: expiresAt, rotated },
      { id: `${connectionId}/${generation}`, cause },
    ),
  );
  await deps.credentials.announced(connectionId, generation);
}
