import { type ConsentCalendarDeps, type ConsentEnd, consentCalendar } from '#platform/functions/consent-calendar.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { Connections } from '#platform/state/connections.ts';
import type { ConsentNotices } from '#platform/state/consent-notices.ts';

const DAY_MS = 24 * 3_600_000;
/** how long ahead an end is told of, days: the nearest one that is passed counts */
const DAYS_AHEAD = [1, 7, 30] as const;

export type TellConsentEndsDeps = ConsentCalendarDeps & {
  clock: Clock;
  newEvent: NewEvent;
  publisher: Publisher;
  connections: Pick<Connections, 'list' | 'get'>;
  consentNotices: Pick<ConsentNotices, 'isTold' | 'told'>;
};

/** On a tick: publishes `connection.consent-ending` for each end that is near, once for each of the days ahead. */
export async function tellConsentEnds(deps: TellConsentEndsDeps): Promise<void> {
  const now = deps.clock.now();
  for (const end of await consentCalendar(deps, now)) {
    if (end.endsAt - now > Math.max(...DAYS_AHEAD) * DAY_MS) return;
    if (end.endsAt > now) await tell(deps, end, now);
  }
}

async function tell(deps: TellConsentEndsDeps, end: ConsentEnd, now: number): Promise<void> {
  const { subject, marketplace, connectionId, secret, endsAt } = end;
  const daysAhead = DAYS_AHEAD.find((days) => endsAt - now <= days * DAY_MS)!;
  if (await deps.consentNotices.isTold(subject, daysAhead, endsAt)) return;
  // Who needs a new consent already has been told so.
  if (connectionId !== null && (await deps.connections.get(connectionId))?.status !== 'active') return;
  const daysLeft = Math.ceil((endsAt - now) / DAY_MS);
  const id = `${subject}/consent-ending/${daysAhead}/${new Date(endsAt).toISOString().slice(0, 10)}`;
  await deps.publisher.publish(
    deps.newEvent(
      'connection.consent-ending',
      { marketplace, connectionId, secret, endsAt: new Date(endsAt).toISOString(), daysLeft },
      { id },
    ),
  );
  await deps.consentNotices.told(subject, daysAhead, endsAt);
}
