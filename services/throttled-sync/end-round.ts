import type { Clock } from '#platform/runtime/clock.ts';
import { asFailure } from '#platform/runtime/failure.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import type { Connection } from '#platform/state/connections.ts';
import type { RoundKind, Rounds } from '#platform/state/rounds.ts';
import { type RoundPlan, roundIdOf } from './rounds.ts';

/** attempts at one round, ours: the next round comes by itself, so that none need lie in the dead-letter queue */
const MAX_ATTEMPTS = 5;

/** Runs a round and remembers what came of it. A failure is thrown as long as it is worth while to try again soon. */
export async function endRound(
  deps: { clock: Clock; logger: Logger; rounds: Pick<Rounds, 'ended'> },
  round: { kind: RoundKind; plan: RoundPlan; connection: Connection; attempt: number },
  run: () => Promise<string>,
): Promise<void> {
  const { kind, plan, connection, attempt } = round;
  const { marketplace, connectionId } = connection;
  let outcome: string;
  try {
    outcome = await run();
  } catch (thrown) {
    const failure = asFailure(thrown);
    const isWaiting = failure.kind === 'throttled';
    if (isWaiting || (failure.kind !== 'permanent' && attempt < MAX_ATTEMPTS)) throw failure;
    outcome = failure.code;
    deps.logger.warn({ marketplace, connectionId, round: kind, outcome, detail: failure.message }, 'round');
  }
  const endedAt = deps.clock.now();
  await deps.rounds.ended(kind, roundIdOf(plan, connection), { endedAt, dueAt: endedAt + plan.everyMs, outcome });
}
