import { ebayApp } from '#marketplaces/ebay/app.ts';
import { ebay } from '#marketplaces/ebay/index.ts';
import type { CallContext, ConnectionRef } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { runStepsOf } from '#test/marketplaces/procedures.ts';
import registration from '#test/vectors/ebay/app.json' with { type: 'json' };

export { failureOf, replies } from '#test/marketplaces/procedures.ts';

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

export const runSteps = runStepsOf(ebay);
