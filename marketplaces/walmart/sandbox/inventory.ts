import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { BookListing, Books } from '#marketplaces/sandbox-kit/books.ts';
import { invalid, readJson, refuse } from './answers.ts';
import type { Gateway, SellerEnv } from './gateway.ts';

/** The one ship node that every seller here has. */
export const SHIP_NODE = '721407500001';

/** lists of all nodes: most listings on a page and the default [Walmart Marketplace API, Multiple item inventory] */
const MAX_LIMIT = 50;
const DEFAULT_LIMIT = '10';

export const quantity = z.object({ unit: z.literal('EACH'), amount: z.int().min(0) });

const singleBody = z.object({ sku: z.string(), quantity, inventoryAvailableDate: z.iso.date().optional() });

const nodesBody = z.object({
  inventories: z.object({
    nodes: z
      .array(z.object({ shipNode: z.string(), inputQty: quantity, inventoryAvailableDate: z.iso.date().optional() }))
      .min(1),
  }),
});

const listQuery = z.object({
  limit: z
    .string()
    .regex(/^\d{1,2}$/)
    .default(DEFAULT_LIMIT)
    .transform(Number)
    .pipe(z.int().min(1).max(MAX_LIMIT)),
  nextCursor: z.string().default(''),
});

type Parts = { gateway: Gateway; books: Books };

/** The seller's listing of a SKU, if it is offered. */
export function findListing(books: Books, sellerId: string, sku: string): BookListing | undefined {
  return books.listings.get(`${sellerId}/${sku}`);
}

const each = (amount: number) => ({ unit: 'EACH', amount });

const unknownSku = (c: Context, sku: string): Response =>
  refuse(c, 'NOT_FOUND', { field: 'sku', description: `The seller has no item ${sku}.` });

const unknownNode = { field: 'shipNode', description: 'The seller has no such ship node.' };

/** /v3/inventory: the stock of one SKU, at the seller's own ship node unless `shipNode` names one. */
export function inventoryApi({ gateway, books }: Parts): Hono<SellerEnv> {
  /** The listing that the query names, or the answer that it can't be. */
  function named(c: Context<SellerEnv>): BookListing | Response {
    const { sku, shipNode = SHIP_NODE } = c.req.query();
    if (!sku) return invalid(c, 'sku');
    if (shipNode !== SHIP_NODE) return invalid(c, unknownNode.field, unknownNode.description);
    return findListing(books, c.get('sellerId'), sku) ?? unknownSku(c, sku);
  }

  const app = new Hono<SellerEnv>();
  app.use(gateway.limit('inventory'));
  app.get('/', (c) => {
    const listing = named(c);
    if (listing instanceof Response) return listing;
    return c.json({ sku: listing.sku, quantity: each(listing.quantity) });
  });
  app.put('/', async (c) => {
    const listing = named(c);
    if (listing instanceof Response) return listing;
    const body = singleBody.safeParse(await readJson(c));
    if (!body.success) return invalid(c, body.error.issues[0]?.path.join('.') || 'body');
    if (body.data.sku !== listing.sku) return invalid(c, 'sku', 'The SKU of the body is not that of the query.');
    books.setStock(c.get('sellerId'), listing.sku, body.data.quantity.amount);
    return c.json(body.data);
  });
  return app;
}

/** /v3/inventories: the stock of SKUs by ship node. */
export function inventoriesApi({ gateway, books }: Parts): Hono<SellerEnv> {
  const render = ({ sku, quantity }: BookListing) => ({
    sku,
    nodes: [{ shipNode: SHIP_NODE, inputQty: each(quantity), availToSellQty: each(quantity), reservedQty: each(0) }],
  });

  const app = new Hono<SellerEnv>();
  app.use(gateway.limit('inventories'));

  app.get('/', (c) => {
    const query = listQuery.safeParse(c.req.query());
    if (!query.success) return invalid(c, String(query.error.issues[0]?.path[0]));
    const { limit, nextCursor } = query.data;
    const sellerId = c.get('sellerId');
    const offset = nextCursor === '' ? 0 : readCursor(nextCursor, sellerId);
    if (offset === undefined) return invalid(c, 'nextCursor');
    const listings = [...books.listings]
      .filter(([key]) => key.startsWith(`${sellerId}/`))
      .map(([, listing]) => listing);
    const end = offset + limit;
    return c.json({
      meta: { totalCount: listings.length, nextCursor: end < listings.length ? writeCursor(end, sellerId) : '' },
      elements: { inventories: listings.slice(offset, end).map(render) },
    });
  });

  app.get('/:sku', (c) => {
    const sku = c.req.param('sku');
    const listing = findListing(books, c.get('sellerId'), sku);
    return listing ? c.json(render(listing)) : unknownSku(c, sku);
  });

  app.put('/:sku', async (c) => {
    const sku = c.req.param('sku');
    const listing = findListing(books, c.get('sellerId'), sku);
    if (!listing) return unknownSku(c, sku);
    const body = nodesBody.safeParse(await readJson(c));
    if (!body.success) return invalid(c, body.error.issues[0]?.path.join('.') || 'body');
    // Each node on its own: some may fail inside a 200. The word for a failure is not documented.
    const nodes = body.data.inventories.nodes.map(({ shipNode, inputQty }) => {
      if (shipNode !== SHIP_NODE) {
        const error = { code: 'INVALID_SHIP_NODE', ...unknownNode, severity: 'ERROR', category: 'DATA' };
        return { shipNode, status: 'Failed', errors: [error] };
      }
      books.setStock(c.get('sellerId'), sku, inputQty.amount);
      return { shipNode, status: 'Success' };
    });
    return c.json({ sku, nodes });
  });
  return app;
}

/** Opaque, as Walmart's, and good for one seller only. */
function writeCursor(offset: number, sellerId: string): string {
  return Buffer.from(`${sellerId} ${offset}`).toString('base64');
}

function readCursor(cursor: string, sellerId: string): number | undefined {
  const [owner, offset = ''] = Buffer.from(cursor, 'base64').toString().split(' ');
  return owner === sellerId && /^\d{1,9}$/.test(offset) ? Number(offset) : undefined;
}
