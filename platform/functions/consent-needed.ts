import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { Connections } from '#platform/state/connections.ts';

export type TellConsentNeededDeps = {
  newEvent: NewEvent;
  publisher: Publisher;
  connections: Pick<Connections, 'needsConsent' | 'announced'>;
};

/**
 * Marks a connection whose seller must consent again, and publishes `connection.consent-needed`, under the same id however
 * often: first the event, then the mark that it was told.
 */
export async function tellConsentNeeded(
  deps: TellConsentNeededDeps,
  connectionId: string,
  { reason, generation, cause }: { reason: string; generation: number; cause?: string },
): Promise<void> {
  const marked = await deps.connections.needsConsent(connectionId, reason);
  if (!marked || marked.announced) return;
  const { marketplace, statusReason } = marked;
  await deps.publisher.publish(
    deps.newEvent(
      'connection.consent-needed',
      { connectionId, marketplace, reason: statusReason ?? reason },
      { id: `${connectionId}/consent-needed/${generation}`, cause },
    ),
  );
  await deps.connections.announced(connectionId);
}
