import type { Clock } from '#platform/runtime/clock.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import { appConnectionId, type Connection, type Connections } from '#platform/state/connections.ts';
import type { Credentials } from '#platform/state/credentials.ts';
import type { Cursors } from '#platform/state/cursors.ts';
import type { Member } from './deps.ts';

export type ConnectSellerDeps = {
  clock: Clock;
  newEvent: NewEvent;
  publisher: Publisher;
  connections: Pick<Connections, 'put'>;
  credentials: Pick<Credentials, 'put' | 'generation'>;
  cursors: Pick<Cursors, 'start'>;
};

export type Grant = Pick<Connection, 'connectionId' | 'marketplace' | 'sellerId' | 'settings' | 'grant'> & {
  /** null for the app's own connection */
  refreshToken: string | null;
};

/**
 * Puts a grant in place: the tokens first, then the connection, its cursor, which a connection that exists keeps, and
 * the wish for a first access token. Whatever it is killed in between, it can be done again.
 */
export async function connectSeller(deps: ConnectSellerDeps, { refreshToken, ...connection }: Grant): Promise<void> {
  const { connectionId, marketplace, sellerId, grant } = connection;
  const now = deps.clock.now();
  await deps.credentials.put(connectionId, { refreshToken, dueAt: now });
  await deps.connections.put(connection);
  if (grant === 'seller') await deps.cursors.start(connectionId, now, now);
  await deps.publisher.publish(deps.newEvent('connection.connected', { marketplace, connectionId, sellerId }));
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
