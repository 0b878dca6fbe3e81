import type {
  Call,
  CallContext,
  ConnectionRef,
  Delivery,
  Marketplace,
  OrderPage,
  ReadOrder,
  Step,
} from '#marketplaces/marketplace.ts';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { createSandboxes } from '#services/sandbox/sandboxes.ts';
import { DRAFTS } from './drafts.ts';

export const START_AT = Date.parse('2026-11-24T06:00:00.000Z');
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** What a sandbox sent: a webhook, or a message into the developer's queue. */
export type Arrival = { via: 'http'; request: HttpRequest } | { via: 'queue'; body: string };

/** A call with the reader of its answer. `build` makes it anew, as of now. */
export type Operation = { name: string; build(): Call; read(response: HttpResponse): unknown };

export type World = Awaited<ReturnType<typeof openWorld>>;

/**
 * One marketplace's connector and its sandbox, mounted as the sandbox service mounts it, in simulated time. The first
 * seller is connected. Calls go as in the pipeline: the connector builds, the sandbox answers, the connector reads.
 */
export async function openWorld(marketplace: Marketplace) {
  const clock = virtualClock(START_AT);
  const random = seededRandom('marketplace conformance');
  const faults = createFaults(random.fraction);
  const arrivals: Arrival[] = [];
  const { app: sandboxes, byName } = createSandboxes(
    {
      now: clock.now,
      sleep: (ms) => clock.sleep(ms),
      random: random.fraction,
      randomHex: random.hex,
      async send(request) {
        arrivals.push({ via: 'http', request });
        return { status: 200 };
      },
      async enqueue(_queue, body) {
        arrivals.push({ via: 'queue', body });
      },
      faults,
    },
    { publicUrl: 'http://sandbox.test', webhooksUrl: 'http://sluice.test/webhooks', sellers: 2 },
  );
  const sandbox = byName.get(marketplace.name);
  if (!sandbox) throw new Error(`${marketplace.name} has no sandbox`);
  const [seller, otherSeller] = sandbox.sellers;
  if (!seller || !otherSeller) throw new Error('the sandbox has too few sellers');
  const app = marketplace.appSchema.parse(sandbox.registration);
  const { sellerId, settings } = seller;
  const connection: ConnectionRef = { connectionId: `${marketplace.name}-1`, sellerId, settings };
  const now = clock.now;

  async function send({ request }: Call): Promise<HttpResponse> {
    const init = { method: request.method, headers: request.headers, body: request.body ?? null };
    const response = await sandboxes.request(request.url, init);
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  }

  /** What an answer says; throws the failure that it means. */
  function read<T>(response: HttpResponse, operation: string, reader: (response: HttpResponse) => T): T {
    const failure = marketplace.readFailure(response, operation);
    if (failure) throw failure;
    return reader(response);
  }

  async function call<T>(made: Call, reader: (response: HttpResponse) => T): Promise<T> {
    return read(await send(made), made.operation, reader);
  }

  async function advance(ms: number): Promise<void> {
    let isOver = false;
    void clock.sleep(ms).then(() => {
      isOver = true;
    });
    await clock.run({ until: () => isOver });
  }

  const refreshCall = (refreshToken: string, withApp = app): Call =>
    marketplace.auth.refreshCall(withApp, { connection, refreshToken, now: now() });
  const readTokens = (response: HttpResponse) => marketplace.auth.readTokens(response, now());
  const refresh = (refreshToken: string, withApp = app) => call(refreshCall(refreshToken, withApp), readTokens);

  let accessToken = '';
  let accessTokenExpiresAt = 0;
  let refreshToken = seller.refreshToken;
  /** Gets a new access token where the one in use has ended, as token-refresh does in time. */
  async function keepToken(): Promise<void> {
    if (now() < accessTokenExpiresAt) return;
    const tokens = await refresh(refreshToken);
    ({ accessToken, accessTokenExpiresAt, refreshToken = refreshToken } = tokens);
  }
  await keepToken();
  const context = (token = accessToken): CallContext<unknown> => ({ app, connection, accessToken: token, now: now() });

  /** All that was traded up to now, as the poll asks for it. */
  const wholeWindow = () => ({
    from: START_AT - DAY_MS,
    to: now() - marketplace.orders.settleMs,
    pageToken: undefined,
  });
  type Window = { from: number; to: number; pageToken: string | undefined; pageSize?: number };
  const { orders } = marketplace;

  /** Runs a procedure to its end; the first failure ends it. */
  async function run<T>(next: (answers: readonly HttpResponse[]) => Step<T>): Promise<T> {
    const answers: HttpResponse[] = [];
    for (;;) {
      const step = next(answers);
      if ('done' in step) return step.done;
      answers.push(await call(step.call, (response) => response));
    }
  }

  /** A page as the pipeline reads it: whole by its procedure, where there is one. */
  async function readPage(window: Window, token = accessToken): Promise<OrderPage> {
    const whole = orders.whole?.page;
    if (whole) return run((answers) => whole(context(token), window, answers));
    return call(orders.pageCall(context(token), window), (response) => orders.readPage(response, connection, window));
  }

  async function readDetails(orderIds: readonly string[]): Promise<ReadOrder[]> {
    const whole = orders.whole?.details;
    if (whole) return run((answers) => whole(context(), orderIds, answers));
    return call(orders.detailCall(context(), orderIds), (response) => orders.readDetails(response, connection));
  }

  /** Places orders, a minute apart, and lets time pass until a poll sees them. */
  async function trade(count: number, ofSeller = sellerId): Promise<BookOrder[]> {
    const placed: BookOrder[] = [];
    for (let index = 0; index < count; index++) {
      placed.push(sandbox!.books.place(ofSeller, DRAFTS[index % DRAFTS.length]!));
      await advance(MINUTE_MS);
    }
    await advance(marketplace.orders.settleMs);
    await keepToken();
    return placed;
  }

  /** The seller's agreement: opens the consent page, follows its redirect, and gives what came with it. */
  async function consent(state: string, redirectUri: string): Promise<Record<string, string>> {
    const url = marketplace.auth.consentUrl(app, { state, redirectUri, now: now(), sellerId });
    const response = await sandboxes.request(url);
    const location = response.headers.get('location');
    if (response.status !== 302 || !location) throw new Error(`the consent page answered ${response.status}`);
    return Object.fromEntries(new URL(location).searchParams);
  }

  /** The public key that a delivery names, fetched as the intake does; undefined: none is to be had. */
  async function publicKeyOf(delivery: Delivery): Promise<string | undefined> {
    const keyId = marketplace.webhook.publicKey?.keyId(delivery);
    const keyCall = keyId === undefined ? undefined : await publicKeyCall(keyId);
    return keyCall && call(keyCall, marketplace.webhook.publicKey!.readKey);
  }

  async function publicKeyCall(keyId: string): Promise<Call> {
    const appTokenCall = marketplace.auth.appTokenCall?.(app, { now: now() });
    if (!appTokenCall) throw new Error('a public key is asked for with a token of the app');
    const appTokens = await call(appTokenCall, readTokens);
    return marketplace.webhook.publicKey!.keyCall(app, { keyId, accessToken: appTokens.accessToken, now: now() });
  }

  return {
    ...{ marketplace, sandbox, faults, arrivals, app, connection, seller, otherSeller },
    get accessToken() {
      return accessToken;
    },
    get refreshToken() {
      return refreshToken;
    },
    ...{
      now,
      advance,
      send,
      read,
      call,
      context,
      refreshCall,
      readTokens,
      refresh,
      wholeWindow,
      readPage,
      readDetails,
    },
    ...{ keepToken, trade, consent, publicKeyOf, publicKeyCall },
  };
}

/** The failure that a call or a reading ends in; a success or any other error fails the test. */
export async function failureOf(run: () => unknown): Promise<Failure> {
  try {
    await run();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}
