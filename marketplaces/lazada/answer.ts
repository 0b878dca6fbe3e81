import { z } from 'zod';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';

/** What every answer begins with; `code` is '0' on success, and without its zeros and its E otherwise: E006 is '6'. */
export type Envelope = { code: string; type: string; message: string; requestId: string };

/** TypeScript does not know the third argument yet: https://github.com/tc39/proposal-json-parse-with-source */
type Reviver = (key: string, value: unknown, context: { source: string }) => unknown;

/**
 * Parses JSON with every number kept as its own text: Lazada writes the same id, price or count now as a number and now
 * as a string, and neither a price nor a long id may pass through a float. Undefined if it is no JSON.
 */
export function parseJson(body: string): unknown {
  const keepNumbers: Reviver = (_key, value, context) => (typeof value === 'number' ? context.source : value);
  try {
    return JSON.parse(body, keepNumbers as (key: string, value: unknown) => unknown);
  } catch {
    // The parser's own message quotes the body, so it goes no further.
    return undefined;
  }
}

const envelope = z.object({
  code: z.string(),
  type: z.string().nullish(),
  message: z.string().nullish(),
  request_id: z.string().nullish(),
});

/** An answer is read twice, for its failure and for what it holds, and a page of orders is costly to parse. */
const parsed = new WeakMap<HttpResponse, unknown>();

function parseAnswer(response: HttpResponse): unknown {
  if (!parsed.has(response)) parsed.set(response, parseJson(response.body));
  return parsed.get(response);
}

/** What an answer holds, whatever its code; undefined if it does not hold it. */
export function tryRead<T>(response: HttpResponse, schema: z.ZodType<T>): T | undefined {
  return schema.safeParse(parseAnswer(response)).data;
}

/** The envelope of an answer; undefined if it is cut off, HTML or otherwise not Lazada's own. */
export function readEnvelope(response: HttpResponse): Envelope | undefined {
  const data = tryRead(response, envelope);
  if (!data) return undefined;
  return {
    code: /^E?0*([1-9]\d{0,8})$/.exec(data.code)?.[1] ?? data.code,
    type: data.type ?? '',
    message: data.message ?? '',
    // Only an id of Lazada's form travels on: anything else might quote its input.
    requestId: /^[\da-f]{1,64}$/i.exec(data.request_id ?? '')?.[0] ?? 'unknown',
  };
}

/** A success answer. Throws a `Failure` that names where it differs, never what stands there. */
export function readAnswer<T>(response: HttpResponse, schema: z.ZodType<T>): T {
  if (readEnvelope(response)?.code !== '0') throw unreadable(response, 'no success');
  const { success, data, error } = schema.safeParse(parseAnswer(response));
  if (success) return data;
  throw unreadable(response, `not as documented at '${error.issues[0]?.path.map(String).join('.') ?? ''}'`);
}

/** The `data` of a success answer. */
export function readData<T>(response: HttpResponse, schema: z.ZodType<T>): T {
  return readAnswer(response, z.object({ data: schema })).data;
}

/** The failure of an answer that came damaged, or that nobody has described. */
export function unreadable(response: HttpResponse, why: string): Failure {
  return new Failure('retryable', `Lazada's answer (HTTP ${response.status}) is ${why}`, {
    code: 'unreadable-answer',
  });
}

/** An id as `parseJson` leaves it; it becomes a part of a call. */
export const digits = z.string().regex(/^\d{1,32}$/);
