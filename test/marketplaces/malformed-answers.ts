import { STATUS_CODES } from 'node:http';
import type { HttpResponse } from '#platform/runtime/http.ts';

/** stands in every malformed answer, and must stand in nothing that is made of one */
export const MARK = 'Ada Example, 1 Sample Way';
const HTML = `<!doctype html><html><head><title>Sorry, ${MARK}</title></head><body>We will be back.</body></html>`;
const TEN_MB = '.'.repeat(10_000_000);
const STRING_OF_10_MB = JSON.stringify(MARK + TEN_MB);
const OBJECT_OF_10_MB = JSON.stringify({ [MARK]: TEN_MB });
/** deep enough to overflow the stack of whoever goes down it step by step */
const DEEP = 50_000;
const NESTED = '['.repeat(DEEP) + ']'.repeat(DEEP);

/** `none`: no body; `object`: a JSON object in which nothing stands that was asked for */
export type Kind = 'page' | 'none' | 'cut' | 'type' | 'object';
export type Malformed = { name: string; kind: Kind; response: HttpResponse };

/** Answers in the place of `good` that no reader may take for it. */
export function malformedOf(good: HttpResponse): Malformed[] {
  const page = (status: number, headers: Record<string, string> = {}): Malformed => ({
    name: `an HTML page under HTTP ${status} ${STATUS_CODES[status]}`,
    kind: 'page',
    response: { status, headers: { 'content-type': 'text/html', ...headers }, body: HTML },
  });
  const other = (kind: Kind, body: string, name = body): Malformed => ({ name, kind, response: { ...good, body } });
  const location = `https://sandbox.test/login?token=${encodeURIComponent(MARK)}`;
  const pages = [
    ...[200, 500, 502, 503].map((status) => page(status)),
    // A redirect is not followed, so a loop of them is the first of them.
    ...[301, 302, 303, 307, 308].map((status) => page(status, { location })),
  ];
  // Where an answer has no body there is none to spoil.
  if (good.body === '') return pages;
  const cuts = [1, Math.floor(good.body.length / 2), good.body.length - 1];
  return [
    ...pages,
    other('none', '', 'no body'),
    ...cuts.map((length) => other('cut', good.body.slice(0, length), `the first ${length} characters`)),
    ...['null', 'true', '7', '1e999', `"${MARK}"`, '[]', '[null]'].map((json) => other('type', json)),
    other('type', NESTED, `JSON nested ${DEEP} deep`),
    other('type', STRING_OF_10_MB, '10 MB of a string'),
    ...['{}', '{"__proto__":{"code":"0"}}'].map((json) => other('object', json)),
    other('object', OBJECT_OF_10_MB, '10 MB of an object'),
  ];
}

/** Where in a JSON value something stands. */
export type Path = readonly (string | number)[];

/** Every place in a JSON value but the whole; one element stands for all of an array. */
export function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Array.isArray(value) ? value.slice(0, 1).map((one, at) => [at, one] as const) : Object.entries(value);
  return entries.flatMap(([key, one]) => [[...path, key], ...pathsOf(one, [...path, key])]);
}

/** in the place of a value: nothing */
export const GONE = Symbol('gone');

/** A copy of a JSON value with something else in one place. */
export function changed(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>;
  if (rest.length > 0) copy[key] = changed(copy[key], rest, to);
  else if (to !== GONE) copy[key] = to;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return copy;
}
