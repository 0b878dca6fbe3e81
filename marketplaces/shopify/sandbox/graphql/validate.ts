import type { Document, FieldNode, Fragment, Operation, Selection } from './document.ts';
import type { GraphQLError } from './errors.ts';
import type { Location } from './lexer.ts';
import { type DirectiveNode, namedType, printType, type TypeRef } from './reader.ts';
import { type Field, fieldOf, isLeaf, possibleTypes, ROOTS, type Schema, type Type, typeOf } from './schema.ts';
import { checkArguments, type VariableUse } from './validate-arguments.ts';

/** What a part of a document uses: fragments are checked once, their variables belong to each operation. */
type Uses = { variables: VariableUse[]; fragments: Set<string> };

/**
 * What is wrong with a document, in the words of graphql-ruby, which Shopify runs. Not everything of the specification
 * is checked: fields of one key need only have one name.
 */
export function validateDocument(schema: Schema, document: Document): GraphQLError[] {
  const errors: GraphQLError[] = [];
  const fragments = new Map<string, Uses>();
  for (const fragment of document.fragments.values()) fragments.set(fragment.name, checkFragment(fragment));
  const used = new Set<string>();
  for (const operation of document.operations) {
    for (const name of checkOperation(operation)) used.add(name);
  }
  for (const { name, location } of document.fragments.values()) {
    if (!used.has(name)) fragmentTrouble(`Fragment ${name} was defined, but not used`, name, location);
  }
  return errors;

  function report(message: string, at: Location, path: string[], extensions: Record<string, unknown>): void {
    errors.push({ message, locations: [at], path, extensions });
  }
  function fragmentTrouble(message: string, name: string, at: Location, code = 'useAndDefineFragment'): void {
    report(message, at, [`fragment ${name}`], { code, fragmentName: name });
  }

  function checkFragment(fragment: Fragment): Uses {
    const uses: Uses = { variables: [], fragments: new Set() };
    const path = [`fragment ${fragment.name}`];
    if (!schema.types.has(fragment.on)) reportType(fragment.on, fragment.location, path);
    else checkSelections(fragment.selections, typeOf(schema, fragment.on), path, uses);
    return uses;
  }

  /** Returns the names of the fragments that it needs. */
  function checkOperation(operation: Operation): Set<string> {
    const path = [operation.name === undefined ? operation.kind : `${operation.kind} ${operation.name}`];
    const root = schema.types.get(ROOTS[operation.kind]);
    if (!root) {
      report(`Schema is not configured for ${operation.kind}s`, operation.location, path, {
        code: 'missingRootType',
      });
      return new Set();
    }
    const uses: Uses = { variables: [], fragments: new Set() };
    checkSelections(operation.selections, root, path, uses);
    const needed = new Set<string>();
    const variables = [...uses.variables];
    const follow = (names: Iterable<string>, trail: string[]): void => {
      for (const name of names) {
        const fragment = document.fragments.get(name);
        if (trail.includes(name)) {
          fragmentTrouble(`Fragment ${name} contains an infinite loop`, name, fragment!.location, 'infiniteLoop');
        } else if (fragment && !needed.has(name)) {
          needed.add(name);
          variables.push(...fragments.get(name)!.variables);
          follow(fragments.get(name)!.fragments, [...trail, name]);
        } else if (fragment) follow(fragments.get(name)!.fragments, [...trail, name]);
      }
    };
    follow(uses.fragments, []);
    checkVariables(operation, variables, path);
    return needed;
  }

  function checkVariables(operation: Operation, uses: readonly VariableUse[], path: string[]): void {
    const owner = operation.name ?? `anonymous ${operation.kind}`;
    const unused = new Map(operation.variables.map((definition) => [definition.name, definition]));
    for (const use of uses) {
      unused.delete(use.name);
      const definition = operation.variables.find(({ name }) => name === use.name);
      if (!definition) {
        const extensions = { code: 'variableNotDefined', variableName: use.name };
        report(`Variable $${use.name} is used by ${owner} but not declared`, use.location, use.path, extensions);
      } else if (!accepts(use.type, definition.type, definition.default !== undefined || use.hasDefault)) {
        const types = `${printType(definition.type)} / ${printType(use.type)}`;
        const message = `Type mismatch on variable $${use.name} and argument ${use.argument} (${types})`;
        report(message, use.location, use.path, {
          code: 'variableMismatch',
          variableName: use.name,
          typeName: printType(definition.type),
          argumentName: use.argument,
          errorMessage: 'Type mismatch',
        });
      }
    }
    for (const { name, location, type } of operation.variables) {
      if (!schema.types.has(namedType(type))) reportType(namedType(type), location, path);
      else if (unused.has(name)) {
        const extensions = { code: 'variableNotUsed', variableName: name };
        report(`Variable $${name} is declared by ${owner} but not used`, location, path, extensions);
      }
    }
  }

  function reportType(typeName: string, at: Location, path: string[]): void {
    report(`No such type ${typeName}, so it can't be a fragment condition`, at, path, {
      code: 'undefinedType',
      typeName,
    });
  }

  function checkSelections(selections: readonly Selection[], parent: Type, path: string[], uses: Uses): void {
    const names = new Map<string, string>();
    for (const selection of selections) {
      checkDirectives(selection.directives, path, uses);
      if (selection.kind === 'field') {
        const other = names.get(selection.key) ?? selection.name;
        names.set(selection.key, selection.name);
        if (other !== selection.name) {
          const conflicts = `${other} or ${selection.name}`;
          const extensions = { code: 'fieldConflict', fieldName: selection.key, conflicts };
          report(`Field '${selection.key}' has a field conflict: ${conflicts}?`, selection.location, path, extensions);
        }
        checkField(selection, parent, [...path, selection.key], uses);
      } else if (selection.kind === 'spread') {
        uses.fragments.add(selection.name);
        const fragment = document.fragments.get(selection.name);
        if (fragment) checkSpread(`Fragment ${fragment.name} on`, fragment.on, parent, selection.location, path);
        else
          fragmentTrouble(`Fragment ${selection.name} was used, but not defined`, selection.name, selection.location);
      } else {
        const on = selection.on ?? parent.name;
        const own = [...path, `... on ${on}`];
        if (!schema.types.has(on)) reportType(on, selection.location, own);
        else {
          checkSpread('Fragment on', on, parent, selection.location, path);
          checkSelections(selection.selections, typeOf(schema, on), own, uses);
        }
      }
    }
  }

  function checkSpread(what: string, on: string, parent: Type, at: Location, path: string[]): void {
    if (!schema.types.has(on)) return;
    const possible = new Set(possibleTypes(schema, parent));
    if (possibleTypes(schema, typeOf(schema, on)).some((name) => possible.has(name))) return;
    const extensions = { code: 'cannotSpreadFragment', typeName: on, fragmentName: 'unknown', parentName: parent.name };
    report(`${what} ${on} can't be spread inside ${parent.name}`, at, path, extensions);
  }

  function checkField(node: FieldNode, parent: Type, path: string[], uses: Uses): void {
    if (node.name === '__typename') return;
    const field = fieldOf(parent, node.name);
    if (!field) {
      const extensions = { code: 'undefinedField', typeName: parent.name, fieldName: node.name };
      report(`Field '${node.name}' doesn't exist on type '${parent.name}'`, node.location, path, extensions);
      return;
    }
    const owner = { kind: 'Field', name: node.name, location: node.location } as const;
    checkArguments(schema, owner, field.arguments, node.arguments, path, { errors, variables: uses.variables });
    const type = typeOf(schema, namedType(field.type));
    checkLeaf(node, field, type, path);
    if (node.selections && !isLeaf(type)) checkSelections(node.selections, type, path, uses);
  }

  function checkLeaf(node: FieldNode, { type }: Field, named: Type, path: string[]): void {
    const nodeName = `field '${node.name}'`;
    const extensions = { code: 'selectionMismatch', nodeName, typeName: printType(type) };
    if (isLeaf(named) && node.selections) {
      const what = JSON.stringify(node.selections.map((one) => (one.kind === 'field' ? one.name : '...')));
      const message = `Selections can't be made on scalars (${nodeName} returns ${named.name} but has selections ${what})`;
      report(message, node.location, path, extensions);
    } else if (!isLeaf(named) && !node.selections) {
      const hint = `Did you mean '${node.name} { ... }'?`;
      const message = `Field must have selections (${nodeName} returns ${named.name} but has no selections. ${hint})`;
      report(message, node.location, path, extensions);
    }
  }

  function checkDirectives(nodes: readonly DirectiveNode[], path: string[], uses: Uses): void {
    for (const { name, location, arguments: given } of nodes) {
      const defined = schema.directives.get(name);
      if (!defined) {
        report(`Directive @${name} is not defined`, location, path, {
          code: 'undefinedDirective',
          directiveName: name,
        });
        continue;
      }
      const owner = { kind: 'Directive', name, location } as const;
      checkArguments(schema, owner, defined, given, path, { errors, variables: uses.variables });
    }
  }
}

/** May a variable of type `from` stand where `to` is wanted? */
function accepts(to: TypeRef, from: TypeRef, hasDefault: boolean): boolean {
  if (to.kind === 'non-null') {
    if (from.kind === 'non-null') return accepts(to.of, from.of, false);
    return hasDefault && accepts(to.of, from, false);
  }
  if (from.kind === 'non-null') return accepts(to, from.of, false);
  if (to.kind === 'list') return from.kind === 'list' && accepts(to.of, from.of, false);
  return from.kind === 'named' && from.name === to.name;
}
