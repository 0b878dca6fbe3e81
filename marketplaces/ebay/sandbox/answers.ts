import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

export const FULFILLMENT = 'API_FULFILLMENT';
export const INVENTORY = 'API_INVENTORY';
export const NOTIFICATION = 'API_NOTIFICATION';

export type EbayError = {
  errorId: number;
  domain: string;
  category: 'APPLICATION' | 'BUSINESS' | 'REQUEST';
  message: string;
  parameters?: { name: string; value: string }[];
};

/** An error answer as every eBay REST API gives it. */
export function refuse(c: Context, status: ContentfulStatusCode, error: EbayError): Response {
  return c.json({ errors: [{ ...error, longMessage: error.message }] }, status);
}

/** A refusal of what the caller sent. */
export function badRequest(domain: string, errorId: number, message: string): EbayError {
  return { errorId, domain, category: 'REQUEST', message };
}

/** An error answer of the token endpoint (RFC 6749 §5.2), whose shape is its own. */
export function refuseGrant(c: Context, status: 400 | 401, error: string, description: string): Response {
  return c.json({ error, error_description: description }, status);
}

/** 401: no token, an unknown one, or one past its end. */
export const INVALID_TOKEN = badRequest('OAuth', 1001, 'Invalid access token');

/** 403: a good token of the wrong kind, or without the scope. The id is from memory of live answers. */
export const ACCESS_DENIED = badRequest('OAuth', 1100, 'Access denied');

/** 429, the same for every resource. */
export function tooManyRequests(c: Context): Response {
  return refuse(c, 429, badRequest('ACCESS', 2001, 'Too many requests.'));
}

/** Each API has its own id for trouble of its own. */
const SERVER_ERRORS = [
  { path: '/sell/fulfillment/', domain: FULFILLMENT, errorId: 30500 },
  { path: '/sell/inventory/', domain: INVENTORY, errorId: 25001 },
  { path: '/commerce/notification/', domain: NOTIFICATION, errorId: 195000 },
  { path: '/developer/analytics/', domain: 'API_DEVELOPER_ANALYTICS', errorId: 105000 },
];

/** 500 in the words of the API that was called. */
export function serverError(c: Context): Response {
  const known = SERVER_ERRORS.find((entry) => c.req.path.includes(entry.path));
  if (!known) return c.json({ error: 'server_error', error_description: 'trouble inside the sandbox' }, 500);
  const { domain, errorId } = known;
  return refuse(c, 500, { errorId, domain, category: 'APPLICATION', message: 'Trouble inside the sandbox.' });
}
