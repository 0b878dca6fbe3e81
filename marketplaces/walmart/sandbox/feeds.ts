import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { Books } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { invalid, refuse } from './answers.ts';
import type { Gateway, SellerEnv } from './gateway.ts';
import { findListing, quantity, SHIP_NODE } from './inventory.ts';

/** how long a feed is RECEIVED, and then INPROGRESS until it is PROCESSED, ms: this sandbox's choice */
const RECEIVED_MS = 10_000;
const PROCESSED_AFTER_MS = 60_000;
/** largest files, bytes [Walmart Marketplace developer portal, rate limiting] */
const MEGABYTE = 1_000_000;
/** items on a page of details and the most [Walmart Marketplace API, Feed item status] */
const MAX_LIMIT = 50;

/** A change of one SKU's stock; undefined: the item names a ship node that the seller does not have. */
type Change = { sku: string; amount: number | undefined };

const FEED_TYPES = {
  inventory: {
    limit: 'inventoryFeed',
    maxBytes: 10 * MEGABYTE,
    // The capital letters matter: version 1.4 has them, version 1.5 has not.
    file: z
      .object({
        InventoryHeader: z.object({ version: z.literal('1.4') }),
        Inventory: z.array(z.object({ sku: z.string(), quantity })).min(1),
      })
      .transform(({ Inventory }): Change[] => Inventory.map(({ sku, quantity }) => ({ sku, amount: quantity.amount }))),
  },
  MP_INVENTORY: {
    limit: 'multiNodeInventoryFeed',
    maxBytes: MEGABYTE,
    file: z
      .object({
        inventoryHeader: z.object({ version: z.literal('1.5') }),
        inventory: z
          .array(z.object({ sku: z.string(), shipNodes: z.array(z.object({ shipNode: z.string(), quantity })).min(1) }))
          .min(1),
      })
      .transform(({ inventory }): Change[] =>
        inventory.map(({ sku, shipNodes }) => ({
          sku,
          amount: shipNodes.every(({ shipNode }) => shipNode === SHIP_NODE) ? shipNodes[0]!.quantity.amount : undefined,
        })),
      ),
  },
} as const;

type Feed = {
  feedId: string;
  sellerId: string;
  feedType: string;
  submittedAt: number;
  changes: Change[];
  /** by index of `changes`: was it applied? undefined until the feed is processed */
  applied: boolean[] | undefined;
};

/** Stock in bulk: a feed is taken at once and its items succeed or fail later. It takes effect when it is looked at. */
export function feedsApi(
  deps: Pick<SandboxDeps, 'now' | 'randomHex'>,
  { gateway, books }: { gateway: Gateway; books: Books },
): Hono<SellerEnv> {
  const feeds = new Map<string, Feed>();

  /** Applies a feed whose time has come. */
  function process(feed: Feed): void {
    if (feed.applied || deps.now() < feed.submittedAt + PROCESSED_AFTER_MS) return;
    feed.applied = feed.changes.map(({ sku, amount }) => {
      if (amount === undefined || !findListing(books, feed.sellerId, sku)) return false;
      books.setStock(feed.sellerId, sku, amount);
      return true;
    });
  }

  function summary(feed: Feed) {
    process(feed);
    const isReceived = deps.now() < feed.submittedAt + RECEIVED_MS;
    const succeeded = feed.applied?.filter(Boolean).length ?? 0;
    return {
      feedId: feed.feedId,
      feedType: feed.feedType,
      feedStatus: feed.applied ? 'PROCESSED' : isReceived ? 'RECEIVED' : 'INPROGRESS',
      itemsReceived: feed.changes.length,
      itemsSucceeded: succeeded,
      itemsFailed: feed.applied ? feed.applied.length - succeeded : 0,
      itemsProcessing: feed.applied ? 0 : feed.changes.length,
    };
  }

  const app = new Hono<SellerEnv>();

  app.post('/', async (c) => {
    const feedType = c.req.query('feedType') ?? '';
    const type = Object.hasOwn(FEED_TYPES, feedType) ? FEED_TYPES[feedType as keyof typeof FEED_TYPES] : undefined;
    if (!type) return invalid(c, 'feedType', 'This sandbox takes the feed types inventory and MP_INVENTORY.');
    const overLimit = gateway.overLimit(c, type.limit);
    if (overLimit) return overLimit;
    const file = (await c.req.formData().catch(() => undefined))?.get('file') ?? undefined;
    if (file === undefined) return refuseFeed(c, 400, 'MISSING_FILE', "The multipart field 'file' is missing.");
    const text = typeof file === 'string' ? file : await file.text();
    if (Buffer.byteLength(text) > type.maxBytes)
      return refuseFeed(c, 413, 'PAYLOAD_TOO_LARGE', 'The file is too large.');
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return refuseFeed(c, 415, 'UNSUPPORTED_MEDIA_TYPE', 'This sandbox takes JSON files only.');
    }
    const changes = type.file.safeParse(json);
    if (!changes.success) {
      const field = changes.error.issues[0]?.path.join('.') ?? '';
      return refuseFeed(c, 400, 'INVALID_FILE', `${field} is missing or invalid.`);
    }
    const feedId = `${deps.randomHex(16).toUpperCase()}@AWQBAQA`;
    const sellerId = c.get('sellerId');
    feeds.set(feedId, {
      feedId,
      sellerId,
      feedType,
      submittedAt: deps.now(),
      changes: changes.data,
      applied: undefined,
    });
    return c.json({ feedId });
  });

  app.get('/', gateway.limit('feedStatus'), (c) => {
    const page = readPage(c);
    if (!page) return invalid(c, 'limit');
    const own = [...feeds.values()].filter((feed) => feed.sellerId === c.get('sellerId')).reverse();
    const feed = own.slice(page.offset, page.offset + page.limit).map((one) => ({
      ...summary(one),
      feedSource: 'MARKETPLACE_PARTNER',
      partnerId: one.sellerId,
      feedDate: one.submittedAt,
    }));
    return c.json({ totalResults: own.length, ...page, results: { feed } });
  });

  app.get('/:feedId', gateway.limit('feedStatus'), (c) => {
    const page = readPage(c);
    if (!page) return invalid(c, 'limit');
    const feed = feeds.get(c.req.param('feedId'));
    if (feed?.sellerId !== c.get('sellerId')) return refuse(c, 'NOT_FOUND', { description: 'There is no such feed.' });
    const answer = { ...summary(feed), feedSubmissionDate: feed.submittedAt, ...page };
    if (c.req.query('includeDetails') !== 'true') return c.json(answer);
    const items = feed.changes.map(({ sku }, index) => renderItem(sku, index, feed.applied?.[index]));
    const itemIngestionStatus = items.slice(page.offset, page.offset + page.limit);
    return c.json({ ...answer, itemDetails: { itemIngestionStatus } });
  });
  return app;
}

/** @param applied undefined: not processed yet */
function renderItem(sku: string, index: number, applied: boolean | undefined) {
  const error = { type: 'DATA_ERROR', code: 'INVALID_SKU', field: 'sku', description: 'No such item or ship node.' };
  return {
    martId: 0,
    sku,
    index,
    ingestionStatus: applied === undefined ? 'INPROGRESS' : applied ? 'SUCCESS' : 'DATA_ERROR',
    ingestionErrors: { ingestionError: applied === false ? [error] : [] },
  };
}

/** Errors of the feed endpoint, whose shape is its own. */
function refuseFeed(c: Context, status: ContentfulStatusCode, code: string, message: string): Response {
  return c.json({ errors: [{ code, message }] }, status);
}

function readPage(c: Context): { offset: number; limit: number } | undefined {
  const { offset = '0', limit = String(MAX_LIMIT) } = c.req.query();
  if (!/^\d{1,9}$/.test(offset) || !/^\d{1,2}$/.test(limit)) return undefined;
  return Number(limit) >= 1 && Number(limit) <= MAX_LIMIT
    ? { offset: Number(offset), limit: Number(limit) }
    : undefined;
}
