import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { Connection, Connections } from '#platform/state/connections.ts';
import type { Credentials } from '#platform/state/credentials.ts';

export type TellDeadGrantDeps = {
  newEvent: NewEvent;
  publisher: Publisher;
  connections: Pick<Connections, 'needsConsent' | 'announced'>;
  credentials: Pick<Credentials, 'rest'>;
};

/** the reasons that are given here, and nowhere else */
const REASONS: readonly (string | null)[] = ['grant-dead', 'refresh-answer-lost'];

/** Does the connection ask for consent because its tokens were buried? */
export const wasBuriedHere = ({ status, statusReason }: Connection): boolean =>
  status === 'needs-consent' && REASONS.includes(statusReason);

/**
 * Marks a connection whose grant is dead, and publishes `connection.consent-needed`, under the same id however often.
 * Only then is the connection due no more, so that one who was killed in between is made up for.
 */
export async function tellDeadGrant(
  deps: TellDeadGrantDeps,
  { connectionId, marketplace }: Connection,
  { reason, generation }: { reason: string; generation: number },
  cause: string,
): Promise<void> {
  const marked = await deps.connections.needsConsent(connectionId, reason);
  if (marked && !marked.announced) {
    await deps.publisher.publish(
      deps.newEvent(
        'connection.consent-needed',
        { connectionId, marketplace, reason: marked.statusReason ?? reason },
        { id: `${connectionId}/consent-needed/${generation}`, cause },
      ),
    );
    await deps.connections.announced(connectionId);
  }
  await deps.credentials.rest(connectionId, generation);
}
