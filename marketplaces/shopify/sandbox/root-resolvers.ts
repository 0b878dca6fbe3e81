import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { type Call, type CallResolvers, isGranted } from './call.ts';
import { invalidCursor, pageOf } from './connections.ts';
import { findFulfillment, orderOfFulfillmentOrder } from './fulfillment-mutations.ts';
import { typed } from './graphql/execute.ts';
import type { Inputs } from './graphql/inputs.ts';
import { idIn, readGid } from './ids.ts';
import { LOCATION_ID } from './location.ts';
import type { OrderIndex } from './order-index.ts';
import { searchOrders } from './order-search.ts';
import type { OrderParts } from './order-state.ts';
import { searchItems } from './stock-resolvers.ts';
import type { Subscriptions } from './subscriptions.ts';

const DAY_MS = 86_400_000;
/** how far back orders are seen without `read_all_orders` [Shopify GraphQL Admin API, Order] */
const HISTORY_MS = 60 * DAY_MS;

type RootParts = OrderParts & { index: OrderIndex; subscriptions: Subscriptions };

/** The first order that a caller may see was placed then. */
export function visibleSince(now: number, scopes: readonly string[]): number {
  return isGranted(scopes, ['read_all_orders']) ? 0 : now - HISTORY_MS;
}

/** How things are found: by id, in lists, and through `node`. */
export function rootResolvers(deps: Pick<SandboxDeps, 'now' | 'faults'>, parts: RootParts): CallResolvers {
  const { books, listings, fulfillments, index, subscriptions } = parts;

  const isVisible = (order: BookOrder, { shop, scopes }: Call): boolean =>
    order.sellerId === shop.sellerId && order.placedAt >= visibleSince(deps.now(), scopes);

  function findItem(kind: 'item' | 'variant' | 'product', id: string, { shop }: Call) {
    return listings.find(books, shop.sellerId, kind, id);
  }

  /** By type: what finds an object of it by id, and the scopes of which one is needed. */
  const finders: Record<string, { access?: string[]; find(id: string, call: Call, text: string): unknown }> = {
    Order: {
      access: ['read_orders'],
      find(id, call) {
        const order = books.orders.get(id);
        return order && isVisible(order, call) ? order : null;
      },
    },
    Refund: {
      access: ['read_orders'],
      // A refund has its order's id, as only a cancelled order has one, of all of it.
      find(id, call) {
        const order = books.orders.get(id);
        return order?.status === 'cancelled' && isVisible(order, call) ? order : null;
      },
    },
    Fulfillment: {
      access: ['read_orders'],
      find: (id, { shop }) => findFulfillment(fulfillments, shop.sellerId, id),
    },
    FulfillmentOrder: {
      access: ['read_merchant_managed_fulfillment_orders', 'read_assigned_fulfillment_orders'],
      find: (id, { shop }) => orderOfFulfillmentOrder(parts, shop.sellerId, id),
    },
    Location: { access: ['read_locations'], find: (id) => (id === LOCATION_ID ? id : null) },
    InventoryItem: { access: ['read_inventory'], find: (id, call) => findItem('item', id, call) },
    InventoryLevel: {
      access: ['read_inventory'],
      find(id, call, text) {
        const itemId = new URLSearchParams(text.split('?')[1]).get('inventory_item_id') ?? '';
        return id === LOCATION_ID ? findItem('item', itemId, call) : null;
      },
    },
    ProductVariant: { access: ['read_products'], find: (id, call) => findItem('variant', id, call) },
    Product: { access: ['read_products'], find: (id, call) => findItem('product', id, call) },
    WebhookSubscription: { find: (id, { shop }) => subscriptions.find(shop.sellerId, id) },
  };

  const findOf = (type: string) => (_: never, args: Inputs, call: Call) => {
    const text = args.id as string;
    const id = idIn(type, text);
    return id === undefined ? null : finders[type]!.find(id, call, text);
  };

  /** What a caller may not see is not there for `node`. */
  function findNode(text: string, call: Call) {
    const { type, id } = readGid(text);
    const finder = finders[type];
    if (!finder || (finder.access && !isGranted(call.scopes, finder.access))) return null;
    const found = finder.find(id, call, text);
    return found ? typed(type, found) : null;
  }

  function select(args: Inputs, call: Call, key: string): BookOrder[] {
    const query = (args.query as string | null | undefined) ?? '';
    const search = searchOrders(query, parts);
    if (search.warnings.length > 0) call.searches.push({ path: [key], query, warnings: search.warnings });
    const field = args.sortKey === 'UPDATED_AT' ? 'updated' : 'created';
    return index
      .between(call.shop.sellerId, field, search.ranges[field])
      .filter((order) => isVisible(order, call) && search.test(order));
  }

  const keyOfItem = ({ sequence }: { sequence: number }) => ({ id: sequence, value: 0 });

  const QueryRoot: CallResolvers[string] = {
    node: (_: never, { id }, call: Call) => findNode(id as string, call),
    nodes: (_: never, { ids }, call: Call) => (ids as string[]).map((id) => findNode(id, call)),
    order: findOf('Order'),
    orders: (_: never, args, call: Call, { key }) => {
      if (args.after && deps.faults.strikes('expire-page-token', 'orders')) throw invalidCursor();
      const isUpdated = args.sortKey === 'UPDATED_AT';
      return pageOf(select(args, call, key), args, (order) => ({
        id: Number(order.orderId),
        value: isUpdated ? order.updatedAt : order.placedAt,
      }));
    },
    ordersCount: (_: never, args, call: Call, { key }) => {
      const found = select(args, call, key).length;
      const limit = (args.limit as number | null) ?? Infinity;
      return { count: Math.min(found, limit), precision: found > limit ? 'AT_LEAST' : 'EXACT' };
    },
    fulfillment: findOf('Fulfillment'),
    fulfillmentOrder: findOf('FulfillmentOrder'),
    location: (_: never, { id }) => (!id || idIn('Location', id as string) === LOCATION_ID ? LOCATION_ID : null),
    locations: (_: never, args) => pageOf([LOCATION_ID], args, (id) => ({ id: Number(id), value: 0 })),
    inventoryItem: findOf('InventoryItem'),
    inventoryLevel: findOf('InventoryLevel'),
    product: findOf('Product'),
    productVariant: findOf('ProductVariant'),
    inventoryItems: (_: never, args, { shop }: Call) =>
      pageOf(searchItems(parts, shop.sellerId, args.query), args, keyOfItem),
    productVariants: (_: never, args, { shop }: Call) =>
      pageOf(searchItems(parts, shop.sellerId, args.query), args, keyOfItem),
  };
  return { QueryRoot };
}
