import type { CallContext } from '#marketplaces/marketplace.ts';
import { shopee } from '#marketplaces/shopee/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { runStepsOf } from '#test/marketplaces/procedures.ts';
import { answer, app, connection, NOW } from './app.ts';

export const context: CallContext<typeof app> = { app, connection, accessToken: 'access-1', now: NOW };

export { failureOf, replies } from '#test/marketplaces/procedures.ts';

/** A success; what is given goes into its `response`. */
export function success(response: object = {}): HttpResponse {
  return answer(JSON.stringify({ error: '', message: '', request_id: 'r', response }));
}

export function refusal(error: string, message = 'Ada Example'): HttpResponse {
  return answer(JSON.stringify({ error, message, request_id: 'r' }));
}

export const runSteps = runStepsOf(shopee);
