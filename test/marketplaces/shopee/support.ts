import type { CallContext, Step } from '#marketplaces/marketplace.ts';
import { shopee } from '#marketplaces/shopee/index.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { answer, app, connection, NOW } from './app.ts';

export const context: CallContext<typeof app> = { app, connection, accessToken: 'access-1', now: NOW };

/** A success; what is given goes into its `response`. */
export function success(response: object = {}): HttpResponse {
  return answer(JSON.stringify({ error: '', message: '', request_id: 'r', response }));
}

export function refusal(error: string, message = 'Ada Example'): HttpResponse {
  return answer(JSON.stringify({ error, message, request_id: 'r' }));
}

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
 * Runs a procedure to its end, each call answered by `reply` and read for its failure first, as the platform does.
 * Returns what came of it and the calls that it made.
 */
export function runSteps<Result>(
  procedure: (answers: readonly HttpResponse[]) => Step<Result>,
  reply: (request: HttpRequest, operation: string) => HttpResponse,
): { result: Result; operations: string[]; requests: HttpRequest[] } {
  const answers: HttpResponse[] = [];
  const operations: string[] = [];
  const requests: HttpRequest[] = [];
  for (;;) {
    const step = procedure(answers);
    if ('done' in step) return { result: step.done, operations, requests };
    const { operation, request } = step.call;
    const response = reply(request, operation);
    const failure = shopee.readFailure(response, operation);
    if (failure) throw failure;
    operations.push(operation);
    requests.push(request);
    answers.push(response);
  }
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
