import type { Members } from '#platform/functions/deps.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { Connection, Connections } from '#platform/state/connections.ts';
import { ROUND_KINDS, type RoundKind, type Rounds } from '#platform/state/rounds.ts';
import { phaseOf, planOf, type RoundPlan, roundIdOf } from './rounds.ts';

/** most rounds asked for at one tick: the next one takes the rest */
const MAX_DUE = 1_000;
/** how many of them at once */
const AT_ONCE = 100;
/** how often it is looked which connections there are, ms: a new one has had its first subscription by then */
const LOOK_EVERY_MS = 3_600_000;
/** how long a round that was asked for may take before it is taken for lost, ms: it waits behind all live work */
const UNDER_WAY_MS = 6 * 3_600_000;

export type RequestDueRoundsDeps = {
  clock: Clock;
  newEvent: NewEvent;
  publisher: Publisher;
  members: Members;
  connections: Pick<Connections, 'get' | 'list'>;
  rounds: Pick<Rounds, 'start' | 'due' | 'asked'>;
};

/** On a tick: asks for each round that is due. First the wish, then the mark. */
export function createRoundRequests(deps: RequestDueRoundsDeps) {
  let lookAt = Number.NEGATIVE_INFINITY;

  /** Connections come in several ways, so all are looked at now and then, and new ones given their place in the hour. */
  async function startNew(now: number): Promise<void> {
    for (const connection of (await deps.connections.list()).filter(isActive)) {
      for (const kind of ROUND_KINDS) {
        const plan = planFor(connection, kind);
        if (!plan) continue;
        const id = roundIdOf(plan, connection);
        await deps.rounds.start(kind, id, now + phaseOf(`${kind}/${id}`) * plan.everyMs);
      }
    }
    lookAt = now + LOOK_EVERY_MS;
  }

  const isActive = ({ grant, status }: Connection): boolean => grant === 'seller' && status === 'active';

  function planFor({ marketplace }: Connection, kind: RoundKind): RoundPlan | undefined {
    const member = deps.members.get(marketplace);
    return member && planOf(member.marketplace, kind);
  }

  /** As whom a round is run: what is one for the app as now one of its connections, now another. */
  async function runnerOf(kind: RoundKind, id: string, now: number): Promise<Connection | undefined> {
    const own = await deps.connections.get(id);
    if (own?.grant === 'seller') return isActive(own) ? own : undefined;
    const ofApp = (connection: Connection): boolean => {
      const plan = planFor(connection, kind);
      return plan?.scope === 'app' && roundIdOf(plan, connection) === id;
    };
    const candidates = (await deps.connections.list()).filter((each) => isActive(each) && ofApp(each));
    const [first] = candidates;
    const everyMs = (first && planFor(first, kind)?.everyMs) ?? LOOK_EVERY_MS;
    return candidates[Math.floor(now / everyMs) % candidates.length];
  }

  async function request(kind: RoundKind, id: string, now: number): Promise<void> {
    const connection = await runnerOf(kind, id, now);
    if (connection) {
      const { connectionId } = connection;
      await deps.publisher.publish(
        kind === 'subscription'
          ? deps.newEvent('webhook-subscription.requested', { connectionId, reason: 'due' })
          : deps.newEvent('missed-webhooks.requested', { connectionId }),
      );
    }
    await deps.rounds.asked(kind, id, now + UNDER_WAY_MS);
  }

  return {
    async requestDue(): Promise<void> {
      const now = deps.clock.now();
      if (now >= lookAt) await startNew(now);
      for (const kind of ROUND_KINDS) {
        const due = await deps.rounds.due(kind, now, MAX_DUE);
        for (let start = 0; start < due.length; start += AT_ONCE) {
          await Promise.all(due.slice(start, start + AT_ONCE).map((id) => request(kind, id, now)));
        }
      }
    },
  };
}
