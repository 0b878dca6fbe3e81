/** Where something stands in a document, from 1. */
export type Location = { line: number; column: number };

export type Token = {
  kind: 'name' | 'int' | 'float' | 'string' | 'punctuator' | 'end';
  text: string;
  location: Location;
};

/** A document that is not GraphQL. */
export class SyntaxTrouble extends Error {
  readonly location: Location;
  constructor(message: string, location: Location) {
    super(message);
    this.location = location;
  }
}

/** One token or something to skip, at the place where the expression is put; the groups are in the order of KINDS. */
const NEXT =
  /([_A-Za-z]\w*)|(-?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+))|(-?(?:0|[1-9]\d*))|("""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n])*")|(\.{3}|[!$&()[\]{}:=@|])|[\s,\uFEFF]+|#[^\n]*/y;
const KINDS = ['name', 'float', 'int', 'string', 'punctuator'] as const;

/** The tokens of a GraphQL document, the last one of kind `end`; throws `SyntaxTrouble`. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let lineStart = 0;
  let at = 0;
  while (at < source.length) {
    NEXT.lastIndex = at;
    const match = NEXT.exec(source);
    const location = { line, column: at - lineStart + 1 };
    if (!match) throw new SyntaxTrouble(`unexpected character ${JSON.stringify(source[at])}`, location);
    const index = KINDS.findIndex((_, group) => match[group + 1] !== undefined);
    const kind = KINDS[index];
    if (kind) tokens.push({ kind, text: kind === 'string' ? readString(match[0], location) : match[0], location });
    for (let end = source.indexOf('\n', at); end >= 0 && end < NEXT.lastIndex; end = source.indexOf('\n', end + 1)) {
      line += 1;
      lineStart = end + 1;
    }
    at = NEXT.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', location: { line, column: at - lineStart + 1 } });
  return tokens;
}

function readString(text: string, location: Location): string {
  if (text.startsWith('"""')) return readBlock(text.slice(3, -3).replaceAll('\\"""', '"""'));
  try {
    // A GraphQL string is a JSON string but for control characters, of which only the tab may stand in one.
    return JSON.parse(text.replaceAll('\t', '\\t')) as string;
  } catch {
    throw new SyntaxTrouble(`unexpected escape in ${text}`, location);
  }
}

/** A block string without the indentation that its lines share and without empty lines around it. */
function readBlock(text: string): string {
  const lines = text.split(/\r\n|\n|\r/);
  const indents = lines.slice(1).flatMap((line) => (line.trim() === '' ? [] : [line.search(/[^ \t]/)]));
  const shared = indents.length > 0 ? Math.min(...indents) : 0;
  const cut = lines.map((line, index) => (index === 0 ? line : line.slice(shared)));
  while (cut.length > 0 && cut[0]!.trim() === '') cut.shift();
  while (cut.length > 0 && cut.at(-1)!.trim() === '') cut.pop();
  return cut.join('\n');
}
