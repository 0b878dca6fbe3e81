import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';

/** Why TikTok Shop does not do what was asked. Clients go by `code`; only the gateway's refusals have a `status`. */
export type Refusal = { code: number; message: string; status?: ContentfulStatusCode };

export type Answers = ReturnType<typeof createAnswers>;

/** what follows the time in a request_id, bytes (20 hex digits in every published example) */
const REQUEST_ID_BYTES = 10;

/** TikTok Shop's envelope around every answer. */
export function createAnswers(deps: { now(): number; randomHex(length: number): string }) {
  function requestId(): string {
    const time = new Date(deps.now()).toISOString().slice(0, 19).replaceAll(/\D/g, '');
    return time + deps.randomHex(REQUEST_ID_BYTES).toUpperCase();
  }
  return {
    succeed(c: Context, data: Record<string, unknown>, message = 'Success'): Response {
      return c.json({ code: 0, message, request_id: requestId(), data });
    },
    refuse(c: Context, { code, message, status = 200 }: Refusal): Response {
      return c.json({ code, message, request_id: requestId() }, status);
    },
  };
}

// TikTok Shop Partner Center, common errors. HTTP statuses are those that clients report.
export const THROTTLED: Refusal = { code: 36009002, message: 'Too many requests.', status: 429 };
export const SERVER_ERROR: Refusal = { code: 36009003, message: 'Internal error. Please try again.', status: 500 };
export const WRONG_PATH: Refusal = { code: 36009009, message: 'Invalid path', status: 404 };
export const WRONG_METHOD: Refusal = { code: 36009010, message: 'Invalid method', status: 405 };

/** The refusal of a missing or wrong parameter. */
export function invalidParameter(name: string, status: ContentfulStatusCode = 400): Refusal {
  return { code: 36009004, message: `${name} is missing or invalid`, status };
}

/** The part of `input` that `schema` describes, or the refusal that names its first wrong parameter. */
export function readParameters<T>(schema: z.ZodType<T>, input: unknown): { value: T } | { refusal: Refusal } {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { value: parsed.data };
  return { refusal: invalidParameter(parsed.error.issues[0]?.path.join('.') || 'body') };
}

/** The same for a JSON body; an empty one is an object without fields. */
export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<{ value: T } | { refusal: Refusal }> {
  const text = await c.req.text();
  try {
    return readParameters(schema, text === '' ? {} : JSON.parse(text));
  } catch {
    return { refusal: invalidParameter('body') };
  }
}
