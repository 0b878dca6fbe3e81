import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';

/** Why Shopee does not do what was asked: `error` is the code that clients go by. */
export type Refusal = { error: string; message: string };

export type Answers = ReturnType<typeof createAnswers>;

/** length of a request_id, bytes (32 hex digits in every published example) */
const REQUEST_ID_BYTES = 16;

/** Shopee's envelope around every answer: success is an empty `error`, and refusals are HTTP 200 too. */
export function createAnswers(randomHex: (length: number) => string) {
  const requestId = (): string => randomHex(REQUEST_ID_BYTES);
  return {
    /** A success whose fields stand beside the envelope's, as the token endpoints write it. */
    fields(c: Context, fields: Record<string, unknown>): Response {
      return c.json({ error: '', message: '', request_id: requestId(), ...fields });
    },
    /** A success with its data under `response`, as all others write it. */
    response(c: Context, response: Record<string, unknown>): Response {
      return c.json({ error: '', message: '', request_id: requestId(), response });
    },
    refuse(c: Context, refusal: Refusal, status: ContentfulStatusCode = 200): Response {
      return c.json({ ...refusal, request_id: requestId() }, status);
    },
  };
}

export const RATE_LIMITED: Refusal = { error: 'error_rate_limit', message: 'Too many requests. Try again later.' };
export const SERVER_ERROR: Refusal = { error: 'error_server', message: 'Something wrong. Please try later.' };

/** The refusal of a parameter, in the order module's form. */
export function wrongParameter(detail: string): Refusal {
  return { error: 'error_param', message: `Wrong parameters, detail: ${detail}.` };
}

/** The part of `input` that `schema` describes, or the refusal that names its first wrong parameter. */
export function readParameters<T>(schema: z.ZodType<T>, input: unknown): { value: T } | { refusal: Refusal } {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { value: parsed.data };
  return { refusal: wrongParameter(`${parsed.error.issues[0]?.path.join('.') || 'body'} is invalid`) };
}

/** The same for a JSON body. */
export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<{ value: T } | { refusal: Refusal }> {
  const text = await c.req.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { refusal: { error: 'error_data', message: 'parse data failed' } };
  }
  return readParameters(schema, body);
}
