import type { Selection } from './document.ts';
import { FieldTrouble, type GraphQLError } from './errors.ts';
import type { Inputs } from './inputs.ts';
import type { Plan, Planned } from './plan.ts';
import type { TypeRef } from './reader.ts';
import { isLeaf, typeOf } from './schema.ts';

export type Resolver<Source, Context> = (source: Source, args: Inputs, context: Context, planned: Planned) => unknown;

/** By type and field. A field without one is read from its source; a function found there is called. */
export type Resolvers<Context> = Record<string, Record<string, Resolver<never, Context>>>;

export type Data = Record<string, unknown>;

export type Result = {
  data: Data | null;
  errors: GraphQLError[];
  /** what the objects of interfaces and unions in `data` are */
  typeNames: WeakMap<object, string>;
};

/** A value where the schema has an interface or a union. */
class Typed {
  readonly typeName: string;
  readonly value: unknown;
  constructor(typeName: string, value: unknown) {
    this.typeName = typeName;
    this.value = value;
  }
}

/** Says what a value is where the schema leaves it open. */
export function typed(typeName: string, value: unknown): Typed {
  return new Typed(typeName, value);
}

/** Thrown from a field that must not be null to the nearest one that may. */
const NULL = Symbol('null');

/**
 * Runs a plan: resolves what was asked for and nothing else.
 * @param options.authorize the trouble with a field that the caller may not see
 */
export function execute<Context>(
  plan: Plan,
  options: {
    resolvers: Resolvers<Context>;
    context: Context;
    authorize(field: NonNullable<Planned['field']>): FieldTrouble | undefined;
  },
): Result {
  const { resolvers, context } = options;
  const errors: GraphQLError[] = [];
  const typeNames = new WeakMap<object, string>();
  const path: (string | number)[] = [];

  function completeObject(selections: readonly Selection[], typeName: string, source: unknown): Data {
    const data: Data = {};
    const own = resolvers[typeName];
    for (const planned of plan.fields(selections, typeName)) {
      path.push(planned.key);
      data[planned.key] = planned.field ? completeField(planned, planned.field, own, source) : typeName;
      path.pop();
    }
    return data;
  }

  function completeField(
    planned: Planned,
    field: NonNullable<Planned['field']>,
    own: Record<string, Resolver<never, Context>> | undefined,
    source: unknown,
  ): unknown {
    const depth = path.length;
    try {
      const denied = field.access && options.authorize(field);
      if (denied) throw denied;
      const resolve = own?.[field.name] as Resolver<unknown, Context> | undefined;
      const value = resolve
        ? resolve(source, planned.arguments, context, planned)
        : read(source as Record<string, unknown>, field.name);
      return complete(field.type, value, planned);
    } catch (thrown) {
      path.length = depth;
      if (thrown instanceof FieldTrouble) {
        const { message, extensions } = thrown;
        errors.push({ message, locations: [planned.location], path: [...path], extensions });
      } else if (thrown !== NULL) throw thrown;
      if (field.type.kind === 'non-null') throw NULL;
      return null;
    }
  }

  function complete(type: TypeRef, value: unknown, planned: Planned): unknown {
    if (type.kind === 'non-null') {
      if (value === null || value === undefined) throw new Error(`${path.join('.')} is null in this sandbox`);
      return complete(type.of, value, planned);
    }
    if (value === null || value === undefined) return null;
    if (type.kind === 'list') {
      return (value as readonly unknown[]).map((item, index) => {
        path.push(index);
        const completed = complete(type.of, item, planned);
        path.pop();
        return completed;
      });
    }
    const named = typeOf(plan.schema, type.name);
    if (isLeaf(named)) return value;
    const { typeName, value: source } = value instanceof Typed ? value : { typeName: named.name, value };
    const data = completeObject(planned.selections, typeName, source);
    if (value instanceof Typed) typeNames.set(data, typeName);
    return data;
  }

  try {
    return { data: completeObject(plan.operation.selections, plan.root.name, undefined), errors, typeNames };
  } catch (thrown) {
    if (thrown !== NULL) throw thrown;
    return { data: null, errors, typeNames };
  }
}

function read(source: Record<string, unknown>, name: string): unknown {
  const value = source[name];
  return typeof value === 'function' ? value() : value;
}
