/** A part of a search query: `updated_at:>='2026-01-01'`; `field` is '' for a bare word. */
export type Term = { field: string; comparator: '' | '<' | '<=' | '>' | '>='; value: string };

export type Search =
  | { kind: 'term'; term: Term }
  | { kind: 'and' | 'or'; parts: Search[] }
  | { kind: 'not'; part: Search };

const TOKEN = /\s*(?:(\()|(\))|(-?)(?:(\w+):(<=|>=|<|>)?)?(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|([^\s()'"]+)))/y;

/** Reads Shopify's search syntax: terms, AND (or a blank), OR, NOT (or a minus) and parentheses. */
export function parseSearch(text: string): Search {
  let at = 0;
  return readAny();

  function next(): RegExpExecArray | null {
    TOKEN.lastIndex = at;
    return TOKEN.exec(text);
  }
  function skip(word: string): boolean {
    const found = next();
    const isThere = found !== null && found[0].trim() === word;
    if (isThere) at = TOKEN.lastIndex;
    return isThere;
  }
  function readAny(): Search {
    const parts = [readAll()];
    while (skip('OR')) parts.push(readAll());
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
  }
  function readAll(): Search {
    const parts: Search[] = [];
    for (;;) {
      skip('AND');
      const found = next();
      if (!found || found[2] || found[0].trim() === 'OR') break;
      parts.push(readOne());
    }
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
  }
  function readOne(): Search {
    if (skip('NOT')) return { kind: 'not', part: readOne() };
    if (skip('(')) {
      const inside = readAny();
      skip(')');
      return inside;
    }
    const found = next();
    if (!found) return { kind: 'and', parts: [] };
    at = TOKEN.lastIndex;
    const [, , , minus, field = '', comparator = '', single, double, bare] = found;
    const value = (single ?? double)?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '';
    const term: Search = { kind: 'term', term: { field, comparator: comparator as Term['comparator'], value } };
    return minus ? { kind: 'not', part: term } : term;
  }
}

/** The terms that every result must meet. */
export function requiredTerms(search: Search): Term[] {
  if (search.kind === 'term') return [search.term];
  return search.kind === 'and' ? search.parts.flatMap(requiredTerms) : [];
}

export function allTerms(search: Search): Term[] {
  if (search.kind === 'term') return [search.term];
  return search.kind === 'not' ? allTerms(search.part) : search.parts.flatMap(allTerms);
}

/** Does something meet a search, given what it does with each term? */
export function meets(search: Search, test: (term: Term) => boolean): boolean {
  switch (search.kind) {
    case 'term':
      return test(search.term);
    case 'and':
      return search.parts.every((part) => meets(part, test));
    case 'or':
      return search.parts.some((part) => meets(part, test));
    case 'not':
      return !meets(search.part, test);
  }
}

/** Compares a number as a term says. */
export function compares({ comparator }: Term, actual: number, wanted: number): boolean {
  switch (comparator) {
    case '<':
      return actual < wanted;
    case '<=':
      return actual <= wanted;
    case '>':
      return actual > wanted;
    case '>=':
      return actual >= wanted;
    default:
      return actual === wanted;
  }
}
