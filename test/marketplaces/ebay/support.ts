import { ebayApp } from '#marketplaces/ebay/app.ts';
import { ebay } from '#marketplaces/ebay/index.ts';
import type { CallContext, ConnectionRef, Step } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import registration from '#test/vectors/ebay/app.json' with { type: 'json' };

/** 2026-11-24T06:00:00Z */
export const NOW = 1_795_500_000_000;

export const app = ebayApp.parse(registration);

export const connection: ConnectionRef = { connectionId: 'ebay-1', sellerId: 'sEllEr0Id01', settings: {} };

export const context: CallContext<typeof app> = { app, connection, accessToken: 'v^1.1#a', now: NOW };

/** An answer; anything but a string is sent as JSON. */
export function answer(body: unknown, status = 200, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** An answer with one error in eBay's form. */
export function refusal(errorId: number, status = 400, category = 'REQUEST'): HttpResponse {
  return answer({ errors: [{ errorId, domain: 'API', category, message: 'Ada Buyer', longMessage: 'Ada' }] }, status);
}

/** The answer to what was created. */
export const created = (location: string): HttpResponse => answer('', 201, { location });

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
    ebay.limits.forOperation(operation);
    const response = reply(request, operation);
    const failure = ebay.readFailure(response, operation);
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
