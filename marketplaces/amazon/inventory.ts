import { z } from 'zod';
import type { Call, CallContext, Inventory, LineOutcome, Step, StockLine } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readAnswer } from './answer.ts';
import type { AmazonApp } from './app.ts';
import { refusalAs, refusalOf } from './failure.ts';
import { apiCall, firstMarketplaceId } from './request.ts';

const ATTRIBUTE = 'fulfillment_availability';
/** what the seller ships himself; other channels are Amazon's own warehouses */
const CHANNEL = 'DEFAULT';
/** takes every attribute that all product types have, such as the quantity */
const ANY_PRODUCT_TYPE = 'PRODUCT';

/** 1 min, chosen: Amazon does not say how long a submission takes, and five looks a second are free */
const CHECK_AFTER_MS = 60_000;

const issues = z
  .array(
    z.object({
      code: z.string(),
      severity: z.string().nullish(),
      attributeNames: z.array(z.string()).nullish(),
    }),
  )
  .nullish();

const submission = z.object({ status: z.enum(['ACCEPTED', 'INVALID']), submissionId: z.string().min(1), issues });

const listing = z.object({
  sku: z.string().min(1),
  fulfillmentAvailability: z
    .array(z.object({ fulfillmentChannelCode: z.string(), quantity: z.int().nullish() }))
    .nullish(),
  issues,
});

/**
 * Listings Items API, one SKU a call, 18,000 an hour. Not by JSON_LISTINGS_FEED: a feed comes into force at a time of its
 * own, perhaps after a newer quantity that was set by call, and only one is gained in two minutes.
 */
export const inventory: Inventory<AmazonApp> = {
  references: {
    productType: {
      required: false,
      description: "Amazon's product type of the listing; `PRODUCT`, which fits all, where it is not given",
    },
    marketplaceId: {
      required: false,
      description: "Amazon's id of the store that the listing is in; the connection's first where it is not given",
    },
  },
  batch: 1,
  batchKey: ({ sku, reference }) => JSON.stringify([sku, reference.marketplaceId ?? '']),

  update(context, lines, answers) {
    return oneByOne(lines, answers, (line) => patchCall(context, line), readSubmission);
  },

  check: {
    afterMs: CHECK_AFTER_MS,
    run(context, lines, answers) {
      return oneByOne(lines, answers, (line) => listingCall(context, line), readListing);
    },
  },
};

function oneByOne<Line>(
  lines: readonly Line[],
  answers: readonly HttpResponse[],
  callFor: (line: Line) => Call,
  read: (answer: HttpResponse, line: Line) => LineOutcome,
): Step<LineOutcome[]> {
  const next = lines[answers.length];
  return next ? { call: callFor(next) } : { done: answers.map((answer, index) => read(answer, lines[index]!)) };
}

function patchCall(context: CallContext<AmazonApp>, { sku, quantity, reference }: StockLine): Call {
  const value = [{ fulfillment_channel_code: CHANNEL, quantity }];
  return apiCall(context, 'patchListingsItem', {
    method: 'PATCH',
    path: pathOf(context, sku),
    query: { marketplaceIds: marketplaceIdOf(context, reference) },
    body: {
      productType: reference.productType || ANY_PRODUCT_TYPE,
      patches: [{ op: 'replace', path: `/attributes/${ATTRIBUTE}`, value }],
    },
  });
}

function listingCall(context: CallContext<AmazonApp>, { sku, reference }: StockLine): Call {
  return apiCall(context, 'getListingsItem', {
    path: pathOf(context, sku),
    query: { marketplaceIds: marketplaceIdOf(context, reference), includedData: 'fulfillmentAvailability,issues' },
  });
}

function pathOf({ connection }: CallContext<AmazonApp>, sku: string): string {
  return `/listings/2021-08-01/items/${encodeURIComponent(connection.sellerId)}/${encodeURIComponent(sku)}`;
}

function marketplaceIdOf({ connection }: CallContext<AmazonApp>, { marketplaceId }: StockLine['reference']): string {
  const found = marketplaceId || firstMarketplaceId(connection);
  if (found) return found;
  throw new Failure('permanent', 'neither the reference names a marketplaceId nor the connection its marketplaceIds', {
    code: 'marketplace-missing',
  });
}

/** ACCEPTED is a promise to try: what came of it, only the listing tells. */
function readSubmission(response: HttpResponse): LineOutcome {
  const refusal = refusalOf(response);
  if (refusal !== undefined) return failed(refusal);
  const { status, submissionId, issues: told } = readAnswer(response, submission);
  if (status === 'ACCEPTED') return { outcome: 'accepted', receipt: submissionId };
  return failed((told?.find(isError) ?? told?.[0])?.code ?? '');
}

/** A listing names no submission, so the quantity itself is the proof, and an error about it the refusal. */
function readListing(response: HttpResponse, { quantity, receipt }: StockLine & { receipt: string }): LineOutcome {
  const refusal = refusalOf(response);
  if (refusal !== undefined) return failed(refusal);
  const { fulfillmentAvailability, issues: told } = readAnswer(response, listing);
  const ours = fulfillmentAvailability?.find(({ fulfillmentChannelCode }) => fulfillmentChannelCode === CHANNEL);
  if (ours?.quantity === quantity) return { outcome: 'applied' };
  const error = told?.find((issue) => isError(issue) && issue.attributeNames?.includes(ATTRIBUTE));
  return error ? failed(error.code) : { outcome: 'accepted', receipt };
}

const isError = ({ severity }: { severity?: string | null | undefined }): boolean => severity === 'ERROR';

function failed(word: string): LineOutcome {
  return { outcome: 'failed', ...refusalAs(word, 'the quantity') };
}
