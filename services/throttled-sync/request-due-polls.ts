import type { Member } from '#platform/functions/deps.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { Connections } from '#platform/state/connections.ts';
import type { Cursor, Cursors } from '#platform/state/cursors.ts';
import { requestBackfill } from './request-backfill.ts';

/** connections looked at in one step */
const PAGE = 100;
/** how long a poll is taken to be under way without a sign of life, ms; then the next one begins beside it */
export const UNDER_WAY_MS = 3_600_000;
/** when to look again at a connection that can't be polled now, ms */
const NOT_NOW_MS = 300_000;

export type RequestDuePollsDeps = {
  clock: Clock;
  newEvent: NewEvent;
  publisher: Publisher;
  members: ReadonlyMap<string, Member>;
  connections: Pick<Connections, 'get'>;
  cursors: Pick<Cursors, 'get' | 'due' | 'begin' | 'goOn' | 'endBackfill'>;
};

/** On a tick: asks for a poll of each connection that is due. First the wish, then the mark, so that none is lost. */
export async function requestDuePolls(deps: RequestDuePollsDeps): Promise<void> {
  for (;;) {
    const now = deps.clock.now();
    const due = await deps.cursors.due(now, PAGE);
    await Promise.all(due.map((connectionId) => requestPoll(deps, connectionId, now)));
    if (due.length < PAGE) return;
  }
}

async function requestPoll(deps: RequestDuePollsDeps, connectionId: string, now: number): Promise<void> {
  const [connection, cursor] = await Promise.all([deps.connections.get(connectionId), deps.cursors.get(connectionId)]);
  if (!cursor) return;
  const member = connection && deps.members.get(connection.marketplace);
  const isReadable = member !== undefined && connection?.status === 'active';
  // At the first poll of a new connection, and again where its chain of messages was lost.
  if (isReadable && cursor.backfill && cursor.backfill.underWayUntil <= now) {
    await requestBackfill(deps, member, connectionId, cursor);
  }
  if (!isReadable || cursor.underWayUntil > now) {
    return deps.cursors.begin(connectionId, { dueAt: now + NOT_NOW_MS, underWayUntil: cursor.underWayUntil });
  }
  const window = pollWindow(member, cursor, now);
  await deps.publisher.publish(
    deps.newEvent('order-sync.requested', {
      connectionId,
      reason: 'poll',
      windowFrom: new Date(window.from).toISOString(),
      windowTo: new Date(window.to).toISOString(),
      pageToken: null,
      pageNumber: 1,
    }),
  );
  const { pollEveryMs } = member.marketplace.orders;
  await deps.cursors.begin(connectionId, {
    dueAt: window.isWhole ? now + pollEveryMs : now,
    underWayUntil: now + UNDER_WAY_MS,
  });
}

/**
 * The window of the next poll: from an overlap before the watermark to a little before now. Changes that the marketplace
 * shows late, or that moved between two pages of the last window, are found in the overlap. `isWhole` is false where the
 * marketplace takes no window as long as what is still to be read.
 */
export function pollWindow(
  { marketplace: { orders } }: Member,
  cursor: Pick<Cursor, 'watermark'>,
  now: number,
): { from: number; to: number; isWhole: boolean } {
  const to = now - orders.settleMs;
  const from = Math.min(cursor.watermark, to) - orders.overlapMs;
  return to - from <= orders.maxWindowMs
    ? { from, to, isWhole: true }
    : { from, to: from + orders.maxWindowMs, isWhole: false };
}
