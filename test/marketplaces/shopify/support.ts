import type { CallContext, ConnectionRef, Step } from '#marketplaces/marketplace.ts';
import { shopifyApp } from '#marketplaces/shopify/app.ts';
import { shopify } from '#marketplaces/shopify/index.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';

/** 2026-11-24T06:00:00Z */
export const NOW = 1_795_500_000_000;

/** The registration that the vectors were written for. */
export const registration = {
  apiKey: 'key-1',
  apiSecret: 'hush',
  webhookUrl: 'https://sluice.example/webhooks/shopify',
};

export const app = shopifyApp.parse(registration);

export const connection: ConnectionRef = {
  connectionId: 'shopify-1',
  sellerId: 'some-shop.myshopify.com',
  settings: {},
};

export const context: CallContext<typeof app> = { app, connection, accessToken: 'shpat_1', now: NOW };

/** An answer; anything but a string is sent as JSON. */
export function answer(body: unknown, status = 200): HttpResponse {
  return { status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** The variables of a GraphQL call. */
export const variablesOf = ({ body = '' }: HttpRequest) =>
  (JSON.parse(body) as { variables: Record<string, unknown> }).variables;

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
    const failure = shopify.readFailure(response, operation);
    if (failure) throw failure;
    operations.push(operation);
    requests.push(request);
    answers.push(response);
  }
}
