import { createHmac } from 'node:crypto';
import type { HttpRequest } from '#platform/runtime/http.ts';
import type { EventTarget } from './subscriptions.ts';

/** how long an endpoint may take, ms; Walmart publishes none, this is ours */
export const TIMEOUT_MS = 5_000;

/** The request that brings an event to its target, with the custom headers and the proof that the target asked for. */
export function writeRequest({ eventUrl, authDetails, headers }: EventTarget, body: string): HttpRequest {
  return {
    method: 'POST',
    url: eventUrl,
    headers: { 'content-type': 'application/json', ...headers, ...proof(authDetails, body) },
    body,
  };
}

function proof(auth: EventTarget['authDetails'], body: string): Record<string, string> {
  switch (auth?.authMethod) {
    case 'BASIC_AUTH':
      return { [auth.authHeaderName]: Buffer.from(`${auth.userName}:${auth.password}`).toString('base64') };
    case 'HMAC':
      // Walmart does not document how the digest is written; this is the commonest way.
      return { [auth.authHeaderName]: createHmac('sha256', auth.clientSecret).update(body).digest('base64') };
    default:
      return {};
  }
}
