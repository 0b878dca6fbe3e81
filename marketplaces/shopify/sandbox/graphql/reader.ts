import { type Location, SyntaxTrouble, type Token, tokenize } from './lexer.ts';

/** A type as written: `Order`, `[ID!]!`. */
export type TypeRef =
  | { kind: 'named'; name: string }
  | { kind: 'list'; of: TypeRef }
  | { kind: 'non-null'; of: TypeRef };

export type ValueNode = { location: Location } & (
  | { kind: 'variable'; name: string }
  | { kind: 'int' | 'float' | 'string' | 'enum'; text: string }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'null' }
  | { kind: 'list'; items: ValueNode[] }
  | { kind: 'object'; fields: ArgumentNode[] }
);

export type ArgumentNode = { name: string; value: ValueNode; location: Location };

export type DirectiveNode = { name: string; arguments: ArgumentNode[]; location: Location };

export type Reader = ReturnType<typeof createReader>;

/** Reads what requests and schemas have in common. */
export function createReader(source: string) {
  const tokens = tokenize(source);
  let index = 0;
  const peek = (): Token => tokens[index]!;

  function unexpected(token = peek()): never {
    const { line, column } = token.location;
    const what = token.kind === 'end' ? 'end of file' : JSON.stringify(token.text);
    throw new SyntaxTrouble(`syntax error, unexpected ${what} at [${line}, ${column}]`, token.location);
  }
  const isAt = (text: string): boolean =>
    peek().text === text && (peek().kind === 'punctuator' || peek().kind === 'name');

  /** The next token if it is this one. */
  function skip(text: string): boolean {
    const found = isAt(text);
    if (found) index += 1;
    return found;
  }
  function expect(text: string): Token {
    const token = peek();
    if (!skip(text)) unexpected();
    return token;
  }
  function name(): string {
    if (peek().kind !== 'name') unexpected();
    return tokens[index++]!.text;
  }
  /** What `read` reads until `close`, at least once. */
  function many<T>(open: string, read: () => T, close: string): T[] {
    expect(open);
    const items: T[] = [];
    do items.push(read());
    while (!skip(close));
    return items;
  }

  function type(): TypeRef {
    let read: TypeRef;
    if (skip('[')) {
      read = { kind: 'list', of: type() };
      expect(']');
    } else read = { kind: 'named', name: name() };
    return skip('!') ? { kind: 'non-null', of: read } : read;
  }

  function value(): ValueNode {
    const { kind, text, location } = peek();
    if (skip('$')) return { kind: 'variable', name: name(), location };
    if (skip('[')) {
      const items: ValueNode[] = [];
      while (!skip(']')) items.push(value());
      return { kind: 'list', items, location };
    }
    if (skip('{')) {
      const fields: ArgumentNode[] = [];
      while (!skip('}')) fields.push(argument());
      return { kind: 'object', fields, location };
    }
    if (kind === 'punctuator' || kind === 'end') unexpected();
    index += 1;
    if (kind !== 'name') return { kind, text, location };
    if (text === 'true' || text === 'false') return { kind: 'boolean', value: text === 'true', location };
    return text === 'null' ? { kind: 'null', location } : { kind: 'enum', text, location };
  }

  function argument(): ArgumentNode {
    const { location } = peek();
    const read = name();
    expect(':');
    return { name: read, value: value(), location };
  }
  const argumentsOf = (): ArgumentNode[] => (isAt('(') ? many('(', argument, ')') : []);

  function directives(): DirectiveNode[] {
    const read: DirectiveNode[] = [];
    for (let { location } = peek(); skip('@'); { location } = peek()) {
      read.push({ name: name(), arguments: argumentsOf(), location });
    }
    return read;
  }

  return { peek, isAt, skip, expect, unexpected, name, many, type, value, arguments: argumentsOf, directives };
}

export function printType(type: TypeRef): string {
  if (type.kind === 'named') return type.name;
  return type.kind === 'list' ? `[${printType(type.of)}]` : `${printType(type.of)}!`;
}

/** The name inside of lists and non-nulls. */
export function namedType(type: TypeRef): string {
  return type.kind === 'named' ? type.name : namedType(type.of);
}

export function printValue(value: ValueNode): string {
  switch (value.kind) {
    case 'variable':
      return `$${value.name}`;
    case 'string':
      return JSON.stringify(value.text);
    case 'boolean':
      return String(value.value);
    case 'null':
      return 'null';
    case 'list':
      return `[${value.items.map(printValue).join(', ')}]`;
    case 'object':
      return `{${value.fields.map((field) => `${field.name}: ${printValue(field.value)}`).join(', ')}}`;
    default:
      return value.text;
  }
}
