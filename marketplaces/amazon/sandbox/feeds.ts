import type { Hono } from 'hono';
import { z } from 'zod';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { InvalidInput, notFound } from './answers.ts';
import type { FeedDocuments } from './feed-documents.ts';
import type { Gateway, OperationHandler } from './gateway.ts';
import type { ListingChanges } from './listing-changes.ts';
import { FEED_TYPE, listingsFeed, reportOf } from './listings-feed.ts';
import { iso, MARKETPLACE_ID } from './render-order.ts';
import { readBody } from './request-body.ts';

/** usage plans in SP-API model feeds_2021-06-30 */
const USAGE_PLANS = {
  createFeedDocument: { ratePerSecond: 0.5, burst: 15 },
  createFeed: { ratePerSecond: 0.0083, burst: 15 },
  getFeed: { ratePerSecond: 2, burst: 15 },
  getFeedDocument: { ratePerSecond: 0.0222, burst: 10 },
};
/** how long after its creation a feed begins and ends to be processed, ms: this sandbox's choice */
const STARTS_AFTER_MS = 10_000;
const ENDS_AFTER_MS = 60_000;
/** most marketplaces of a feed, same model */
const MARKETPLACE_LIMIT = 25;

const createDocumentBody = z.object({ contentType: z.string().min(1) });
const createFeedBody = z.object({
  feedType: z.literal(FEED_TYPE),
  marketplaceIds: z.array(z.literal(MARKETPLACE_ID)).min(1).max(MARKETPLACE_LIMIT),
  inputFeedDocumentId: z.string().min(1),
});

type Feed = {
  sellerId: string;
  marketplaceIds: string[];
  createdAt: number;
  /** absent: the feed can't be read at all */
  resultFeedDocumentId: string | undefined;
};

/** The Feeds API, version 2021-06-30, for one type of feed: stock in bulk. */
export function addFeeds(
  app: Hono,
  deps: Pick<SandboxDeps, 'now'>,
  {
    gateway,
    changes,
    documents,
  }: {
    gateway: Gateway;
    changes: ListingChanges;
    documents: FeedDocuments;
  },
): void {
  const feeds = new Map<string, Feed>();
  const forSeller = (name: keyof typeof USAGE_PLANS, handler: OperationHandler) =>
    gateway.operation({ name, ...USAGE_PLANS[name], token: 'seller' }, handler);

  /** Nothing can change a feed any more once it is created, so what comes of it is settled then. */
  function process(sellerId: string, feedId: string, content: string): string | undefined {
    const feed = listingsFeed(sellerId).safeParse(content);
    if (!feed.success) return undefined;
    const { report, accepted } = reportOf(feed.data, feedId, (sku) => changes.find(sellerId, sku)?.listing);
    const at = deps.now() + ENDS_AFTER_MS;
    for (const { sku, quantity } of accepted) changes.accept(sellerId, sku, { quantity, at });
    return documents.create(sellerId, 'application/json; charset=UTF-8', JSON.stringify(report)).feedDocumentId;
  }

  app.post(
    '/feeds/2021-06-30/documents',
    forSeller('createFeedDocument', async (c, sellerId) => {
      const { contentType } = await readBody(c, createDocumentBody);
      const { feedDocumentId } = documents.create(sellerId, contentType);
      return c.json({ feedDocumentId, url: documents.uploadUrl(feedDocumentId) }, 201);
    }),
  );
  app.get(
    '/feeds/2021-06-30/documents/:feedDocumentId',
    forSeller('getFeedDocument', (c, sellerId) => {
      const feedDocumentId = c.req.param('feedDocumentId') ?? '';
      if (!documents.find(sellerId, feedDocumentId)) return notFound(c, 'The feed document was not found.');
      return c.json({ feedDocumentId, url: documents.downloadUrl(feedDocumentId) });
    }),
  );
  app.post(
    '/feeds/2021-06-30/feeds',
    forSeller('createFeed', async (c, sellerId) => {
      const { marketplaceIds, inputFeedDocumentId } = await readBody(c, createFeedBody);
      const content = documents.find(sellerId, inputFeedDocumentId)?.content;
      if (content === undefined) throw new InvalidInput('The inputFeedDocumentId names no uploaded document.');
      const feedId = String(50_000_000_000 + feeds.size);
      const resultFeedDocumentId = process(sellerId, feedId, content);
      feeds.set(feedId, { sellerId, marketplaceIds, createdAt: deps.now(), resultFeedDocumentId });
      return c.json({ feedId }, 202);
    }),
  );
  app.get(
    '/feeds/2021-06-30/feeds/:feedId',
    forSeller('getFeed', (c, sellerId) => {
      const feedId = c.req.param('feedId') ?? '';
      const feed = feeds.get(feedId);
      if (feed?.sellerId !== sellerId) return notFound(c, 'The feed was not found.');
      return c.json({ feedId, feedType: FEED_TYPE, ...render(feed, deps.now()) });
    }),
  );
}

function render({ marketplaceIds, createdAt, resultFeedDocumentId }: Feed, now: number) {
  const startsAt = createdAt + STARTS_AFTER_MS;
  const endsAt = createdAt + ENDS_AFTER_MS;
  const ended = resultFeedDocumentId === undefined ? 'FATAL' : 'DONE';
  return {
    marketplaceIds,
    createdTime: iso(createdAt),
    processingStatus: now < startsAt ? 'IN_QUEUE' : now < endsAt ? 'IN_PROGRESS' : ended,
    ...(now >= startsAt && { processingStartTime: iso(startsAt) }),
    ...(now >= endsAt && {
      processingEndTime: iso(endsAt),
      ...(resultFeedDocumentId !== undefined && { resultFeedDocumentId }),
    }),
  };
}
