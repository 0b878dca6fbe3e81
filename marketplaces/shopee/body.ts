import { z } from 'zod';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';

/** What every answer of Shopee's begins with; `error` is '' on success. */
export type Envelope = { error: string; message: string; requestId: string | undefined };

/** TypeScript does not know the third argument yet: https://github.com/tc39/proposal-json-parse-with-source */
type Reviver = (key: string, value: unknown, context: { source: string }) => unknown;

/**
 * Parses JSON with every number kept as its own text, so that neither a price nor a 64-bit id passes through a float.
 * Undefined if it is no JSON.
 */
export function parseBody(body: string): unknown {
  const keepNumbers: Reviver = (_key, value, context) => (typeof value === 'number' ? context.source : value);
  try {
    return JSON.parse(body, keepNumbers as (key: string, value: unknown) => unknown);
  } catch {
    return undefined;
  }
}

const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

/** An id for the body of a request: Shopee wants a number, and this one keeps all its digits. */
export function int64(digits: string): unknown {
  return rawJSON(digits);
}

/** An answer is read twice, for its failure and for what it holds, and large ones are costly to parse. */
const parsed = new WeakMap<HttpResponse, unknown>();

function parseAnswer(response: HttpResponse): unknown {
  if (!parsed.has(response)) parsed.set(response, parseBody(response.body));
  return parsed.get(response);
}

const envelope = z.object({ error: z.string(), message: z.string().nullish(), request_id: z.string().nullish() });

/** The envelope of an answer; undefined if it is truncated, HTML or otherwise not Shopee's own. */
export function readEnvelope(response: HttpResponse): Envelope | undefined {
  const { success, data } = envelope.safeParse(parseAnswer(response));
  if (!success) return undefined;
  // Some answers put the module before the code: `common.error_auth`, `order.error_not_found`. This one is of a parcel,
  // and no quota of the app.
  const isOfParcel = data.error === 'logistics.error_limit';
  return {
    error: isOfParcel ? data.error : data.error.slice(data.error.lastIndexOf('.') + 1),
    message: data.message ?? '',
    requestId: data.request_id ?? undefined,
  };
}

/** The body of a success answer; throws when it lacks something. Names where it does, never what stands there. */
export function readBody<T>(response: HttpResponse, schema: z.ZodType<T>): T {
  const { success, data, error } = schema.safeParse(parseAnswer(response));
  if (success) return data;
  const where = error.issues[0]?.path.join('.') || 'the body';
  throw new Failure('retryable', `can't read Shopee's answer: ${where} is not as documented`, {
    code: 'unreadable-answer',
  });
}

/** An id or a count, as `parseBody` leaves it. */
export const digits = z.string().regex(/^\d+$/);

/** Whole seconds, an instant or a duration, as `parseBody` leaves them. */
export const seconds = z.string().regex(/^\d{1,11}$/);

/** The same, read as ms. */
export const secondsAsMs = seconds.transform((text) => Number(text) * 1000);

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?$/;

/** A price, as `parseBody` leaves it. */
export const price = z.string().regex(NUMBER);

/**
 * A price as a plain decimal. Shopee's are JSON floats, whose notation means nothing: 15.30, 15.3 and 1.53e+1 are read
 * alike, so that an order that did not change reads the same.
 */
export function plainDecimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const shift = Number(exponent);
  const all = '0'.repeat(Math.max(0, -shift)) + whole + fraction + '0'.repeat(Math.max(0, shift - fraction.length));
  const point = Math.max(0, -shift) + whole.length + shift;
  const plainWhole = all.slice(0, point).replace(/^0+(?=\d)/, '');
  const plainFraction = all.slice(point).replace(/0+$/, '');
  const plain = plainFraction ? `${plainWhole}.${plainFraction}` : plainWhole;
  return plain === '0' ? plain : sign + plain;
}
