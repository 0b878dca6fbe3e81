import { type ArgumentNode, createReader, namedType, type Reader, type TypeRef, type ValueNode } from './reader.ts';

export type InputValue = { name: string; type: TypeRef; default: ValueNode | undefined };

export type Field = {
  name: string;
  type: TypeRef;
  arguments: Map<string, InputValue>;
  /** access scopes of which one is needed, as `@access` lists them; undefined: none is */
  access: string[] | undefined;
  isConnection: boolean;
};

export type Type =
  | { kind: 'object' | 'interface'; name: string; interfaces: string[]; fields: Map<string, Field> }
  | { kind: 'union'; name: string; members: string[] }
  | { kind: 'enum'; name: string; values: Set<string> }
  | { kind: 'input'; name: string; fields: Map<string, InputValue> }
  | { kind: 'scalar'; name: string };

export type Schema = { types: Map<string, Type>; directives: Map<string, Map<string, InputValue>> };

export const ROOTS = { query: 'QueryRoot', mutation: 'Mutation', subscription: 'Subscription' } as const;

const CONNECTION_ARGUMENTS = 'first: Int, after: String, last: Int, before: String, reverse: Boolean = false';
const BUILT_IN = `
  scalar Int
  scalar Float
  scalar String
  scalar Boolean
  scalar ID
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  directive @include(if: Boolean!)
  directive @skip(if: Boolean!)
`;

/**
 * Reads a schema in the schema definition language. Connections are written short: a field whose type is
 * `SomethingConnection` gets the paging arguments, and `SomethingConnection` and `SomethingEdge` come by themselves. Two
 * directives are for the sandbox: `@access(scopes: …)` on a field, and `@until(version: …)` on an input field that API
 * versions from that one on do not have.
 */
export function parseSchema(source: string, version: string): Schema {
  const schema: Schema = { types: new Map(), directives: new Map() };
  read(BUILT_IN);
  read(source);
  for (const { isConnection, type } of [...schema.types.values()].flatMap(fieldsOf)) {
    const connection = namedType(type);
    if (!isConnection || schema.types.has(connection)) continue;
    const node = connection.slice(0, -'Connection'.length);
    read(`type ${connection} { edges: [${node}Edge!]! nodes: [${node}!]! pageInfo: PageInfo! }
      type ${node}Edge { cursor: String! node: ${node}! }`);
  }
  return schema;

  function read(text: string): void {
    const reader = createReader(text);
    while (reader.peek().kind !== 'end') {
      if (reader.skip('directive')) {
        reader.expect('@');
        schema.directives.set(reader.name(), readInputs(reader, '(', ')', version));
        continue;
      }
      const type = readType(reader, version);
      schema.types.set(type.name, type);
    }
  }
}

function fieldsOf(type: Type): Field[] {
  return type.kind === 'object' || type.kind === 'interface' ? [...type.fields.values()] : [];
}

function readType(reader: Reader, version: string): Type {
  const keyword = reader.name();
  const name = reader.name();
  switch (keyword) {
    case 'scalar':
      return { kind: 'scalar', name };
    case 'enum':
      return { kind: 'enum', name, values: new Set(reader.many('{', reader.name, '}')) };
    case 'input':
      return { kind: 'input', name, fields: readInputs(reader, '{', '}', version) };
    case 'union': {
      reader.expect('=');
      const members = [reader.name()];
      while (reader.skip('|')) members.push(reader.name());
      return { kind: 'union', name, members };
    }
    case 'type':
    case 'interface': {
      const interfaces: string[] = [];
      if (reader.skip('implements')) {
        do interfaces.push(reader.name());
        while (reader.skip('&'));
      }
      const fields = reader.many('{', () => readField(reader, version), '}');
      const kind = keyword === 'type' ? 'object' : 'interface';
      return { kind, name, interfaces, fields: new Map(fields.map((field) => [field.name, field])) };
    }
    default:
      return reader.unexpected();
  }
}

function readField(reader: Reader, version: string): Field {
  const name = reader.name();
  const own = reader.isAt('(') ? readInputs(reader, '(', ')', version) : new Map<string, InputValue>();
  reader.expect(':');
  const type = reader.type();
  const isConnection = namedType(type).endsWith('Connection');
  const paging = isConnection ? readInputs(createReader(`(${CONNECTION_ARGUMENTS})`), '(', ')', version) : [];
  const access = reader.directives().find((one) => one.name === 'access')?.arguments[0];
  return {
    name,
    type,
    arguments: new Map([...paging, ...own]),
    access: access && textOf(access).split(' '),
    isConnection,
  };
}

function readInputs(reader: Reader, open: string, close: string, version: string): Map<string, InputValue> {
  const inputs = reader.many(
    open,
    () => {
      const name = reader.name();
      reader.expect(':');
      const type = reader.type();
      const input = { name, type, default: reader.skip('=') ? reader.value() : undefined };
      const until = reader.directives().find((one) => one.name === 'until')?.arguments[0];
      return { input, isThere: until === undefined || version < textOf(until) };
    },
    close,
  );
  return new Map(inputs.flatMap(({ input, isThere }) => (isThere ? [[input.name, input]] : [])));
}

function textOf({ value }: ArgumentNode): string {
  return value.kind === 'string' ? value.text : '';
}

export function typeOf(schema: Schema, name: string): Type {
  const type = schema.types.get(name);
  if (!type) throw new Error(`the schema has no type ${name}`);
  return type;
}

/** Every field of this type that a request may ask for; `__typename` is none of them. */
export function fieldOf(type: Type, name: string): Field | undefined {
  return type.kind === 'object' || type.kind === 'interface' ? type.fields.get(name) : undefined;
}

/** The object types that a value of this type can be. */
export function possibleTypes(schema: Schema, type: Type): string[] {
  if (type.kind === 'object') return [type.name];
  if (type.kind === 'union') return type.members;
  return [...schema.types.values()].flatMap((one) =>
    one.kind === 'object' && one.interfaces.includes(type.name) ? [one.name] : [],
  );
}

export function isLeaf(type: Type): boolean {
  return type.kind === 'scalar' || type.kind === 'enum';
}
