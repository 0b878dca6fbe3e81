import { lazadaApp } from '#marketplaces/lazada/app.ts';
import { lazada } from '#marketplaces/lazada/index.ts';
import type { CallContext, ConnectionRef } from '#marketplaces/marketplace.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { runStepsOf } from '#test/marketplaces/procedures.ts';

export { failureOf } from '#test/marketplaces/procedures.ts';

/** 2026-11-24T06:00:00Z */
export const NOW = 1_795_500_000_000;

/** The registration that the vectors were written for; key and secret are those of the published example. */
export const registration = {
  appKey: '123456',
  appSecret: 'helloworld',
  webhookUrl: 'https://sluice.example/webhooks/lazada',
};

export const app = lazadaApp.parse(registration);

export const connection: ConnectionRef = {
  connectionId: 'lazada-1',
  sellerId: '1234567',
  settings: { country: 'sg' },
};

export const context: CallContext<typeof app> = { app, connection, accessToken: 'access-1', now: NOW };

/** An answer; anything but a string is sent as JSON. */
export function answer(body: unknown, status = 200): HttpResponse {
  return { status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** A success in Lazada's form. */
export const success = (data: unknown): HttpResponse => answer({ code: '0', data, request_id: '0ba2887315178178' });

/** A refusal in Lazada's form, whose message no one may pass on. */
export const refusal = (code: string, { type = 'ISP', message = 'Ada Example said no' } = {}): HttpResponse =>
  answer({ code, type, message, request_id: '0ba2887315178178' });

/** An answer of the fulfilment APIs, which may refuse inside a success. */
export const fulfilled = (data: unknown, result: object = { success: true }): HttpResponse =>
  answer({ code: '0', result: { ...result, data }, request_id: '0ba2887315178178' });

/** The parameters of a request, of its query or of its form. */
export function parametersOf({ url, body }: HttpRequest): Record<string, string> {
  return Object.fromEntries(body === undefined ? new URL(url).searchParams : new URLSearchParams(body));
}

export const runSteps = runStepsOf(lazada);
