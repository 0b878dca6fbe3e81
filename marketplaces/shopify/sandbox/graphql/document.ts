import type { Location } from './lexer.ts';
import {
  type ArgumentNode,
  createReader,
  type DirectiveNode,
  type Reader,
  type TypeRef,
  type ValueNode,
} from './reader.ts';

export type FieldNode = {
  kind: 'field';
  /** what it is called in the answer: its alias or its name */
  key: string;
  name: string;
  arguments: ArgumentNode[];
  directives: DirectiveNode[];
  /** undefined: it was written without braces */
  selections: Selection[] | undefined;
  location: Location;
};
export type InlineFragment = {
  kind: 'inline';
  on: string | undefined;
  directives: DirectiveNode[];
  selections: Selection[];
  location: Location;
};
export type FragmentSpread = { kind: 'spread'; name: string; directives: DirectiveNode[]; location: Location };
export type Selection = FieldNode | InlineFragment | FragmentSpread;

export type VariableDefinition = { name: string; type: TypeRef; default: ValueNode | undefined; location: Location };

export type Operation = {
  kind: 'query' | 'mutation' | 'subscription';
  name: string | undefined;
  variables: VariableDefinition[];
  selections: Selection[];
  location: Location;
};
export type Fragment = { name: string; on: string; selections: Selection[]; location: Location };

export type Document = { operations: Operation[]; fragments: Map<string, Fragment> };

/** Reads a request; throws `SyntaxTrouble`. */
export function parseDocument(source: string): Document {
  const reader = createReader(source);
  const document: Document = { operations: [], fragments: new Map() };
  do {
    if (reader.isAt('fragment')) {
      const fragment = readFragment(reader);
      document.fragments.set(fragment.name, fragment);
    } else document.operations.push(readOperation(reader));
  } while (reader.peek().kind !== 'end');
  return document;
}

function readOperation(reader: Reader): Operation {
  const { location } = reader.peek();
  if (reader.isAt('{'))
    return { kind: 'query', name: undefined, variables: [], selections: selectionSet(reader), location };
  const kind = (['query', 'mutation', 'subscription'] as const).find((one) => reader.skip(one));
  if (!kind) return reader.unexpected();
  const name = reader.peek().kind === 'name' ? reader.name() : undefined;
  const variables = reader.isAt('(') ? reader.many('(', () => readVariable(reader), ')') : [];
  reader.directives();
  return { kind, name, variables, selections: selectionSet(reader), location };
}

function readVariable(reader: Reader): VariableDefinition {
  const { location } = reader.expect('$');
  const name = reader.name();
  reader.expect(':');
  const type = reader.type();
  return { name, type, default: reader.skip('=') ? reader.value() : undefined, location };
}

function readFragment(reader: Reader): Fragment {
  const { location } = reader.expect('fragment');
  const name = reader.name();
  reader.expect('on');
  const on = reader.name();
  reader.directives();
  return { name, on, selections: selectionSet(reader), location };
}

function selectionSet(reader: Reader): Selection[] {
  return reader.many('{', () => readSelection(reader), '}');
}

function readSelection(reader: Reader): Selection {
  const { location } = reader.peek();
  if (reader.skip('...')) {
    if (reader.peek().kind === 'name' && !reader.isAt('on')) {
      return { kind: 'spread', name: reader.name(), directives: reader.directives(), location };
    }
    const on = reader.skip('on') ? reader.name() : undefined;
    return { kind: 'inline', on, directives: reader.directives(), selections: selectionSet(reader), location };
  }
  const key = reader.name();
  const name = reader.skip(':') ? reader.name() : key;
  return {
    kind: 'field',
    key,
    name,
    arguments: reader.arguments(),
    directives: reader.directives(),
    selections: reader.isAt('{') ? selectionSet(reader) : undefined,
    location,
  };
}
