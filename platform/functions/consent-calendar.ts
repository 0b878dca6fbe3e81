import type { Store } from '#platform/engines/engine.ts';
import { appConnectionId, type Connection, type Connections, grantIdOf } from '#platform/state/connections.ts';
import { tokenTimes } from '#platform/state/credentials.ts';
import type { Member } from './deps.ts';

const DAY_MS = 24 * 3_600_000;
/**
 * A refresh token that each refresh gives its whole life anew (30 days and more) is this close to its end only when
 * refreshes have failed for long, ms.
 */
const STALLED_MS = 7 * DAY_MS;

/** When something ends that only a person can renew: a seller's consent, or a secret of the developer's app. */
export type ConsentEnd = {
  /** the connection's id, or `<marketplace>-app/<secret>` */
  subject: string;
  marketplace: string;
  connectionId: string | null;
  secret: string | null;
  /** epoch ms */
  endsAt: number;
};

export type ConsentCalendarDeps = {
  store: Pick<Store, 'get'>;
  members: ReadonlyMap<string, Member>;
  connections: Pick<Connections, 'list'>;
};

/** Every end that is known, the nearest first. */
export async function consentCalendar(deps: ConsentCalendarDeps, now: number): Promise<ConsentEnd[]> {
  const ends: ConsentEnd[] = [];
  for (const { marketplace, app } of deps.members.values()) {
    for (const { secret, endsAt } of marketplace.auth.secretEnds?.(app) ?? []) {
      const subject = `${appConnectionId(marketplace.name)}/${secret}`;
      ends.push({ subject, marketplace: marketplace.name, connectionId: null, secret, endsAt });
    }
  }
  for (const connection of await deps.connections.list()) {
    const { connectionId, marketplace } = connection;
    const endsAt = await consentEndOf(deps, connection, now);
    if (endsAt !== undefined) ends.push({ subject: connectionId, marketplace, connectionId, secret: null, endsAt });
  }
  return ends.sort((a, b) => a.endsAt - b.endsAt);
}

/** When a connection's consent ends: by the marketplace's word, or by its rule, and in any case with its refresh token. */
export async function consentEndOf(
  { store, members }: Pick<ConsentCalendarDeps, 'store' | 'members'>,
  connection: Connection,
  now: number,
): Promise<number | undefined> {
  if (connection.grant !== 'seller') return undefined;
  const auth = members.get(connection.marketplace)?.marketplace.auth;
  const { consentedAt, consentEndsAt } = connection;
  const { consentLifetimeMs } = auth ?? {};
  const byRule = consentedAt && consentLifetimeMs ? consentedAt + consentLifetimeMs : undefined;
  const { refreshTokenExpiresAt } = await tokenTimes(store, grantIdOf(connection));
  const isMoving = auth?.refreshProlongs && (refreshTokenExpiresAt ?? 0) - now > STALLED_MS;
  const known = [consentEndsAt ?? byRule, isMoving ? undefined : refreshTokenExpiresAt].filter(
    (at) => at !== undefined,
  );
  return known.length > 0 ? Math.min(...known) : undefined;
}
