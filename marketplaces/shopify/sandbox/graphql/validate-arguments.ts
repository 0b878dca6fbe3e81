import type { GraphQLError } from './errors.ts';
import { literalOf, scalarProblem } from './inputs.ts';
import type { Location } from './lexer.ts';
import { type ArgumentNode, printType, printValue, type TypeRef, type ValueNode } from './reader.ts';
import { type InputValue, type Schema, typeOf } from './schema.ts';

/** A variable where a value of `type` is wanted. */
export type VariableUse = {
  name: string;
  argument: string;
  type: TypeRef;
  hasDefault: boolean;
  location: Location;
  path: string[];
};

/** Whose arguments are checked. */
type Owner = { kind: 'Field' | 'Directive' | 'InputObject'; name: string; location: Location };

type Found = { errors: GraphQLError[]; variables: VariableUse[] };

/** Checks the arguments of a field or a directive, or the fields of an input object; adds to `found`. */
export function checkArguments(
  schema: Schema,
  owner: Owner,
  defined: ReadonlyMap<string, InputValue>,
  given: readonly ArgumentNode[],
  path: string[],
  found: Found,
): void {
  function report(message: string, at: Location, where: string[], extensions: Record<string, unknown>): void {
    found.errors.push({ message, locations: [at], path: where, extensions });
  }

  for (const node of given) {
    const input = defined.get(node.name);
    const own = [...path, node.name];
    if (input) checkValue(input, input.type, node.value, own);
    else {
      report(`${owner.kind} '${owner.name}' doesn't accept argument '${node.name}'`, node.location, own, {
        code: 'argumentNotAccepted',
        name: owner.name,
        typeName: owner.kind,
        argumentName: node.name,
      });
    }
  }
  const missing = [...defined.values()].filter(
    ({ name, type, default: fallback }) =>
      type.kind === 'non-null' && !fallback && !given.some((node) => node.name === name),
  );
  if (missing.length === 0) return;
  if (owner.kind !== 'InputObject') {
    const names = missing.map(({ name }) => name).join(', ');
    report(`${owner.kind} '${owner.name}' is missing required arguments: ${names}`, owner.location, path, {
      code: 'missingRequiredArguments',
      className: owner.kind,
      name: owner.name,
      arguments: names,
    });
    return;
  }
  for (const { name, type } of missing) {
    const expected = printType(type);
    const message = `Argument '${name}' on InputObject '${owner.name}' is required. Expected type ${expected}`;
    report(message, owner.location, [...path, name], {
      code: 'missingRequiredInputObjectAttribute',
      argumentName: name,
      argumentType: expected,
      inputObjectType: owner.name,
    });
  }

  function checkValue(input: InputValue, type: TypeRef, node: ValueNode, where: string[]): void {
    const { name, default: fallback } = input;
    if (node.kind === 'variable') {
      const { location } = node;
      const hasDefault = fallback !== undefined;
      found.variables.push({ name: node.name, argument: name, type, hasDefault, location, path: where });
    } else if (type.kind === 'non-null') {
      if (node.kind === 'null') refuse(input, node, where);
      else checkValue(input, type.of, node, where);
    } else if (node.kind === 'null') return;
    else if (type.kind === 'list') {
      for (const item of node.kind === 'list' ? node.items : [node]) checkValue(input, type.of, item, where);
    } else checkNamed(input, type.name, node, where);
  }

  function checkNamed(input: InputValue, typeName: string, node: ValueNode, where: string[]): void {
    const type = typeOf(schema, typeName);
    if (type.kind === 'input' && node.kind === 'object') {
      const inner = { kind: 'InputObject', name: type.name, location: node.location } as const;
      checkArguments(schema, inner, type.fields, node.fields, where, found);
      return;
    }
    const problem = node.kind === 'enum' ? 'not a scalar' : scalarProblem(typeName, literalOf(node));
    const isRight =
      type.kind === 'enum' ? node.kind === 'enum' && type.values.has(node.text) : type.kind === 'scalar' && !problem;
    if (isRight) return;
    if (typeName !== 'ID' || node.kind !== 'string') refuse(input, node, where);
    else report(problem!, node.location, where, { code: 'argumentLiteralsIncompatible', typeName: 'CoercionError' });
  }

  function refuse({ name, type }: InputValue, node: ValueNode, where: string[]): void {
    const what = `Argument '${name}' on ${owner.kind} '${owner.name}' has an invalid value (${printValue(node)})`;
    report(`${what}. Expected type '${printType(type)}'.`, owner.location, where, {
      code: 'argumentLiteralsIncompatible',
      typeName: owner.kind,
      argumentName: name,
    });
  }
}
