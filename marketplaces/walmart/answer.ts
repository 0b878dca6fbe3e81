import type { z } from 'zod';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';

/** TypeScript does not know the third argument yet: https://github.com/tc39/proposal-json-parse-with-source */
type Reviver = (key: string, value: unknown, context: { source: string }) => unknown;

/** Walmart writes money as JSON numbers; kept as their own text, they pass through no float. */
const keepMoney: Reviver = (key, value, { source }) =>
  typeof value === 'number' && (key === 'amount' || key === 'currencyAmount') ? source : value;

/** An answer is read twice, for its failure and for what it holds, and a page of orders is costly to parse. */
const parsed = new WeakMap<HttpResponse, unknown>();

/** The body's JSON; undefined if it is cut off, HTML or otherwise none. */
export function parseBody(response: HttpResponse): unknown {
  if (parsed.has(response)) return parsed.get(response);
  let json: unknown;
  try {
    json = JSON.parse(response.body, keepMoney as (key: string, value: unknown) => unknown);
  } catch {
    // The parser's own message quotes the body, so it goes no further.
  }
  parsed.set(response, json);
  return json;
}

/** A success answer's body in the shape of `schema`. Throws a `Failure` that names where it differs, never what stands there. */
export function readAnswer<T>(response: HttpResponse, schema: z.ZodType<T>): T {
  const { success, data, error } = schema.safeParse(parseBody(response));
  if (success) return data;
  throw unreadable(response, `not as documented at '${error.issues[0]?.path.map(String).join('.') ?? ''}'`);
}

/** The failure of an answer that came damaged, or that nobody has described. */
export function unreadable(response: HttpResponse, why: string): Failure {
  return new Failure('retryable', `Walmart's answer (HTTP ${response.status}) is ${why}`, {
    code: 'unreadable-answer',
  });
}
