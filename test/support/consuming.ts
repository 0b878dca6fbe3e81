import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Engine, ReceivedMessage } from '#platform/engines/engine.ts';
import { type VirtualClock, virtualClock } from '#platform/runtime/clock.ts';
import {
  type ConsumeQueues,
  type Consumer,
  type ConsumerWatch,
  consume,
  type MessageContext,
} from '#platform/runtime/consume.ts';
import type { Failure } from '#platform/runtime/failure.ts';
import { type Random, seededRandom } from '#platform/runtime/random.ts';

const START_AT = 1_767_225_600_000;
/** what every random draw gives, so that waits are half of their ceiling */
export const FRACTION = 0.5;

export type Handled = { body: string; at: number; attempt: number };

/** A queue with a consumer in simulated time; the test moves the time with `clock.run`. */
export function createConsuming() {
  const clock: VirtualClock = virtualClock(START_AT);
  const engine: Engine = openEmbeddedEngine({ path: ':memory:', clock });
  const handled: Handled[] = [];
  const logged: Record<string, unknown>[] = [];
  const refreshes: Failure[] = [];
  const write = (fields: Record<string, unknown>): void => void logged.push(fields);

  return {
    clock,
    engine,
    handled,
    logged,
    refreshes,
    /** ms since the beginning */
    elapsed: (): number => clock.now() - START_AT,
    send: (bodies: readonly string[], groupId?: string) =>
      engine.queues.send(
        'work',
        bodies.map((body) => ({ body, groupId })),
      ),
    deadLetters: (): Promise<ReceivedMessage[]> =>
      engine.queues.receive('work-dead-letters', { maxMessages: 1_000, visibilityTimeoutMs: 1_000, waitMs: 0 }),
    depth: () => engine.queues.depth('work'),
    start(
      handle: (body: string, attempt: number, context: MessageContext) => Promise<void> | void,
      options: {
        window?: number;
        gatherMs?: number;
        queues?: Partial<ConsumeQueues>;
        random?: Random;
        parse?: (body: string) => string;
        watch?: ConsumerWatch;
      } = {},
    ): Consumer {
      return consume<string>(
        {
          queues: { ...engine.queues, ...options.queues },
          clock,
          random: options.random ?? { ...seededRandom('consume'), fraction: () => FRACTION },
          logger: { info: write, warn: write, error: write },
          requestTokenRefresh: async (failure) => void refreshes.push(failure),
        },
        {
          queue: 'work',
          deadLetterQueue: 'work-dead-letters',
          handler: 'worker',
          parse: options.parse ?? ((body) => body),
          describe: (body) => ({ eventId: `event-${body}` }),
          async handle(body, context) {
            const { attempt } = context;
            handled.push({ body, at: clock.now() - START_AT, attempt });
            await handle(body, attempt, context);
          },
          ...(options.window === undefined ? {} : { window: options.window }),
          ...(options.gatherMs === undefined ? {} : { gatherMs: options.gatherMs }),
          ...(options.watch && { watch: options.watch }),
        },
      );
    },
  };
}
