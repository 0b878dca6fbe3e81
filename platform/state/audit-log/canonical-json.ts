import { Failure } from '#platform/runtime/failure.ts';

/** deepest nesting that is written; deeper is nothing an entry needs, and recursion stays bounded */
const MAX_DEPTH = 64;

/**
 * JSON in the one form of RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16 code units, no space,
 * numbers as ECMAScript writes them. A member that is `undefined` is left out, as by `JSON.stringify`; whatever else
 * JSON has no form for is refused.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw refusal(`nested deeper than ${MAX_DEPTH}`);
  if (typeof value === 'string') return writeString(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw refusal('a number that is not finite');
    return JSON.stringify(value);
  }
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null) return 'null';
  if (Array.isArray(value)) return writeArray(value, depth);
  if (typeof value === 'object') return writeObject(value, depth);
  throw refusal(`a value of type ${typeof value}`);
}

/** RFC 8785 §3.2.2.2 escapes exactly what `JSON.stringify` does, and has no form for a lone surrogate. */
function writeString(value: string): string {
  if (!value.isWellFormed()) throw refusal('a string with a lone surrogate');
  return JSON.stringify(value);
}

function writeArray(values: readonly unknown[], depth: number): string {
  let text = '[';
  for (let i = 0; i < values.length; i++) text += (i > 0 ? ',' : '') + write(values[i], depth + 1);
  return `${text}]`;
}

function writeObject(value: object, depth: number): string {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refusal('an object that is not plain');
  const members = value as Record<string, unknown>;
  let text = '';
  // The default sort compares UTF-16 code units, as §3.2.3 wants it.
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${writeString(key)}:${write(member, depth + 1)}`;
  }
  return `{${text}}`;
}

const refusal = (what: string): Failure =>
  new Failure('permanent', `JSON has no canonical form for ${what}`, { code: 'not-canonical-json' });
