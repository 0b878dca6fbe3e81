import { z } from 'zod';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';

/** What every answer begins with; `code` is 0 on success. */
export type Envelope = { code: number; message: string; requestId: string };

const envelope = z.object({ code: z.int(), message: z.string().nullish(), request_id: z.string().nullish() });

/** An answer is read twice, for its failure and for what it holds, and a page of orders is costly to parse. */
const parsed = new WeakMap<HttpResponse, unknown>();

function parseAnswer(response: HttpResponse): unknown {
  if (parsed.has(response)) return parsed.get(response);
  let json: unknown;
  try {
    json = JSON.parse(response.body);
  } catch {
    // The parser's own message quotes the body, so it goes no further.
  }
  parsed.set(response, json);
  return json;
}

/** The envelope of an answer; undefined if it is cut off, HTML or otherwise not TikTok Shop's own. */
export function readEnvelope(response: HttpResponse): Envelope | undefined {
  const { success, data } = envelope.safeParse(parseAnswer(response));
  if (!success) return undefined;
  // Only an id of TikTok's form travels on: anything else might quote its input.
  const requestId = /^[\w-]{1,64}$/.exec(data.request_id ?? '')?.[0] ?? 'unknown';
  return { code: data.code, message: data.message ?? '', requestId };
}

/** The `data` of a success answer. Throws a `Failure` that names where it differs, never what stands there. */
export function readData<T>(response: HttpResponse, schema: z.ZodType<T>): T {
  const answer = z.object({ code: z.literal(0), data: schema });
  const { success, data, error } = answer.safeParse(parseAnswer(response));
  if (success) return data.data;
  throw unreadable(response, `not as documented at '${error.issues[0]?.path.map(String).join('.') ?? ''}'`);
}

/** The failure of an answer that came damaged, or that nobody has described. */
export function unreadable(response: HttpResponse, why: string): Failure {
  return new Failure('retryable', `TikTok Shop's answer (HTTP ${response.status}) is ${why}`, {
    code: 'unreadable-answer',
  });
}
