import type { z } from 'zod';
import type { Buyer, Order } from '#events/order.ts';
import type { Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';

/**
 * What one marketplace folder exports. It builds requests and reads responses; it never sends, waits, stores, or reads
 * a clock, a random source or the environment: the time comes in as `now` (epoch ms). So JSON vectors test it whole.
 *
 * `App` is the developer's registration at the marketplace (ids, secrets, base URLs), parsed by `appSchema` from one
 * secret. Every secret in it must be non-empty by schema, so that a missing one is an error and never a skipped check.
 */
export type Marketplace<App = unknown> = Source<App> & {
  auth: Auth<App>;
  orders: Orders<App>;
  inventory?: Inventory<App>;
  shipments?: Shipments<App>;
  limits: Limits;
  /**
   * The failure that an answer of an API call means, or undefined if it is a success. Only the marketplace knows that
   * its HTTP 200 is an error. `permanent` only for what can never succeed; a truncated or HTML body is `retryable`.
   * A token-endpoint answer (`operation` 'refreshToken', 'exchangeCode', 'appToken') that says the grant is dead is
   * `permanent` with code 'grant-dead'; refused app credentials are `permanent` with code 'app-credentials-refused'.
   * An answer that its own reader understands as an outcome (a line refused, a shipment that is there already) is none.
   */
  readFailure(response: HttpResponse, operation: string): Failure | undefined;
};

/** Whatever sends webhooks: a marketplace, or any sender that follows the Standard Webhooks specification. */
export type Source<App = unknown> = {
  name: string;
  appSchema: z.ZodType<App>;
  webhook: Webhook<App>;
};

/** A seller's authorization, as far as a connector needs it. */
export type ConnectionRef = {
  connectionId: string;
  /** the marketplace's own id of the seller's account: Amazon selling partner id, eBay user id, Shopee shop id */
  sellerId: string;
  /** marketplace-specific, non-secret settings, `{ marketplaceIds: 'A1F83G8C2ARO7P' }` */
  settings: Record<string, string>;
};

/** What every API request is built from. */
export type CallContext<App> = { app: App; connection: ConnectionRef; accessToken: string; now: number };

/** A request and the operation that its budgets, its failure reading and its audit entry are found by. */
export type Call = { operation: string; request: HttpRequest };

export type Tokens = {
  accessToken: string;
  /** epoch ms */
  accessTokenExpiresAt: number;
  /** undefined: the answer carried none, keep the one in use */
  refreshToken: string | undefined;
  /** epoch ms; undefined: the answer did not say */
  refreshTokenExpiresAt: number | undefined;
};

export type Auth<App> = {
  /** `sellerId` where consent pages belong to a shop (Shopify); a permanent `Failure` if it is needed and absent. */
  consentUrl(app: App, options: { state: string; redirectUri: string; now: number; sellerId?: string }): string;
  /** `callback` holds the query parameters that the marketplace sent to the redirect URI. */
  exchangeCall(app: App, options: { callback: Record<string, string>; redirectUri: string; now: number }): Call;
  refreshCall(app: App, options: { connection: ConnectionRef; refreshToken: string; now: number }): Call;
  /** Client-credentials token of the app itself, where some call needs one (eBay's public keys). */
  appTokenCall?(app: App, options: { now: number }): Call;
  /** Reads a success answer of any of the calls above; throws a `Failure` when it is not whole. */
  readTokens(response: HttpResponse, now: number): Tokens;
  /**
   * Whose consent a callback carries, with what the connection must know of them: `answers[0]` is the answer of
   * `exchangeCall`, `context.accessToken` the token in it. Several sellers where one consent covers several accounts.
   */
  identify?(
    context: { app: App; callback: Record<string, string>; accessToken: string; now: number },
    answers: readonly HttpResponse[],
  ): Step<IdentifiedSeller[]>;
  /**
   * Where one consent covers several sellers: each has tokens of its own from its first refresh on. Absent: they share one
   * grant, and what a refresh brings is for all of them.
   */
  grantPerSeller?: true;
  /** how long a consent lasts before the seller must give it anew, ms; absent: it has no known end */
  consentLifetimeMs?: number;
  /** Each refresh gives the refresh token its whole life anew, so the end of that is not the end of the consent. */
  refreshProlongs?: true;
  /** Secrets of the app itself that end, as far as the registration names when; for the operator's calendar. */
  secretEnds?(app: App): { secret: string; endsAt: number }[];
  /**
   * `strict`: a refresh spends the old refresh token, so a lost answer may lose the grant. `retry-allowed`: the old one
   * works until its successor is used, so a lost answer loses nothing.
   */
  rotation: 'none' | 'strict' | 'retry-allowed';
};

/**
 * A procedure of one or more calls is a pure function of the answers so far: it gives the next call, or what came of it
 * all. After a crash it begins anew, so each of its calls must bear being made twice.
 */
export type Step<Result> = { call: Call } | { done: Result };

export type IdentifiedSeller = {
  sellerId: string;
  settings: Record<string, string>;
  /** when the consent ends, epoch ms, where the marketplace tells it */
  consentEndsAt?: number;
};

/** One arrival of a webhook, untrusted. Header names are lower case; `url` is the public URL it was sent to. */
export type Delivery = {
  method: string;
  url: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: Uint8Array;
  receivedAt: number;
};

export type Answer = { status: number; headers: Record<string, string>; body: string };

export type Verdict = { verified: true } | { verified: false; reason: string };

/** What a verified delivery says: a hint which orders to read, never data to store. It holds no personal data. */
export type WebhookReading = {
  topic: string;
  /** the account it concerns; null for a notice to the app as a whole */
  sellerId: string | null;
  /** our own id of the connection it concerns, where the sender is one that knows it */
  connectionId?: string | undefined;
  /** the same for every resend of one notification, different for any two notifications */
  deduplicationKey: string;
  orderIds: string[];
  /** epoch ms by the marketplace's clock; undefined if it does not say */
  occurredAt: number | undefined;
  /** the marketplace asks that these buyers' data be erased; it goes no further than the intake in the clear */
  erasure?: Erasure;
  /** a buyer wants to know what the seller holds of them; the seller answers. `requestId`: the marketplace's id of the wish */
  dataRequest?: { requestId: string | null; orderIds: string[] };
};

/** Whose personal data is to be erased: accounts as `ReadOrder.buyerAccounts` names them, orders, or all of a seller's. */
export type Erasure = { buyerAccounts?: string[]; orderIds?: string[]; ofSeller?: boolean };

export type Webhook<App> = {
  /** Answers the marketplace's check of the URL; undefined: it is no handshake. Nothing is queued for one. */
  handshake?(app: App, delivery: Delivery): Answer | undefined;
  /** For keys that must be fetched: the untrusted key id of a delivery (undefined: malformed), its request, its reader. */
  publicKey?: {
    keyId(delivery: Delivery): string | undefined;
    keyCall(app: App, options: { keyId: string; accessToken: string; now: number }): Call;
    /** The key as `verify` takes it. */
    readKey(response: HttpResponse): string;
  };
  /** Nothing is signed, so anybody may have sent it: that it names an order which is unknown is no trouble of ours. */
  unsigned?: true;
  /** Over the raw bytes, in constant time. `publicKey` is given exactly if the marketplace has `publicKey` above. */
  verify(app: App, delivery: Delivery, publicKey?: string): Verdict;
  /** Reads a verified delivery; throws a permanent `Failure` for one that can't be read. Header names are lower case. */
  read(body: Uint8Array, headers?: Delivery['headers']): WebhookReading;
  /**
   * Makes sure that the marketplace sends what Sluice needs to `callbackUrl`: looks, and repairs what is missing, ended or
   * switched off. Marketplaces drop endpoints that fail, so it is run again and again. Absent: set up by hand only.
   */
  subscribe?(
    context: CallContext<App>,
    options: { callbackUrl: string },
    answers: readonly HttpResponse[],
  ): Step<{ repaired: number }>;
  /** `app`: what `subscribe` looks after is one for all sellers; it is run as now one of them, now another. */
  subscriptionScope?: 'app';
  /** The marketplace's own list of what it could not deliver, as readings; one page a procedure. */
  missed?: {
    /** how often to ask, ms */
    everyMs: number;
    /** `app`: one list holds what all sellers missed; it is asked for as any one of them */
    scope: 'connection' | 'app';
    list(context: CallContext<App>, answers: readonly HttpResponse[]): Step<WebhookReading[]>;
  };
};

/** An order as read from the marketplace, its buyer's personal data set apart. */
export type ReadOrder = {
  order: Order;
  buyer: Buyer | null;
  /** the marketplace's own JSON of the order, personal data left out, so that a field mapped wrongly can be mapped again */
  raw?: unknown;
  /** the buyer's accounts at the marketplace, personal data, by which an erasure finds the order; kept as keyed hashes only */
  buyerAccounts?: string[];
  /** epoch ms, where the marketplace tells when it was delivered: the buyer's data end some time after that */
  deliveredAt?: number;
};

export type OrderPage = {
  orders: ReadOrder[];
  /** orders that the list only names; the caller reads them with `detailCall` */
  orderIds: string[];
  /** absent on the last page */
  nextPageToken: string | undefined;
};

export type Orders<App> = {
  /** how often to poll a connection, ms */
  pollEveryMs: number;
  /** how far a window reaches back over the last one, ms */
  overlapMs: number;
  /** how far a window's end stays behind now, ms */
  settleMs: number;
  /** longest window the marketplace takes, ms */
  maxWindowMs: number;
  /** most order ids in one detail call */
  detailBatch: number;
  /** most orders in a page that tells them whole; absent where a page only names them */
  pageSize?: number;
  /** One page of the orders updated in [from, to] (epoch ms). A page token is used with the window it came from. */
  pageCall(
    context: CallContext<App>,
    window: { from: number; to: number; pageToken: string | undefined; pageSize?: number },
  ): Call;
  readPage(
    response: HttpResponse,
    connection: ConnectionRef,
    window: { from: number; to: number; pageToken: string | undefined },
  ): OrderPage;
  /** Is this failure the marketplace's word for a page token that ended or was lost? Then the window starts anew. */
  isPageTokenExpired(failure: Failure): boolean;
  detailCall(context: CallContext<App>, orderIds: readonly string[]): Call;
  /** Only the orders that the answer holds; the caller compares with what it asked for. */
  readDetails(response: HttpResponse, connection: ConnectionRef): ReadOrder[];
  /**
   * Where an order is told in the parts of several answers, the procedures that read it whole; they are used instead of the
   * single calls above. `page` gives a window's page with its orders, `details` up to `detailBatch` orders by id.
   */
  whole?: {
    page?(
      context: CallContext<App>,
      window: { from: number; to: number; pageToken: string | undefined; pageSize?: number },
      answers: readonly HttpResponse[],
    ): Step<OrderPage>;
    details(
      context: CallContext<App>,
      orderIds: readonly string[],
      answers: readonly HttpResponse[],
    ): Step<ReadOrder[]>;
  };
};

/** What the seller's system wants a SKU's sellable stock to be: absolute, so that a repeat changes nothing. */
export type StockLine = {
  sku: string;
  quantity: number;
  /** the marketplace's own ids of the listing, as `Inventory.references` names them */
  reference: Record<string, string>;
};

/** What became of one line of a success answer: marketplaces refuse single lines inside one. `code` and `message` without personal data. */
export type LineOutcome =
  | { outcome: 'applied' }
  /** taken, not yet in force: `check` tells when */
  | { outcome: 'accepted'; receipt: string }
  | { outcome: 'failed'; code: string; message: string };

export type Inventory<App> = {
  /** names of the ids that a line's `reference` must hold, each with what it is, for the documentation and the errors */
  references: Record<string, { required: boolean; description: string }>;
  /** most lines in one call */
  batch: number;
  /** Lines with the same key may share a call (Shopee: variations of one item). */
  batchKey(line: StockLine): string;
  /** Sets the stock of up to `batch` lines of one `batchKey`; one outcome a line, in order. */
  update(context: CallContext<App>, lines: readonly StockLine[], answers: readonly HttpResponse[]): Step<LineOutcome[]>;
  /** For lines that were `accepted`: are they in force? `accepted` again means: not yet. */
  check?: {
    /** how long after acceptance to look first, and again, ms */
    afterMs: number;
    run(
      context: CallContext<App>,
      lines: readonly (StockLine & { receipt: string })[],
      answers: readonly HttpResponse[],
    ): Step<LineOutcome[]>;
  };
};

/** That an order, or a part of it, left the seller's house. `trackingUrl` where the marketplace wants one. */
export type Shipment = {
  orderId: string;
  /** what is in the package; the whole order where empty */
  lines: { lineId: string; quantity: number }[];
  /** the marketplace's own code of the carrier where it has one, and a name that people read */
  carrier: { code: string | null; name: string };
  trackingNumber: string;
  trackingUrl?: string;
  /** epoch ms */
  shippedAt: number;
};

export type Shipments<App> = {
  /**
   * Confirms a shipment with its tracking number. `packageId`: the marketplace's id of it, null where it gives none. A
   * shipment that the marketplace has already, with the same tracking number, is confirmed and not failed.
   */
  confirm(
    context: CallContext<App>,
    shipment: Shipment,
    answers: readonly HttpResponse[],
  ): Step<{ outcome: 'confirmed'; packageId: string | null } | { outcome: 'failed'; code: string; message: string }>;
};

export type BucketScope = 'app' | 'connection' | 'app-and-connection';

/** One allowance: `rate` calls a second, refilled up to `burst`, counted per `scope`. */
export type Limit = {
  /** unique inside the marketplace: operation name, or what the bucket stands for */
  bucket: string;
  scope: BucketScope;
  ratePerSecond: number;
  burst: number;
  /** what one call takes out of the bucket; 1 where calls are counted, more where points are (Shopify) */
  cost?: number;
  /** where the number comes from */
  source: string;
};

/** What one answer teaches about one bucket. `available`: how much it holds right now, by the marketplace's own word. */
export type Lesson = {
  bucket: string;
  ratePerSecond?: number;
  burst?: number;
  available?: number;
  blockedForMs?: number;
};

export type Limits = {
  /** Every limit a call of this operation is counted against; at least one. */
  forOperation(operation: string): readonly Limit[];
  /** What an answer teaches about the buckets: a rate, or a time before which no call may go. */
  learn?(response: HttpResponse, operation: string): Lesson[];
};
