import type { CallContext, ConnectionRef } from '#marketplaces/marketplace.ts';
import { mercadolibreApp } from '#marketplaces/mercadolibre/app.ts';
import { mercadolibre } from '#marketplaces/mercadolibre/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { runStepsOf } from '#test/marketplaces/procedures.ts';

export { failureOf } from '#test/marketplaces/procedures.ts';

/** 2026-11-24T06:00:00Z */
export const NOW = 1_795_500_000_000;

/** The registration that the vectors were written for. */
export const registration = {
  clientId: '5503910054141466',
  clientSecret: 'secret&1',
  webhookUrl: 'https://sluice.example/webhooks/mercadolibre',
};

export const app = mercadolibreApp.parse(registration);

export const connection: ConnectionRef = {
  connectionId: 'mercadolibre-1',
  sellerId: '468424240',
  settings: { siteId: 'MLB' },
};

export const context: CallContext<typeof app> = { app, connection, accessToken: 'access-1', now: NOW };

/** An answer; anything but a string is sent as JSON. */
export function answer(body: unknown, status = 200): HttpResponse {
  return { status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** A refusal in Mercado Libre's form, whose message no one may pass on. */
export const refusal = (code: string, status = 400): HttpResponse =>
  answer(
    { message: 'Ada Example said no', error: 'validation_error', status, cause: [{ code, message: 'Ada' }] },
    status,
  );

export const runSteps = runStepsOf(mercadolibre);
