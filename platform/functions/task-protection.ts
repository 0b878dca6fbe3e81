import type { Clock } from '#platform/runtime/clock.ts';
import type { ConsumerWatch } from '#platform/runtime/consume.ts';
import { asFailure } from '#platform/runtime/failure.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import type { Send } from '#platform/runtime/send.ts';

/** how long a protection lasts by itself, minutes: a task whose process hangs can be replaced after it */
const EXPIRES_MINUTES = 10;
/** how often it is looked at, ms: the task counts as idle when nothing was in flight for so long */
const LOOK_EVERY_MS = 30_000;
/** a protection is renewed at this age, ms: half of its life, so that one renewal may fail */
const RENEW_AFTER_MS = (EXPIRES_MINUTES * 60_000) / 2;
const TIMEOUT_MS = 5_000;

export type TaskProtection = Pick<ConsumerWatch, 'inFlight'> & {
  /** Asks for nothing more: who is being stopped can't be kept. */
  stop(): void;
};

/**
 * Keeps ECS from choosing this task when it scales in, as long as messages are in flight. It helps and nothing depends
 * on it: a task that is stopped all the same loses nothing, so trouble is only logged.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
 * @param options.agentUri what ECS sets as ECS_AGENT_URI
 */
export function createTaskProtection(
  deps: { send: Send; clock: Clock; logger: Logger },
  { agentUri }: { agentUri: string },
): TaskProtection {
  const inFlight = new Map<string, number>();
  const stopping = new AbortController();
  /** was anything in flight since the last look? */
  let wasBusy = false;
  let isWatching = false;

  const isBusy = (): boolean => [...inFlight.values()].some((messages) => messages > 0);

  async function protect(isProtected: boolean): Promise<void> {
    try {
      const { status, body } = await deps.send(
        {
          method: 'PUT',
          url: `${agentUri}/task-protection/v1/state`,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            ProtectionEnabled: isProtected,
            ...(isProtected && { ExpiresInMinutes: EXPIRES_MINUTES }),
          }),
        },
        { timeoutMs: TIMEOUT_MS },
      );
      // A refusal may come as 200 with a `failure`.
      const { error, failure } = JSON.parse(body) as { error?: unknown; failure?: unknown };
      const refusal = error ?? failure;
      if (status !== 200 || refusal) deps.logger.warn({ status, isProtected, refusal }, 'task protection refused');
    } catch (thrown) {
      deps.logger.warn({ isProtected, detail: asFailure(thrown).message }, 'task protection failed');
    }
  }

  async function whileBusy(): Promise<void> {
    while (isBusy() && !stopping.signal.aborted) {
      let protectedAt = Number.NEGATIVE_INFINITY;
      do {
        if (deps.clock.now() - protectedAt >= RENEW_AFTER_MS) {
          protectedAt = deps.clock.now();
          await protect(true);
        }
        wasBusy = isBusy();
        await deps.clock.sleep(LOOK_EVERY_MS, stopping.signal);
      } while (wasBusy && !stopping.signal.aborted);
      if (!stopping.signal.aborted) await protect(false);
    }
    isWatching = false;
  }

  return {
    inFlight(queue, messages) {
      inFlight.set(queue, messages);
      if (messages === 0) return;
      wasBusy = true;
      if (isWatching) return;
      isWatching = true;
      void whileBusy();
    },
    stop: () => stopping.abort('stop'),
  };
}
