import { amazonApp } from '#marketplaces/amazon/app.ts';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { CallContext, ConnectionRef } from '#marketplaces/marketplace.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { runStepsOf } from '#test/marketplaces/procedures.ts';

export { failureOf } from '#test/marketplaces/procedures.ts';

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

/** As `reply` of `runSteps`: the answers of each operation, in their order. */
export function answersBy(prepared: Record<string, readonly HttpResponse[]>) {
  const left = structuredClone(prepared) as Record<string, HttpResponse[]>;
  return (_request: HttpRequest, operation: string): HttpResponse => {
    const next = left[operation]?.shift();
    if (!next) throw new Error(`no answer is left for ${operation}`);
    return next;
  };
}

export const runSteps = runStepsOf(amazon);
