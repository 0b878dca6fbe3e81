import type { Call, CallContext, Step } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import type { World } from './world.ts';

/** most calls of one procedure here */
const MAX_CALLS = 100;

type Next<Result> = (context: CallContext<unknown>, answers: readonly HttpResponse[]) => Step<Result>;

/** The answer of a call took effect and was lost. */
export class AnswerLost extends Error {}

/**
 * Runs a procedure to its end, as the pipeline does: each answer that is a failure ends it, a throttle is waited out.
 * `loses`: the number of the call, 1 upwards, whose answer is lost; then it throws `AnswerLost`.
 */
export async function runProcedure<Result>(
  world: World,
  next: Next<Result>,
  options: { loses?: number } = {},
): Promise<{ result: Result; calls: number }> {
  const answers: HttpResponse[] = [];
  while (answers.length < MAX_CALLS) {
    const step = next(world.context(), answers);
    if ('done' in step) return { result: step.done, calls: answers.length };
    const answer = await patiently(world, step.call);
    if (answers.length + 1 === options.loses) throw new AnswerLost('the answer was lost');
    answers.push(answer);
  }
  throw new Error('the procedure has no end');
}

async function patiently(world: World, call: Call): Promise<HttpResponse> {
  for (;;) {
    try {
      return await world.call(call, (response) => response);
    } catch (thrown) {
      if (!(thrown instanceof Failure && thrown.kind === 'throttled')) throw thrown;
      await world.advance(thrown.retryAfterMs ?? 1_000);
    }
  }
}

/** Loses the answer of each call of a procedure in turn, and lets it begin anew each time. */
export async function runLosingEach<Result>(
  world: World,
  begin: () => Promise<Next<Result>>,
  check: (result: Result) => void | Promise<void>,
): Promise<void> {
  for (let loses = 1; loses <= MAX_CALLS; loses++) {
    const next = await begin();
    let wasLost = false;
    await runProcedure(world, next, { loses }).catch((thrown: unknown) => {
      if (!(thrown instanceof AnswerLost)) throw thrown;
      wasLost = true;
    });
    if (!wasLost) return; // it has fewer calls
    await check((await runProcedure(world, next)).result);
  }
}
