import { hash } from 'node:crypto';
import type { EventOf } from '#events/index.ts';
import type { Call, Limit, Marketplace } from '#marketplaces/marketplace.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { asFailure, Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { Send } from '#platform/runtime/send.ts';
import type { Bucket, Budgets, Priority } from '#platform/state/budgets/budgets.ts';

/** how long one call may take, ms */
const CALL_TIMEOUT_MS = 30_000;
/** how long a bucket rests after a 429 that names no time, ms */
const DEFAULT_BLOCK_MS = 1_000;
/** where the marketplaces write the id of a request: Amazon, eBay, Shopify; others have it in the body */
const REQUEST_ID_HEADERS = ['x-amzn-requestid', 'x-ebay-c-request-id', 'x-request-id'];

export type CallDeps = {
  clock: Clock;
  logger: Logger;
  send: Send;
  newEvent: NewEvent;
  publisher: Publisher;
  budgets: Pick<Budgets, 'book' | 'refused' | 'learn'>;
};

/** What led to a call: the message that is being handled. */
export type Origin = {
  /** `traceparent` */
  cause: string;
  /** which attempt of its message it belongs to; 1 where no message led to it */
  attempt?: number | undefined;
  /** the message's place in the line, if it was told to come back; epoch ms of the engine's clock */
  turnAt?: number | undefined;
  /** other calls have been made for the same end, and would be made again if this one were put off */
  isUnderWay?: boolean | undefined;
  /** live unless told otherwise */
  priority?: Priority | undefined;
  /** Lets other messages be worked on while this one only waits. */
  rest?: (<Result>(wait: Promise<Result>) => Promise<Result>) | undefined;
};

export type CallRequest = Origin & {
  marketplace: Pick<Marketplace, 'name' | 'limits' | 'readFailure'>;
  /** whose budgets it is counted against */
  connectionId: string;
  /** whose credentials are used: another connection's where several share one grant */
  grantId?: string;
  /** Builds the call for the moment at which it is sent: some are signed with the time. */
  build(now: number): Call;
  orderIds: readonly string[];
  /** generation of the credentials in use, so that a refused token is refreshed once */
  credentialsVersion?: number;
  /** The last thing before it is sent, when its place has come; throws where it must not be sent. */
  begin?(): Promise<void>;
  /** how long the answer may take, ms; CALL_TIMEOUT_MS where absent */
  timeoutMs?: number;
  /** Keeps what a good answer holds, before anything else is done: for what can be had only once (rotated tokens). */
  keep?(response: HttpResponse): Promise<void>;
};

/** `sentAt` (epoch ms): what the answer says was true at that moment or later. */
export type Answered = { response: HttpResponse; sentAt: number };

/**
 * Makes one call to a marketplace: books its place in every budget, waits for it if it is near, sends, records the call
 * for the audit log, and learns from the answer. Throws the `Failure` that the connector reads out of the answer, or
 * `throttled`, without a call, when the place is far.
 */
export async function callMarketplace(deps: CallDeps, request: CallRequest): Promise<Answered> {
  const { marketplace, connectionId } = request;
  const { operation } = request.build(deps.clock.now());
  const buckets = bucketsOf(request, operation);
  const { turnAt, priority, isUnderWay, rest = (wait) => wait } = request;
  const booking = await rest(deps.budgets.book({ buckets, group: connectionId, priority, turnAt, isUnderWay }));
  if (!booking.booked) {
    throw new Failure('throttled', `${operation} has no place yet`, {
      code: 'budget-empty',
      retryAfterMs: booking.retryAfterMs,
      turnAt: booking.turnAt,
    });
  }

  await request.begin?.();
  const sentAt = deps.clock.now();
  const call = request.build(sentAt);
  let response: HttpResponse | undefined;
  let failure: Failure | undefined;
  try {
    response = await deps.send(call.request, { timeoutMs: request.timeoutMs ?? CALL_TIMEOUT_MS });
    failure = marketplace.readFailure(response, operation);
    if (!failure) await request.keep?.(response);
  } catch (thrown) {
    failure = asFailure(thrown);
  }
  const recorded = record(deps, { request, call, buckets, booking, sentAt, response, failure });
  const { orderIds, status, outcome, durationMs } = recorded.data;
  deps.logger.info({ connectionId, operation, orderIds, status, outcome, durationMs }, 'call');
  await deps.publisher.publish(recorded);
  if (response) await learn(deps, request, operation, response, failure);
  if (failure) {
    throw new Failure(failure.kind, failure.message, {
      code: failure.code,
      retryAfterMs: failure.retryAfterMs,
      connectionId: request.grantId ?? connectionId,
      credentialsVersion: request.credentialsVersion,
      cause: failure.cause,
    });
  }
  return { response: response!, sentAt };
}

/** The buckets that a call is counted against, those counted for the whole app last. */
function bucketsOf(
  { marketplace, connectionId }: Pick<CallRequest, 'marketplace' | 'connectionId'>,
  operation: string,
) {
  const limits = [...marketplace.limits.forOperation(operation)];
  limits.sort((a, b) => Number(a.scope === 'app') - Number(b.scope === 'app'));
  return limits.map((limit) => bucketOf(marketplace.name, limit, connectionId));
}

function bucketOf(marketplace: string, limit: Limit, connectionId: string): Bucket {
  const { bucket, scope, ratePerSecond, burst, cost = 1 } = limit;
  const isShared = scope === 'app';
  const key = isShared ? `${marketplace}/${bucket}` : `${marketplace}/${bucket}/${connectionId}`;
  return { key, ratePerSecond, burst, cost, isShared };
}

/** What the answer says about the budgets: a refusal rests them and lowers their rate, what it tells of them is kept. */
async function learn(
  deps: CallDeps,
  { marketplace, connectionId }: CallRequest,
  operation: string,
  response: HttpResponse,
  failure: Failure | undefined,
): Promise<void> {
  const limits = marketplace.limits.forOperation(operation);
  if (failure?.kind === 'throttled') {
    // The refusal does not say which budget was empty. The narrowest is the likeliest, and resting it hurts the fewest.
    const narrowest = limits.find((limit) => limit.scope !== 'app') ?? limits[0];
    if (narrowest) {
      const bucket = bucketOf(marketplace.name, narrowest, connectionId);
      await deps.budgets.refused(bucket, failure.retryAfterMs ?? DEFAULT_BLOCK_MS);
    }
  }
  for (const lesson of marketplace.limits.learn?.(response, operation) ?? []) {
    const limit = limits.find(({ bucket }) => bucket === lesson.bucket);
    if (limit) await deps.budgets.learn(bucketOf(marketplace.name, limit, connectionId), lesson);
  }
}

function record(
  deps: CallDeps,
  made: {
    request: CallRequest;
    call: Call;
    buckets: readonly Bucket[];
    booking: { at: number };
    sentAt: number;
    response: HttpResponse | undefined;
    failure: Failure | undefined;
  },
): EventOf<'api-call.recorded'> {
  const { request, call, buckets, booking, sentAt, response, failure } = made;
  const requestBody = call.request.body ?? '';
  return deps.newEvent(
    'api-call.recorded',
    {
      marketplace: request.marketplace.name,
      connectionId: request.connectionId,
      operation: call.operation,
      method: call.request.method,
      // Without its query, which may hold tokens.
      path: new URL(call.request.url).pathname,
      status: response?.status ?? null,
      outcome: failure?.code ?? 'ok',
      requestId: REQUEST_ID_HEADERS.map((name) => response?.headers[name]).find((id) => id !== undefined) ?? null,
      startedAt: new Date(sentAt).toISOString(),
      // A clock that was set back meanwhile must not make a record that nobody can read.
      durationMs: Math.max(0, deps.clock.now() - sentAt),
      slotAt: new Date(booking.at).toISOString(),
      budgets: buckets.map((bucket) => bucket.key),
      attempt: request.attempt ?? 1,
      orderIds: [...request.orderIds],
      requestBytes: Buffer.byteLength(requestBody),
      responseBytes: response ? Buffer.byteLength(response.body) : 0,
      requestSha256: sha256(requestBody),
      responseSha256: response ? sha256(response.body) : null,
    },
    { cause: request.cause },
  );
}

const sha256 = (text: string): string => hash('sha256', text);
