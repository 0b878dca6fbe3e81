import type { Context } from 'hono';

export type ApiError = { status: 400 | 403 | 404 | 409 | 429 | 500; code: string; message: string; details?: string };

/** The exception names that clients read from `x-amzn-ErrorType`; for the other codes none is documented. */
const ERROR_TYPES: Record<string, string> = {
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  QuotaExceeded: 'TooManyRequestsException',
};

const ACCESS_DENIED = 'Access to requested resource is denied.';

/** Thrown by a handler whose request breaks a documented rule; the gateway answers 400 InvalidInput. */
export class InvalidInput extends Error {}

/** SP-API's error list, https://developer-docs.amazon.com/sp-api/docs/response-format */
export function apiError(c: Context, { status, code, message, details }: ApiError): Response {
  const type = ERROR_TYPES[code];
  const headers: Record<string, string> = type ? { 'x-amzn-ErrorType': type } : {};
  return c.json({ errors: [details === undefined ? { code, message } : { code, message, details }] }, status, headers);
}

export const invalidInput = (c: Context, message: string): Response =>
  apiError(c, { status: 400, code: 'InvalidInput', message });

export const missingToken = (c: Context): Response =>
  apiError(c, { status: 403, code: 'MissingAuthenticationToken', message: ACCESS_DENIED });

/** @param details clients branch on this exact text; empty when the role or the kind of token is the reason */
export const unauthorized = (c: Context, details: string): Response =>
  apiError(c, { status: 403, code: 'Unauthorized', message: ACCESS_DENIED, details });

export const notFound = (c: Context, message: string): Response =>
  apiError(c, { status: 404, code: 'NotFound', message });

export const conflict = (c: Context, message: string): Response =>
  apiError(c, { status: 409, code: 'Conflict', message });

/** No Retry-After and no rate: the caller must know its rate and wait 1/rate. */
export const quotaExceeded = (c: Context): Response =>
  apiError(c, {
    status: 429,
    code: 'QuotaExceeded',
    message: 'You exceeded your quota for the requested resource.',
    details: '',
  });

export const internalFailure = (c: Context): Response =>
  apiError(c, {
    status: 500,
    code: 'InternalFailure',
    message: 'We encountered an internal error. Please try again.',
    details: '',
  });
