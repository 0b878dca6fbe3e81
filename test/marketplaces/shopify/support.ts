import type { CallContext, ConnectionRef } from '#marketplaces/marketplace.ts';
import { shopifyApp } from '#marketplaces/shopify/app.ts';
import { shopify } from '#marketplaces/shopify/index.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { runStepsOf } from '#test/marketplaces/procedures.ts';

export { failureOf } from '#test/marketplaces/procedures.ts';

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

export const runSteps = runStepsOf(shopify);
