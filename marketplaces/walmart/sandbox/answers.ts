import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

export const ORDER_API = 'GMP_ORDER_API';
export const INVENTORY_API = 'GMP_INVENTORY_API';
export const GATEWAY_API = 'GMP_GATEWAY_API';

/** Why Walmart does not do what was asked; clients go by what stands before the point in `code`. */
export type Refusal = { field?: string; description: string };

type Kind = { status: ContentfulStatusCode; category: 'APPLICATION' | 'DATA' | 'SYSTEM' };

/** Codes and categories as the order API documents them. */
const KINDS = {
  INVALID_REQUEST_CONTENT: { status: 400, category: 'DATA' },
  UNAUTHORIZED: { status: 401, category: 'APPLICATION' },
  NOT_FOUND: { status: 404, category: 'DATA' },
  CONTENT_NOT_FOUND: { status: 404, category: 'DATA' },
  RATE_LIMIT_EXCEEDED: { status: 429, category: 'APPLICATION' },
  REQUEST_THRESHOLD_VIOLATED: { status: 429, category: 'APPLICATION' },
  INTERNAL_SERVER_ERROR: { status: 500, category: 'SYSTEM' },
} satisfies Record<string, Kind>;

export type ErrorKind = keyof typeof KINDS;

/** The suffix of the codes. Only the order API's and the gateway's are documented, the inventory API's is a guess. */
function apiOf(path: string): string {
  if (path.includes('/v3/orders')) return ORDER_API;
  return path.includes('/v3/inventor') ? INVENTORY_API : GATEWAY_API;
}

/** An error answer in the form that all of Walmart's Marketplace APIs share. */
export function refuse(
  c: Context,
  kind: ErrorKind,
  { field, description }: Refusal,
  form: { api?: string; rootKey?: 'errors' | 'error' } = {},
): Response {
  const { status, category } = KINDS[kind];
  const code = `${kind}.${form.api ?? apiOf(c.req.path)}`;
  const error = { code, ...(field && { field }), description, info: description, severity: 'ERROR', category };
  return c.json({ [form.rootKey ?? 'errors']: [{ ...error, causes: [], errorIdentifiers: {} }] }, status);
}

/** 400 that names the wrong field. */
export function invalid(c: Context, field: string, description = `${field} is missing or invalid.`): Response {
  return refuse(c, 'INVALID_REQUEST_CONTENT', { field, description });
}

/** 401: no token, an unknown one, or one past its end. */
export function unauthorized(c: Context): Response {
  return refuse(c, 'UNAUTHORIZED', { description: 'The access token is invalid or expired.' }, { api: GATEWAY_API });
}

export function serverError(c: Context): Response {
  return refuse(c, 'INTERNAL_SERVER_ERROR', { description: 'Trouble inside the sandbox.' });
}

/** An error answer of the token endpoint (RFC 6749 §5.2), whose shape is its own. */
export function refuseGrant(c: Context, status: 400 | 401, error: string, description: string): Response {
  return c.json({ error, error_description: description }, status);
}

/** The JSON body of a request; undefined where it is none. */
export function readJson(c: Context): Promise<unknown> {
  return c.req.json().catch(() => undefined);
}
