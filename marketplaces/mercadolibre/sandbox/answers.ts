import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What is wrong with one field, as `cause` tells it. */
export type Cause = { code: string; message: string };

/** An error answer in the form that Mercado Libre's resources share, with its true HTTP status. */
export function refuse(
  c: Context,
  status: ContentfulStatusCode,
  error: string,
  message: string,
  cause: readonly Cause[] = [],
): Response {
  return c.json({ message, error, status, cause }, status);
}

/** An error answer of the token endpoint, whose text stands under another name (RFC 6749 §5.2). */
export function refuseGrant(c: Context, error: string, description: string): Response {
  return c.json({ error_description: description, error, status: 400, cause: [] }, 400);
}

/** 400 that says which parameter or field is wrong. */
export function invalid(c: Context, message: string): Response {
  return refuse(c, 400, 'bad_request', message);
}

/** 404 of a resource that is not there, or of a path that no resource has. */
export function notFound(c: Context, message = 'Resource not found'): Response {
  return refuse(c, 404, 'not_found', message);
}

/** 403 of a resource that is another user's. */
export function forbidden(c: Context, message: string): Response {
  return refuse(c, 403, 'forbidden', message);
}

export function throttled(c: Context): Response {
  return refuse(c, 429, 'local_rate_limited', 'Too many requests');
}

export function serverError(c: Context): Response {
  return refuse(c, 500, 'internal_error', 'Trouble inside the sandbox');
}

/** The JSON body of a request; undefined where it is none. */
export function readJson(c: Context): Promise<unknown> {
  return c.req.json().catch(() => undefined);
}
