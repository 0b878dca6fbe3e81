import type { z } from 'zod';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';

/** The body in the shape of `schema`, or the failure of one that is cut off, HTML or of another shape. */
export function parseAnswer<T>(response: HttpResponse, schema: z.ZodType<T>): T | Failure {
  let json: unknown;
  try {
    json = JSON.parse(response.body);
  } catch {
    // The parser's own message quotes the body, so it goes no further.
    return unreadable(response, 'not whole JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.map(String).join('.');
  return unreadable(response, `not as documented at '${path ?? ''}'`);
}

/** As `parseAnswer`, but throws the failure. */
export function readAnswer<T>(response: HttpResponse, schema: z.ZodType<T>): T {
  const answer = parseAnswer(response, schema);
  if (answer instanceof Failure) throw answer;
  return answer;
}

/** The failure of an answer that came damaged, or that nobody has described. */
export function unreadable(response: HttpResponse, why: string): Failure {
  return new Failure('retryable', `Amazon's answer (HTTP ${response.status}) is ${why}`, { code: 'unreadable-answer' });
}
