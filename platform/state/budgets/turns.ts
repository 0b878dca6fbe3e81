import type { Bucket, Standing } from './bucket.ts';

/** live work gets nine calls for each one of a backfill: the minimum that it is sure of */
const LIVE_SHARE = 9;
/** calls that go to one connection before it is the next one's turn: so that one booking covers many calls of few buckets */
export const QUANTUM_CALLS = 12;
/** after this many calls in a row one who called seldom calls often; one is forgiven for each so many turns of all */
const SELDOM_CALLS = 4;
const FORGIVEN_PER_TURNS = 4;

export type Priority = 'live' | 'backfill';

export type CallRequest = {
  /** at least one; the one that most share last */
  buckets: readonly Bucket[];
  /** whose call it is (a connection): those who share a bucket take turns */
  group: string;
  priority?: Priority | undefined;
  /** how many turns this group gets for one of another; absent: 1 */
  weight?: number | undefined;
  /** the place in the line that it was given when it was told to come back, epoch ms of the engine's clock */
  turnAt?: number | undefined;
  /** it goes on with what other calls have begun, which would be made again: it waits here for its place, if that is not far */
  isUnderWay?: boolean | undefined;
};

export type Waiting<Answer> = { request: CallRequest; resolve(answer: Answer): void; reject(reason: unknown): void };

/** The waiting calls of one connection that are alike: same buckets, same priority. */
export type Flow<Answer> = {
  key: string;
  buckets: readonly Bucket[];
  priority: Priority;
  weight: number;
  waiting: Waiting<Answer>[];
  /** what it has had, in live calls over weight */
  served: number;
  /** how often it may still call as one who calls seldom, as of when `granted` was `seldomAt` */
  seldomLeft: number;
  seldomAt: number;
  /** none was left: it calls often till all of them are forgiven, not only while others have their turn */
  isOften: boolean;
};

/** How many calls a flow has for one of a backfill of weight 1, while all of them wait. */
export const shareOf = ({ priority, weight }: Pick<Flow<unknown>, 'priority' | 'weight'>): number =>
  weight * (priority === 'live' ? LIVE_SHARE : 1);

export type Turns<Answer> = ReturnType<typeof createTurns<Answer>>;

/**
 * Whose turn it is among the calls that wait in a worker: fair queueing over connections, by weight, live work before
 * backfill, and some calls at a time. One who comes after a pause begins where the others are: nobody saves up turns.
 */
export function createTurns<Answer>() {
  const flows = new Map<string, Flow<Answer>>();
  let granted = 0;
  /** what the one served last had had before its turn */
  let level = 0;

  /** So who uses less than a quarter of an equal share calls seldom. */
  const forgivenPerCalls = (): number => FORGIVEN_PER_TURNS * flows.size;

  const seldomLeft = (flow: Flow<Answer>): number =>
    Math.min(SELDOM_CALLS, flow.seldomLeft + (granted - flow.seldomAt) / forgivenPerCalls());

  const standing = (flow: Flow<Answer>): Standing => {
    if (flow.priority === 'backfill') return 'backfill';
    return flow.isOften && seldomLeft(flow) < SELDOM_CALLS ? 'often' : 'seldom';
  };

  /** which of its quanta a flow is in: the one that has begun goes on */
  const quantum = (flow: Flow<Answer>): number =>
    standing(flow) === 'seldom' ? -1 : Math.floor(flow.served / QUANTUM_CALLS);

  return {
    add(waiting: Waiting<Answer>): void {
      const { buckets, group, priority = 'live', weight = 1, turnAt } = waiting.request;
      const key = `${group}/${priority}/${buckets.map((bucket) => bucket.key).join('|')}`;
      let flow = flows.get(key);
      if (!flow) {
        flow = {
          key,
          buckets,
          priority,
          weight,
          waiting: [],
          served: level,
          seldomLeft: SELDOM_CALLS,
          seldomAt: granted,
          isOften: false,
        };
        flows.set(key, flow);
      }
      if (flow.waiting.length === 0) flow.served = Math.max(flow.served, level);
      // Those who come back from the line go before those who were never in it.
      const after =
        turnAt === undefined
          ? flow.waiting.length
          : flow.waiting.findIndex(({ request }) => (request.turnAt ?? Number.POSITIVE_INFINITY) > turnAt);
      flow.waiting.splice(after === -1 ? flow.waiting.length : after, 0, waiting);
    },

    standing,

    /** The flow's first `count` calls have their places; they are taken out. */
    grant(flow: Flow<Answer>, count: number): Waiting<Answer>[] {
      level = Math.max(level, flow.served);
      const isOften = standing(flow) !== 'seldom';
      flow.seldomLeft = Math.max(0, seldomLeft(flow) - count);
      flow.isOften = isOften || flow.seldomLeft < 1;
      granted += count;
      flow.seldomAt = granted;
      flow.served += (count * LIVE_SHARE) / shareOf(flow);
      return flow.waiting.splice(0, count);
    },

    /** The flows with waiting calls, the one whose turn it is first. */
    inOrder(): Flow<Answer>[] {
      const waiting: Flow<Answer>[] = [];
      for (const [key, flow] of flows) {
        if (flow.waiting.length > 0) waiting.push(flow);
        else if (granted - flow.seldomAt > forgivenPerCalls() * SELDOM_CALLS) flows.delete(key);
      }
      return waiting.length < 2 ? waiting : waiting.sort((a, b) => quantum(a) - quantum(b) || b.served - a.served);
    },

    /** The flows that take their turn again and again, waiting here at the moment or not. */
    busy: (): Flow<Answer>[] => [...flows.values()].filter((flow) => standing(flow) !== 'seldom'),

    count(): number {
      let count = 0;
      for (const flow of flows.values()) count += flow.waiting.length;
      return count;
    },
  };
}
