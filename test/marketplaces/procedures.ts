import type { Marketplace, Step } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';

/** The `Failure` that `run` throws; anything else it does is an error. */
export function failureOf(run: () => unknown): Failure {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

/**
 * Runs procedures of a marketplace to their end, each call answered by `reply` and read for its failure first, as the
 * platform does; each must have its limits. Returns what came of it and the calls that it made.
 */
export function runStepsOf({ limits, readFailure }: Pick<Marketplace, 'limits' | 'readFailure'>) {
  return <Result>(
    procedure: (answers: readonly HttpResponse[]) => Step<Result>,
    reply: (request: HttpRequest, operation: string) => HttpResponse,
  ): { result: Result; operations: string[]; requests: HttpRequest[] } => {
    const answers: HttpResponse[] = [];
    const operations: string[] = [];
    const requests: HttpRequest[] = [];
    for (;;) {
      const step = procedure(answers);
      if ('done' in step) return { result: step.done, operations, requests };
      const { operation, request } = step.call;
      limits.forOperation(operation);
      const response = reply(request, operation);
      const failure = readFailure(response, operation);
      if (failure) throw failure;
      operations.push(operation);
      requests.push(request);
      answers.push(response);
    }
  };
}

/** Answers by operation; several of one operation come in their order. */
export function replies(answers: Record<string, readonly HttpResponse[]>) {
  const left = Object.fromEntries(Object.entries(answers).map(([operation, list]) => [operation, [...list]]));
  return (_request: HttpRequest, operation: string): HttpResponse => {
    const next = left[operation]?.shift();
    if (!next) throw new Error(`no answer to ${operation} is left`);
    return next;
  };
}
