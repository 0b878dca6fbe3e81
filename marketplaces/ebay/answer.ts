import { z } from 'zod';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';

/** One error as every REST API of eBay's gives it, cut to what is read: its sentences may quote what was sent. */
export const ebayError = z.object({ errorId: z.int(), category: z.string().nullish() });
export type EbayError = z.infer<typeof ebayError>;

const errorBody = z.object({ errors: z.array(ebayError).min(1) });

/** A success answer's body as `schema` has it; retryable when it is truncated, HTML or of another shape. */
export function readAnswer<T>(response: HttpResponse, schema: z.ZodType<T>, what: string): T {
  const parsed = parseBody(response.body, schema);
  if (parsed === undefined) throw unreadable(what);
  return parsed;
}

/** A list may be left out where it is empty; anywhere else it would pass for an empty one. */
export const isTold = ({ list, total }: { list: unknown; total: number | null | undefined }): boolean =>
  Array.isArray(list) || total === 0;

/** The id of what was created: an answer without a body names it at the end of `Location`. */
export function readCreatedId(response: HttpResponse, what: string): string {
  const id = lastSegment(response.headers.location ?? '');
  if (id === '') throw unreadable(`id of the ${what}`);
  return id;
}

/** The errors of an answer; none if it has no body in eBay's own form. */
export function errorsOf(response: HttpResponse): EbayError[] {
  return parseBody(response.body, errorBody)?.errors ?? [];
}

export function parseBody<T>(body: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined; // only JSON.parse throws here
  }
}

/** The last segment of a URL's path, decoded: eBay puts ids there. */
export function lastSegment(url: string): string {
  const segment = url.split(/[?#]/)[0]!.replace(/\/+$/, '').split('/').at(-1)!;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function unreadable(what: string): Failure {
  return new Failure('retryable', `eBay's answer holds no readable ${what}`, { code: 'unreadable-answer' });
}
