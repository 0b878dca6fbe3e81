import { z } from 'zod';
import type { BookListing } from '#marketplaces/sandbox-kit/books.ts';
import { type Judgement, judgeAttributes, judgePatches, notSimulated, patches } from './stock-submission.ts';

/** JSON_LISTINGS_FEED, github.com/amzn/selling-partner-api-models schemas/feeds/listings-feed-schema-v2.json */

export const FEED_TYPE = 'JSON_LISTINGS_FEED';
const VERSION = '2.0';
/** most messages in a feed, same schema */
const MESSAGE_LIMIT = 25_000;
/** highest messageId, same schema */
const MAX_MESSAGE_ID = 2_147_483_647;

const name = z.string().min(1);
const base = { messageId: z.int().min(1).max(MAX_MESSAGE_ID), sku: name };
const attributes = z.record(z.string(), z.unknown());

const message = z.discriminatedUnion('operationType', [
  z.object({ ...base, operationType: z.literal('PATCH'), productType: name, patches }),
  z.object({ ...base, operationType: z.literal('PARTIAL_UPDATE'), productType: name, attributes }),
  z.object({ ...base, operationType: z.literal('UPDATE'), productType: name, attributes }),
  z.object({ ...base, operationType: z.literal('DELETE') }),
]);

type Message = z.output<typeof message>;
export type ListingsFeed = { header: { sellerId: string }; messages: Message[] };

/** The text of a feed of this seller's, read. */
export function listingsFeed(sellerId: string) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue('not JSON');
        return z.NEVER;
      }
    })
    .pipe(
      z.object({
        header: z.object({ sellerId: z.literal(sellerId), version: z.literal(VERSION) }),
        messages: z
          .array(message)
          .min(1)
          .max(MESSAGE_LIMIT)
          .refine((messages) => new Set(messages.map(({ messageId }) => messageId)).size === messages.length),
      }),
    );
}

/** What becomes of each message, as listings-feed-processing-report-schema-v2.json of the same place tells it. */
export function reportOf(
  { header, messages }: ListingsFeed,
  feedId: string,
  find: (sku: string) => BookListing | undefined,
) {
  const judged = messages.map((one) => ({ message: one, judgement: judge(one, find(one.sku)) }));
  const accepted = judged.flatMap(({ message: { sku }, judgement }) =>
    'quantity' in judgement ? [{ sku, quantity: judgement.quantity }] : [],
  );
  const issues = judged.flatMap(({ message: { messageId, sku }, judgement }) => {
    if ('quantity' in judgement) return [];
    const { code, severity, message: text, attributeNames } = judgement.issue;
    return [{ messageId, sku, code, severity, message: text, attributeName: attributeNames[0]! }];
  });
  const summary = {
    errors: issues.length,
    warnings: 0,
    messagesProcessed: messages.length,
    messagesAccepted: accepted.length,
    messagesInvalid: messages.length - accepted.length,
  };
  return { report: { header: { sellerId: header.sellerId, version: VERSION, feedId }, issues, summary }, accepted };
}

function judge(submission: Message, listing: BookListing | undefined): Judgement {
  switch (submission.operationType) {
    case 'PATCH':
      return judgePatches(submission, listing);
    case 'PARTIAL_UPDATE':
      return judgeAttributes(submission, listing);
    default:
      return notSimulated();
  }
}
