import type { Clock } from '#platform/runtime/clock.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import { appConnectionId, type Connections, type Consented, grantIdOf } from '#platform/state/connections.ts';
import type { Credentials, NewGrant } from '#platform/state/credentials.ts';
import type { Cursors } from '#platform/state/cursors.ts';
import type { Member } from './deps.ts';

export type ConnectSellerDeps = {
  clock: Clock;
  newEvent: NewEvent;
  publisher: Publisher;
  connections: Pick<Connections, 'put'>;
  credentials: Pick<Credentials, 'put' | 'remove' | 'generation'>;
  cursors: Pick<Cursors, 'start'>;
};

export type Grant = Consented & {
  /** null for the app's own connection */
  refreshToken: string | null;
  /** the other tokens that the exchange gave; absent: a first access token is asked for */
  tokens?: NewGrant['tokens'];
  /** how far back the orders of a new connection are to be read, ms; absent: not at all */
  backfillMs?: number;
};

/** the part of its life after which an access token from an exchange is refreshed; from then on its refreshes lie evenly */
const FIRST_REFRESH = 0.5;

/**
 * Puts a grant in place: the tokens first, then the connection, its cursor, which a connection that exists keeps, and
 * the wish for a first access token. Whatever it is killed in between, it can be done again.
 */
export async function connectSeller(
  deps: ConnectSellerDeps,
  { refreshToken, tokens, backfillMs = 0, ...connection }: Grant,
): Promise<void> {
  const { connectionId, marketplace, sellerId, grant } = connection;
  const now = deps.clock.now();
  const { consentedAt = now } = connection;
  const isOwn = grantIdOf(connection) === connectionId;
  if (isOwn) {
    const dueAt = tokens ? now + (tokens.accessTokenExpiresAt - now) * FIRST_REFRESH : now;
    await deps.credentials.put(connectionId, { refreshToken, tokens, dueAt, consentedAt });
  }
  // A newer consent may have come in between.
  if (!(await deps.connections.put({ ...connection, consentedAt }))) return;
  if (!isOwn) await deps.credentials.remove(connectionId);
  if (grant === 'seller') await deps.cursors.start(connectionId, now, now, now - backfillMs);
  const id = `${connectionId}/connected/${consentedAt}`;
  await deps.publisher.publish(deps.newEvent('connection.connected', { marketplace, connectionId, sellerId }, { id }));
  if (tokens || !isOwn) return;
  // At once, not at the next tick.
  const credentialsVersion = await deps.credentials.generation(connectionId);
  const wish = { connectionId, reason: 'due' as const, credentialsVersion };
  await deps.publisher.publish(deps.newEvent('token-refresh.requested', wish));
}

/** The app's own connection, where its marketplace has calls that want a token of the app (eBay's public keys). */
export async function connectApp(
  deps: ConnectSellerDeps & { connections: Pick<Connections, 'get'>; members: ReadonlyMap<string, Member> },
  marketplace: string,
): Promise<void> {
  const connectionId = appConnectionId(marketplace);
  if (!deps.members.get(marketplace)?.marketplace.auth.appTokenCall) return;
  if (await deps.connections.get(connectionId)) return;
  const app = { connectionId, marketplace, sellerId: 'app', settings: {}, grant: 'app' as const, refreshToken: null };
  await connectSeller(deps, app);
}
