import type { Clock } from '#platform/runtime/clock.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { Credentials } from '#platform/state/credentials.ts';

/** connections looked at in one step */
const PAGE = 100;
/** when a refresh that was asked for and has told no end is due again, ms */
const ASK_AGAIN_MS = 300_000;

export type RequestDueRefreshesDeps = {
  clock: Clock;
  newEvent: NewEvent;
  publisher: Publisher;
  credentials: Pick<Credentials, 'due' | 'generation' | 'postpone'>;
};

/** On a tick: asks for a refresh of each connection that is due. First the wish, then the mark. */
export async function requestDueRefreshes(deps: RequestDueRefreshesDeps): Promise<void> {
  for (;;) {
    const now = deps.clock.now();
    const due = await deps.credentials.due(now, PAGE);
    await Promise.all(
      due.map(async (connectionId) => {
        const credentialsVersion = await deps.credentials.generation(connectionId);
        const data = { connectionId, reason: 'due' as const, credentialsVersion };
        await deps.publisher.publish(deps.newEvent('token-refresh.requested', data));
        await deps.credentials.postpone(connectionId, credentialsVersion, now + ASK_AGAIN_MS);
      }),
    );
    if (due.length < PAGE) return;
  }
}
