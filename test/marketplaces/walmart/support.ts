import type { CallContext, ConnectionRef } from '#marketplaces/marketplace.ts';
import { walmartApp } from '#marketplaces/walmart/app.ts';
import { walmart } from '#marketplaces/walmart/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { runStepsOf } from '#test/marketplaces/procedures.ts';

export { failureOf } from '#test/marketplaces/procedures.ts';

/** 2026-11-24T06:00:00Z */
export const NOW = 1_795_500_000_000;

/** The registration that the vectors were written for. */
export const registration = {
  clientId: 'client-1',
  clientSecret: 'secret&1',
  webhookSecret: 'walmart-test-secret',
  webhookUrl: 'https://sluice.example/webhooks/walmart',
};

export const app = walmartApp.parse(registration);

export const connection: ConnectionRef = { connectionId: 'walmart-1', sellerId: '10001234567', settings: {} };

export const context: CallContext<typeof app> = { app, connection, accessToken: 'access-1', now: NOW };

/** An answer; anything but a string is sent as JSON. */
export function answer(body: unknown, status = 200): HttpResponse {
  return { status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** An answer with one error in Walmart's form. */
export function refusal(code: string, status = 400): HttpResponse {
  return answer({ errors: [{ code, description: 'Ada Example', severity: 'ERROR', category: 'DATA' }] }, status);
}

export const runSteps = runStepsOf(walmart);
