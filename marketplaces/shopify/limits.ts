import type { Lesson, Limit, Limits } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readCost, readEnvelope } from './answer.ts';

/** Calls of the token endpoint. */
export type TokenOperation = 'exchangeCode' | 'refreshToken';

export type Operation =
  | TokenOperation
  | 'listOrders'
  | 'listOrdersNext'
  | 'getOrder'
  | 'getLineItems'
  | 'getRefundLineItems'
  | 'setQuantities'
  | 'getFulfillmentOrders'
  | 'createFulfillment'
  | 'listSubscriptions'
  | 'createSubscription'
  | 'updateSubscription';

/** most orders on a page, ours: the largest that surely stays below the 1,000 points that one call may cost */
export const PAGE_SIZE = 50;
/** most lines of an order in one answer, and of a connection at all; shopify.dev, "Pagination" */
export const MAX_LINES = 250;
/** most parts that an order is fulfilled in, ours: one for each location, and few shops have more */
export const MAX_FULFILLMENT_ORDERS = 20;

/** points a second, and most at once, of a shop on the smallest plan; every answer tells the shop's own */
const POINTS_PER_SECOND = 100;
const MAX_POINTS = 2_000;

/** points of a mutation by itself; shopify.dev, "GraphQL Admin API rate limits" */
const MUTATION = 10;
/** of `MoneyBag` with one `MoneyV2` in it, if they count as other objects do: at most */
const MONEY = 2;

/**
 * Points of a connection, of what is in each of its nodes. Shopify says only that its size counts; measured, it does by
 * twice its logarithm: 12 for 200 nodes of 1 point (github.com/microsoft/BCApps, pull request 5926), 24 for 250 of 2
 * (community.shopify.dev, topic 23101). Rounded up.
 */
const connection = (first: number, node: number): number => 2 + Math.ceil(2 * Math.log(first)) * node;

const LINE_ITEMS = connection(MAX_LINES, 1 + MONEY);
const REFUND_LINE_ITEMS = connection(MAX_LINES, 2);

/** points of an order as `order-query.ts` asks for it */
const ORDER =
  1 +
  4 * MONEY +
  1 + // shippingAddress
  LINE_ITEMS +
  2 + // fulfillments with trackingInfo
  1 + // refunds
  REFUND_LINE_ITEMS;

/** of an order and a node, in which more of a list is asked for */
const AROUND_MORE = 2;

const FULFILLMENT_ORDERS =
  1 +
  connection(MAX_FULFILLMENT_ORDERS, 1 + connection(MAX_LINES, 2)) +
  2 + // fulfillments with trackingInfo
  connection(MAX_LINES, 2);

/**
 * Points that a call is booked with: those of the largest answer that it asks for. Shopify takes as many out of the
 * bucket, and puts back at once what the answer did not need.
 */
const COSTS: Record<Exclude<Operation, TokenOperation>, number> = {
  listOrders: connection(PAGE_SIZE, ORDER),
  listOrdersNext: connection(PAGE_SIZE, ORDER),
  getOrder: ORDER,
  getLineItems: AROUND_MORE + LINE_ITEMS,
  getRefundLineItems: AROUND_MORE + REFUND_LINE_ITEMS,
  setQuantities: MUTATION + 2,
  getFulfillmentOrders: FULFILLMENT_ORDERS,
  createFulfillment: MUTATION + 2,
  listSubscriptions: connection(MAX_LINES, 1),
  createSubscription: MUTATION + 2,
  updateSubscription: MUTATION + 2,
};

const GRAPHQL: Limit = {
  bucket: 'graphql',
  scope: 'app-and-connection',
  ratePerSecond: POINTS_PER_SECOND,
  burst: MAX_POINTS,
  source: 'shopify.dev, "GraphQL Admin API rate limits": 100 points a second on the smallest plan',
};

/** Shopify publishes no limit of token calls; both are rare. */
const TOKENS: Limit = {
  bucket: 'tokens',
  scope: 'app',
  ratePerSecond: 6,
  burst: 4,
  source: 'chosen: Shopify publishes none; 10 a second',
};

/** wait after a refusal that tells nothing of the bucket, ms; ours */
const DEFAULT_PAUSE_MS = 1_000;
/** shortest and longest wait that is taken from an answer, ms; ours */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 300_000;

/** Is this a call of the token endpoint, which answers in OAuth's words? */
export function isTokenOperation(operation: string): operation is TokenOperation {
  return operation === 'exchangeCode' || operation === 'refreshToken';
}

/** How long an answer asks to wait, ms; undefined if it refuses no call as one too many. */
export function pauseMs(response: HttpResponse): number | undefined {
  const isRefused =
    response.status === 429 ||
    readEnvelope(response)?.errors?.some(({ extensions }) => extensions?.code === 'THROTTLED');
  if (!isRefused) return undefined;
  const asked = untilAffordable(response) ?? askedByHeader(response) ?? DEFAULT_PAUSE_MS;
  return Math.min(Math.max(asked, MIN_PAUSE_MS), MAX_PAUSE_MS);
}

function untilAffordable(response: HttpResponse): number | undefined {
  const cost = readCost(response);
  if (!cost) return undefined;
  const { currentlyAvailable, restoreRate } = cost.throttleStatus;
  return Math.ceil(((cost.requestedQueryCost - currentlyAvailable) / restoreRate) * 1000);
}

/** `Retry-After: 2.0`, as Shopify writes it. */
function askedByHeader({ headers }: HttpResponse): number | undefined {
  const seconds = headers['retry-after'] ?? '';
  return /^\d{1,6}(\.\d{1,6})?$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

export const limits: Limits = {
  forOperation: (operation) => [limitOf(operation)],

  learn(response, operation) {
    const { bucket } = limitOf(operation);
    const lessons: Lesson[] = [];
    const status = readCost(response)?.throttleStatus;
    if (status) {
      const { maximumAvailable: burst, restoreRate: ratePerSecond, currentlyAvailable: available } = status;
      lessons.push({ bucket, ratePerSecond, burst, available });
    }
    const blockedForMs = pauseMs(response);
    if (blockedForMs !== undefined) lessons.push({ bucket, blockedForMs });
    return lessons;
  },
};

function limitOf(operation: string): Limit {
  if (isTokenOperation(operation)) return TOKENS;
  if (Object.hasOwn(COSTS, operation)) return { ...GRAPHQL, cost: COSTS[operation as keyof typeof COSTS] };
  throw new Failure('permanent', `Shopify has no operation ${operation}`, { code: 'unknown-operation' });
}
