import { type TellConsentNeededDeps, tellConsentNeeded } from '#platform/functions/consent-needed.ts';
import type { Connection, Connections } from '#platform/state/connections.ts';
import type { Credentials } from '#platform/state/credentials.ts';

export type TellDeadGrantDeps = TellConsentNeededDeps & {
  connections: Pick<Connections, 'needsConsent' | 'announced' | 'sharing'>;
  credentials: Pick<Credentials, 'rest'>;
};

/** the reasons that are given here, and nowhere else */
const REASONS: readonly (string | null)[] = ['grant-dead', 'refresh-answer-lost'];

/** Does the connection ask for consent because its tokens were buried? */
export const wasBuriedHere = ({ status, statusReason }: Connection): boolean =>
  status === 'needs-consent' && REASONS.includes(statusReason);

/**
 * Tells that a grant is dead, for each connection that uses it. Only then is the grant due no more, so that one who was
 * killed in between is made up for.
 */
export async function tellDeadGrant(
  deps: TellDeadGrantDeps,
  grantId: string,
  { reason, generation }: { reason: string; generation: number },
  cause: string,
): Promise<void> {
  const others = await deps.connections.sharing(grantId);
  for (const connectionId of [grantId, ...others.map((other) => other.connectionId)]) {
    await tellConsentNeeded(deps, connectionId, { reason, generation, cause });
  }
  await deps.credentials.rest(grantId, generation);
}
