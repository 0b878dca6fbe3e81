import type { Document, FieldNode, Operation, Selection } from './document.ts';
import type { GraphQLError } from './errors.ts';
import { argumentValues, coerceVariables, type Inputs } from './inputs.ts';
import type { Location } from './lexer.ts';
import type { DirectiveNode } from './reader.ts';
import { type Field, fieldOf, possibleTypes, ROOTS, type Schema, type Type, typeOf } from './schema.ts';

/** A field that a request asks of a type, all its mentions put together. */
export type Planned = {
  key: string;
  /** undefined: `__typename` */
  field: Field | undefined;
  arguments: Inputs;
  /** the directives on it with their arguments */
  directives: Map<string, Inputs>;
  selections: readonly Selection[];
  location: Location;
};

/** A request with its variables: what execution and cost both go through. */
export type Plan = {
  schema: Schema;
  operation: Operation;
  root: Type;
  fields(selections: readonly Selection[], typeName: string): readonly Planned[];
};

/** The operation that a request means, or why there is none. */
export function chooseOperation(
  document: Document,
  name: string | undefined,
): { operation: Operation } | { errors: GraphQLError[] } {
  if (name === undefined && document.operations.length > 1) {
    return { errors: [{ message: 'An operation name is required' }] };
  }
  const operation = document.operations.find((one) => name === undefined || one.name === name);
  return operation ? { operation } : { errors: [{ message: `No operation named ${JSON.stringify(name ?? '')}` }] };
}

/** Makes the plan of a valid document's operation. */
export function planOperation(
  schema: Schema,
  document: Document,
  operation: Operation,
  given: Inputs,
): { plan: Plan } | { errors: GraphQLError[] } {
  const coerced = coerceVariables(schema, operation.variables, given);
  if ('errors' in coerced) return coerced;
  const { values } = coerced;
  /** the same selections are asked of many objects, and their plan is the same for each */
  const planned = new WeakMap<readonly Selection[], Map<string, Planned[]>>();

  function fields(selections: readonly Selection[], typeName: string): readonly Planned[] {
    const byType = planned.get(selections) ?? new Map<string, Planned[]>();
    planned.set(selections, byType);
    let found = byType.get(typeName);
    if (!found) {
      const nodes = new Map<string, FieldNode[]>();
      collect(selections, typeName, nodes);
      found = [...nodes.values()].map((same) => plan(same, typeName));
      byType.set(typeName, found);
    }
    return found;
  }

  function collect(selections: readonly Selection[], typeName: string, nodes: Map<string, FieldNode[]>): void {
    for (const selection of selections) {
      if (isLeftOut(selection.directives)) continue;
      if (selection.kind === 'field') {
        const same = nodes.get(selection.key);
        if (same) same.push(selection);
        else nodes.set(selection.key, [selection]);
        continue;
      }
      const part = selection.kind === 'spread' ? document.fragments.get(selection.name)! : selection;
      const isMeant = part.on === undefined || possibleTypes(schema, typeOf(schema, part.on)).includes(typeName);
      if (isMeant) collect(part.selections, typeName, nodes);
    }
  }

  function isLeftOut(directives: readonly DirectiveNode[]): boolean {
    return directives.some(
      ({ name, arguments: given }) =>
        (name === 'skip' || name === 'include') && directiveValues(name, given).if === (name === 'skip'),
    );
  }
  const directiveValues = (name: string, given: DirectiveNode['arguments']): Inputs =>
    argumentValues(schema, schema.directives.get(name)!, given, values);

  function plan(nodes: readonly FieldNode[], typeName: string): Planned {
    const [first] = nodes as [FieldNode];
    const field = fieldOf(typeOf(schema, typeName), first.name);
    return {
      key: first.key,
      field,
      arguments: field ? argumentValues(schema, field.arguments, first.arguments, values) : {},
      directives: new Map(first.directives.map((one) => [one.name, directiveValues(one.name, one.arguments)])),
      selections: nodes.length === 1 ? (first.selections ?? []) : nodes.flatMap((node) => node.selections ?? []),
      location: first.location,
    };
  }

  return { plan: { schema, operation, root: typeOf(schema, ROOTS[operation.kind]), fields } };
}
