import { amazonApp } from '#marketplaces/amazon/app.ts';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { CallContext, ConnectionRef, Step } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';

/** 2026-11-24T06:00:00Z */
export const NOW = 1_795_500_000_000;

/** The registration that the vectors were written for. */
export const registration = {
  clientId: 'amzn1.application-oa2-client.1',
  clientSecret: 'amzn1.oa2-cs.v1.a&b',
  applicationId: 'amzn1.sp.solution.00000000-0000-0000-0000-000000000001',
};

export const app = amazonApp.parse(registration);

export const connection: ConnectionRef = {
  connectionId: 'amazon-1',
  sellerId: 'A3TH9S8BH6GOGM',
  settings: { marketplaceIds: 'A1F83G8C2ARO7P' },
};

export const context: CallContext<typeof app> = { app, connection, accessToken: 'Atza|token', now: NOW };

/** An answer; anything but a string is sent as JSON. */
export function answer(body: unknown, status = 200): HttpResponse {
  return { status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** An answer with one error in Amazon's form. */
export function refusal(code: string, status = 400, details = 'Ada Example'): HttpResponse {
  return answer({ errors: [{ code, message: 'Ada Example, 1 Sample Way', details }] }, status);
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
    const failure = amazon.readFailure(response, operation);
    if (failure) throw failure;
    operations.push(operation);
    requests.push(request);
    answers.push(response);
  }
}

/** As `reply` of `runSteps`: the answers of each operation, in their order. */
export function answersBy(prepared: Record<string, readonly HttpResponse[]>) {
  const left = structuredClone(prepared) as Record<string, HttpResponse[]>;
  return (_request: HttpRequest, operation: string): HttpResponse => {
    const next = left[operation]?.shift();
    if (!next) throw new Error(`no answer is left for ${operation}`);
    return next;
  };
}
