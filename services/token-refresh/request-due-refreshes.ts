import type { Clock } from '#platform/runtime/clock.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { Credentials } from '#platform/state/credentials.ts';
import { ASK_AGAIN_MS, ASK_SOON_MS } from './times.ts';

/** most connections asked about at one tick: the next one takes the rest */
const MAX_DUE = 10_000;
/** how many of them at once */
const AT_ONCE = 100;

export type RequestDueRefreshesDeps = {
  clock: Clock;
  newEvent: NewEvent;
  publisher: Publisher;
  credentials: Pick<Credentials, 'due' | 'generation' | 'postpone'>;
};

/** On a tick: asks for a refresh of each connection that is due. First the wish, then the mark. */
export async function requestDueRefreshes(deps: RequestDueRefreshesDeps): Promise<void> {
  const now = deps.clock.now();
  // Looked up once: those that were asked for just now by another would be found again and again.
  const due = await deps.credentials.due(now, MAX_DUE);
  for (let start = 0; start < due.length; start += AT_ONCE) {
    await Promise.all(due.slice(start, start + AT_ONCE).map((connectionId) => requestRefresh(deps, connectionId, now)));
  }
}

async function requestRefresh(deps: RequestDueRefreshesDeps, connectionId: string, now: number): Promise<void> {
  const credentialsVersion = await deps.credentials.generation(connectionId);
  const data = { connectionId, reason: 'due' as const, credentialsVersion };
  await deps.publisher.publish(deps.newEvent('token-refresh.requested', data));
  await deps.credentials.postpone(connectionId, credentialsVersion, {
    now,
    dueAt: now + ASK_AGAIN_MS,
    soonAt: now + ASK_SOON_MS,
  });
}
