import type { Call } from '#marketplaces/marketplace.ts';
import type { Member } from '#platform/functions/deps.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Connection } from '#platform/state/connections.ts';

/** The call that gets a connection a new access token: a seller's by its refresh token, the app's own without one. */
export function exchangeCall(
  { marketplace, app }: Member,
  connection: Connection,
  token: string | null,
  now: number,
): Call {
  const { auth } = marketplace;
  if (connection.grant === 'seller' && token !== null) {
    return auth.refreshCall(app, { connection, refreshToken: token, now });
  }
  if (connection.grant === 'app' && auth.appTokenCall) return auth.appTokenCall(app, { now });
  throw new Failure('permanent', 'the connection has no refresh token', { code: 'grant-dead' });
}
