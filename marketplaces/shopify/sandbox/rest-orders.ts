import type { Context } from 'hono';
import { z } from 'zod';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { notFound } from './gateway.ts';
import { orderNumber } from './ids.ts';
import { financialStatus, fulfillmentStatus } from './order-state.ts';
import type { AddRoute, RestEnv, RestParts } from './rest-api.ts';
import { restOrder } from './rest-order.ts';
import { visibleSince } from './root-resolvers.ts';

const DEFAULT_LIMIT = '50';
const MAX_LIMIT = 250;

const time = z
  .string()
  .transform((text) => Date.parse(text))
  .refine((at) => !Number.isNaN(at));

const parameters = z.object({
  limit: z.string().regex(/^\d+$/).default(DEFAULT_LIMIT).transform(Number),
  status: z.enum(['open', 'closed', 'cancelled', 'any']).default('open'),
  financial_status: z.string().default('any'),
  fulfillment_status: z.string().default('any'),
  ids: z.string().optional(),
  name: z.string().optional(),
  since_id: z.string().regex(/^\d+$/).default('0').transform(Number),
  created_at_min: time.optional(),
  created_at_max: time.optional(),
  processed_at_min: time.optional(),
  processed_at_max: time.optional(),
  updated_at_min: time.optional(),
  updated_at_max: time.optional(),
  fields: z.string().optional(),
  order: z.string().default('created_at desc'),
});

type Query = z.output<typeof parameters>;

/** A place in a list with the parameters that the list was asked for with. */
type PageInfo = { query: Record<string, string>; lastId: number };

/** Orders by REST. A list goes on by the links that it is answered with. */
export function addRestOrderRoutes(route: AddRoute, parts: RestParts): void {
  const { books, index } = parts;

  /** The caller's own order that the path names. */
  function namedOrder(c: Context<RestEnv>): BookOrder | undefined {
    const { shop, access } = c.get('caller');
    const order = books.orders.get((c.req.param('id') ?? '').replace(/\.json$/, ''));
    const isSeen = order?.sellerId === shop.sellerId && order.placedAt >= visibleSince(parts.now(), access.scopes);
    return isSeen ? order : undefined;
  }

  function matches(order: BookOrder, query: Query): boolean {
    const { status, financial_status, fulfillment_status } = query;
    // Nothing is archived here, so nothing is closed.
    if (status !== 'any' && (status === 'cancelled') !== (order.status === 'cancelled')) return false;
    if (status === 'closed') return false;
    if (query.ids && !query.ids.split(',').includes(order.orderId)) return false;
    if (query.name && query.name.replace('#', '') !== String(orderNumber(order.orderId))) return false;
    if (Number(order.orderId) <= query.since_id) return false;
    if (financial_status !== 'any' && financialStatus(order).toLowerCase() !== financial_status) return false;
    const { updated_at_min = 0, updated_at_max = Infinity } = query;
    if (order.updatedAt < updated_at_min || order.updatedAt > updated_at_max) return false;
    const shipped = { FULFILLED: 'shipped', PARTIALLY_FULFILLED: 'partial', UNFULFILLED: 'unshipped' };
    const actual = shipped[fulfillmentStatus(order, parts)];
    if (fulfillment_status === 'any' || fulfillment_status === actual) return true;
    return fulfillment_status === 'unfulfilled' && actual !== 'shipped';
  }

  function select(c: Context<RestEnv>, query: Query): BookOrder[] {
    const { shop, access } = c.get('caller');
    const range = {
      from: Math.max(query.created_at_min ?? 0, query.processed_at_min ?? 0, visibleSince(parts.now(), access.scopes)),
      to: Math.min(query.created_at_max ?? Infinity, query.processed_at_max ?? Infinity),
    };
    const found = index.between(shop.sellerId, 'created', range).filter((order) => matches(order, query));
    const [by, direction] = query.order.split(/\s+/);
    if (by === 'updated_at') found.sort((a, b) => a.updatedAt - b.updatedAt || Number(a.orderId) - Number(b.orderId));
    return direction?.toLowerCase() === 'asc' || query.since_id > 0 ? found : found.reverse();
  }

  function list(c: Context<RestEnv>): Response {
    const { page_info, ...given } = c.req.query();
    const page = page_info === undefined ? undefined : readPageInfo(page_info);
    if (page_info !== undefined && !page) return c.json({ errors: { page_info: 'Invalid value.' } }, 400);
    const parsed = parameters.safeParse({ ...page?.query, ...given });
    if (!parsed.success)
      return c.json({ errors: { [String(parsed.error.issues[0]?.path[0])]: 'Invalid value.' } }, 400);
    const query = parsed.data;
    if (query.limit > MAX_LIMIT) return c.json({ errors: 'Limit exceeds maximum limit of 250' }, 400);
    const found = select(c, query);
    const start = page ? found.findIndex(({ orderId }) => Number(orderId) === page.lastId) + 1 : 0;
    const orders = found.slice(start, start + query.limit);
    const last = orders.at(-1);
    if (last && start + query.limit < found.length) {
      // The link names the shop's own host, as clients read paths from it that begin with `/admin`.
      const { shop, version } = c.get('caller');
      const next = new URL(`https://${shop.sellerId}/admin/api/${version}/orders.json`);
      const info: PageInfo = { query: { ...page?.query, ...given }, lastId: Number(last.orderId) };
      next.search = new URLSearchParams({ limit: String(query.limit), page_info: writePageInfo(info) }).toString();
      c.header('Link', `<${next.href}>; rel="next"`);
    }
    return c.json({ orders: orders.map((order) => pick(restOrder(order, parts), query.fields)) });
  }

  const scopes = ['read_orders'];
  route('GET', 'orders.json', scopes, list);
  route('GET', 'orders/count.json', scopes, (c) => {
    const parsed = parameters.safeParse(c.req.query());
    if (!parsed.success) return c.json({ errors: { status: 'Invalid value.' } }, 400);
    return c.json({ count: select(c, parsed.data).length });
  });
  route('GET', 'orders/:id{\\d+\\.json}', scopes, (c) => {
    const order = namedOrder(c);
    return order ? c.json({ order: pick(restOrder(order, parts), c.req.query('fields')) }) : notFound(c);
  });
}

/** Only the named fields of an object; all where none are named. */
function pick(whole: Record<string, unknown>, fields: string | undefined): Record<string, unknown> {
  if (!fields) return whole;
  const names = fields.split(',').map((name) => name.trim());
  return Object.fromEntries(Object.entries(whole).filter(([name]) => names.includes(name)));
}

function writePageInfo(info: PageInfo): string {
  return Buffer.from(JSON.stringify(info)).toString('base64url');
}

function readPageInfo(text: string): PageInfo | undefined {
  try {
    const info = JSON.parse(Buffer.from(text, 'base64url').toString()) as PageInfo;
    return typeof info.lastId === 'number' && typeof info.query === 'object' ? info : undefined;
  } catch {
    return undefined;
  }
}
