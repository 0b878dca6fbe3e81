import { z } from 'zod';
import { decimal } from '#events/order.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';

/** TypeScript does not know the third argument yet: https://github.com/tc39/proposal-json-parse-with-source */
type Reviver = (key: string, value: unknown, context: { source: string }) => unknown;

/** Mercado Libre writes money and ids as JSON numbers: one that a float may not hold as it is written, stays its own text. */
const keepAsWritten: Reviver = (_key, value, { source }) =>
  typeof value !== 'number' || (Number.isSafeInteger(value) && String(value) === source) ? value : source;

/** An id, which some answers write as a number and others as a string. */
export const numericId = z.union([z.int().min(0).transform(String), z.string().regex(/^\d{1,20}$/)]);

/** An amount of money, as it is written. */
export const money = z.union([z.int().transform(String), decimal]);

/** A field that nothing is made of yet: kept where it is a single value, and never a reason to refuse an answer. */
export const kept = z.union([z.string(), z.number(), z.boolean()]).nullish().catch(undefined);

/** Several fields that are `kept`. */
export const keep = <const Name extends string>(...names: Name[]) =>
  Object.fromEntries(names.map((name) => [name, kept])) as Record<Name, typeof kept>;

/** ISO 8601 with its offset from UTC; as epoch ms. */
export const epochMs = z
  .string()
  .regex(/(Z|[+-]\d{2}:?\d{2})$/)
  .transform((text) => Date.parse(text))
  .pipe(z.int());

/** What JSON says; undefined if it is cut off, HTML or otherwise none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, keepAsWritten as (key: string, value: unknown) => unknown);
  } catch {
    // The parser's own message quotes the text, so it goes no further.
    return undefined;
  }
}

/** An answer is read twice, for its failure and for what it holds, and a page of orders is costly to parse. */
const parsed = new WeakMap<HttpResponse, unknown>();

/** The body's JSON; undefined if it is none. */
export function parseBody(response: HttpResponse): unknown {
  if (!parsed.has(response)) parsed.set(response, parseJson(response.body));
  return parsed.get(response);
}

/** A success answer's body in the shape of `schema`. Throws a `Failure` that names where it differs, never what stands there. */
export function readAnswer<T>(response: HttpResponse, schema: z.ZodType<T>): T {
  const { success, data, error } = schema.safeParse(parseBody(response));
  if (success) return data;
  throw unreadable(response, `not as documented at '${error.issues[0]?.path.map(String).join('.') ?? ''}'`);
}

/** The failure of an answer that came damaged, or that nobody has described. */
export function unreadable(response: HttpResponse, why: string): Failure {
  return new Failure('retryable', `Mercado Libre's answer (HTTP ${response.status}) is ${why}`, {
    code: 'unreadable-answer',
  });
}
