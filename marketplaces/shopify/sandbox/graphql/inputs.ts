import type { VariableDefinition } from './document.ts';
import type { GraphQLError } from './errors.ts';
import { type ArgumentNode, printType, type TypeRef, type ValueNode } from './reader.ts';
import { type InputValue, type Schema, typeOf } from './schema.ts';

export type Inputs = Record<string, unknown>;

export type Problem = { path: (string | number)[]; explanation: string };

const GLOBAL_ID = /^gid:\/\/shopify\/[A-Za-z]+\/[^/\s]+$/;
const MAX_INT = 2_147_483_647;

/** Is this a value of the scalar? Others than these take strings and numbers as they are. */
const SCALARS: Record<string, (value: unknown) => boolean> = {
  Int: (value) => Number.isInteger(value) && Math.abs(value as number) <= MAX_INT,
  Float: (value) => typeof value === 'number',
  String: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  ID: (value) => typeof value === 'string' && GLOBAL_ID.test(value),
  URL: (value) => typeof value === 'string',
  DateTime: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
};

/** What is wrong with a scalar's value; undefined: nothing. */
export function scalarProblem(name: string, value: unknown): string | undefined {
  const isValue = SCALARS[name] ?? ((one) => typeof one === 'string' || typeof one === 'number');
  if (isValue(value)) return undefined;
  return name === 'ID' ? `Invalid global id '${value}'` : `Could not coerce value ${JSON.stringify(value)} to ${name}`;
}

/** The values of an operation's variables, or why one of them is none. */
export function coerceVariables(
  schema: Schema,
  definitions: readonly VariableDefinition[],
  given: Inputs,
): { values: Inputs } | { errors: GraphQLError[] } {
  const values: Inputs = {};
  const errors: GraphQLError[] = [];
  for (const { name, type, default: fallback, location } of definitions) {
    const isGiven = Object.hasOwn(given, name);
    if (!isGiven && fallback) values[name] = readValue(schema, type, fallback, {});
    else if (isGiven || type.kind === 'non-null') {
      const problems: Problem[] = [];
      values[name] = coerce(schema, type, given[name] ?? null, [], problems);
      if (problems.length === 0) continue;
      const places = problems.map(({ path, explanation }) => `${path.join('.')} (${explanation})`);
      const where = problems.some(({ path }) => path.length > 0) ? ` for ${places.join(', ')}` : '';
      errors.push({
        message: `Variable $${name} of type ${printType(type)} was provided invalid value${where}`,
        locations: [location],
        extensions: { code: 'INVALID_VARIABLE', value: given[name] ?? null, problems },
      });
    }
  }
  return errors.length > 0 ? { errors } : { values };
}

function coerce(
  schema: Schema,
  type: TypeRef,
  value: unknown,
  path: (string | number)[],
  problems: Problem[],
): unknown {
  const refuse = (explanation: string): undefined => void problems.push({ path, explanation });
  if (type.kind === 'non-null') {
    return value === null ? refuse('Expected value to not be null') : coerce(schema, type.of, value, path, problems);
  }
  if (value === null) return null;
  if (type.kind === 'list') {
    // A single value stands for a list of one.
    if (!Array.isArray(value)) return [coerce(schema, type.of, value, path, problems)];
    return value.map((item, index) => coerce(schema, type.of, item ?? null, [...path, index], problems));
  }
  const named = typeOf(schema, type.name);
  if (named.kind === 'enum') {
    if (named.values.has(value as string)) return value;
    return refuse(`Expected "${value}" to be one of: ${[...named.values].join(', ')}`);
  }
  if (named.kind !== 'input') {
    const problem = scalarProblem(named.name, value);
    return problem === undefined ? value : refuse(problem);
  }
  if (typeof value !== 'object') return refuse(`Expected ${JSON.stringify(value)} to be a key-value object.`);
  for (const field of Object.keys(value)) {
    if (named.fields.has(field)) continue;
    problems.push({ path: [...path, field], explanation: `Field is not defined on ${named.name}` });
  }
  const read: Inputs = {};
  for (const field of named.fields.values()) {
    if (Object.hasOwn(value, field.name)) {
      const own = (value as Inputs)[field.name] ?? null;
      read[field.name] = coerce(schema, field.type, own, [...path, field.name], problems);
    } else if (field.default) read[field.name] = readValue(schema, field.type, field.default, {});
    else if (field.type.kind === 'non-null') {
      problems.push({ path: [...path, field.name], explanation: 'Expected value to not be null' });
    }
  }
  return read;
}

/** The value of something written in a document that is known to be valid. */
export function readValue(schema: Schema, type: TypeRef, node: ValueNode, variables: Inputs): unknown {
  if (node.kind === 'variable') return variables[node.name];
  if (node.kind === 'null') return null;
  if (type.kind === 'non-null') return readValue(schema, type.of, node, variables);
  if (type.kind === 'list') {
    const items = node.kind === 'list' ? node.items : [node];
    return items.map((item) => readValue(schema, type.of, item, variables));
  }
  if (node.kind === 'object') {
    const named = typeOf(schema, type.name);
    return named.kind === 'input' ? argumentValues(schema, named.fields, node.fields, variables) : undefined;
  }
  return literalOf(node);
}

/** A number, string or boolean as written; a list or an object is not one. */
export function literalOf(node: ValueNode): unknown {
  if (node.kind === 'int' || node.kind === 'float') return Number(node.text);
  if (node.kind === 'string' || node.kind === 'enum') return node.text;
  return node.kind === 'boolean' ? node.value : undefined;
}

/** The arguments of a field, or the fields of an input object, with what is not given left out or at its default. */
export function argumentValues(
  schema: Schema,
  defined: ReadonlyMap<string, InputValue>,
  given: readonly ArgumentNode[],
  variables: Inputs,
): Inputs {
  const values: Inputs = {};
  for (const { name, type, default: fallback } of defined.values()) {
    const node = given.find((one) => one.name === name)?.value;
    const value = node && readValue(schema, type, node, variables);
    if (value !== undefined) values[name] = value;
    else if (fallback) values[name] = readValue(schema, type, fallback, {});
  }
  return values;
}
