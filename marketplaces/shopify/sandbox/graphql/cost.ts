import type { Selection } from './document.ts';
import type { Data, Result } from './execute.ts';
import type { Plan, Planned } from './plan.ts';
import { namedType } from './reader.ts';
import { isLeaf, possibleTypes, typeOf } from './schema.ts';

/** points of a mutation, whatever it returns [Shopify, GraphQL Admin API rate limits] */
const MUTATION_COST = 10;
/** points of a connection beside its items [Shopify Engineering, rate limiting GraphQL APIs] */
const CONNECTION_COST = 2;

/**
 * Objects without an identity of their own cost nothing. Which they are is not published; addresses, money, units and
 * page information were seen to be [Shopify developer community, 24364].
 */
const FREE = new Set(['PageInfo', 'MailingAddress', 'MoneyV2', 'MoneyBag', 'InventoryItemMeasurement']);

/** How often the items of a connection count: with the logarithm of its size [Shopify developer community, 23101]. */
function multiplier(size: number): number {
  return size === 0 ? 0 : Math.floor(2 * Math.log(Math.max(2, size)));
}

/** The points of a request before it runs, when every connection may be full. */
export function requestedCost(plan: Plan): number {
  return costOf(plan, plan.operation.selections, plan.root.name, undefined);
}

/** The points of what a request really got. */
export function actualCost(plan: Plan, result: Result): number {
  return result.data ? costOf(plan, plan.operation.selections, plan.root.name, result.data, result) : 0;
}

function costOf(plan: Plan, selections: readonly Selection[], typeName: string, data?: Data, result?: Result): number {
  const known = data && result?.typeNames.get(data);
  const names = known ? [known] : possibleTypes(plan.schema, typeOf(plan.schema, typeName));
  const costs = names.map((name) =>
    plan.fields(selections, name).reduce((sum, planned) => {
      if (name === 'Mutation') return sum + MUTATION_COST;
      return sum + costOfField(plan, planned, data && { value: data[planned.key], result: result! });
    }, 0),
  );
  return Math.max(...costs);
}

/** @param got what the field's value turned out to be; undefined: it did not run yet */
function costOfField(plan: Plan, planned: Planned, got: { value: unknown; result: Result } | undefined): number {
  const { field, selections } = planned;
  if (!field) return 0;
  const type = typeOf(plan.schema, namedType(field.type));
  if (isLeaf(type) || FREE.has(type.name)) return 0;
  const inside = (value: Data | undefined): number => costOf(plan, selections, type.name, value, got?.result);
  // An object that is not there still had to be looked for.
  const values = got && [got.value].flat().filter((value) => value !== null);
  const children = values ? Math.max(0, ...values.map((value) => inside(value as Data))) : inside(undefined);
  if (field.isConnection) {
    const asked = Number(planned.arguments.first ?? planned.arguments.last ?? 1);
    return CONNECTION_COST + children * multiplier(got ? sizeOf(got.value, asked) : asked);
  }
  return type.name.endsWith('Edge') ? children : 1 + children;
}

/** How many items an answer's connection holds; `asked` if it does not show them. */
function sizeOf(connection: unknown, asked: number): number {
  const lists = Object.values((connection ?? {}) as Data).filter(Array.isArray);
  return lists.length > 0 ? Math.max(...lists.map((list) => list.length)) : asked;
}
