import { z } from 'zod';
import type { FunctionDeps } from '#platform/functions/deps.ts';
import { asFailure } from '#platform/runtime/failure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { newestSellerApiKey } from '#platform/state/secrets.ts';
import { connectionIdOf } from '#services/all-in-one/connect-sandboxes.ts';
import type { Shop } from '#services/all-in-one/demo/replay.ts';
import type { RemoteSandbox } from '#services/all-in-one/remote-sandboxes.ts';
import { createTrade } from '#test/pipeline/trade.ts';

/** Times between two of each, ms: often enough that a function has something to do at once, and within all limits. */
const ORDERS_EVERY_MS = 700;
const COMMANDS_EVERY_MS = 700;
const WISHES_EVERY_MS = 700;
const PAGES_EVERY_MS = 250;
const CONSENTS_EVERY_MS = 10_000;
/** Of so many wishes for a new token, one is for a token that is in force; the others were granted before. */
const WISHES_A_REFRESH = 10;

const TIMEOUT_MS = 10_000;
/** how long a seller looks at a page that does not come, ms: longer than the exchange of a code may take */
const PATIENCE_MS = 60_000;
/** when what was not taken is sent again, ms */
const AGAIN_AFTER_MS = 500;

/** Where stock is set: a call of one kind is enough there, and applied at once. */
const STOCKED = ['ebay', 'shopify', 'mercadolibre', 'tiktok-shop'];
/** Where tokens are asked for: refresh tokens don't rotate there, so that an answer that a kill loses costs no consent. */
const REFRESHED = ['amazon', 'ebay'];
/** Where a seller consents again and again: it takes the fewest calls. */
const CONSENTING = 'mercadolibre';

/** A command that was answered 202; `listing` as `listingOf` names it. */
export type Taken = { commandId: string; listing: string; quantity: number };

/** What was promised to those who made the load. */
export type Promised = {
  commands: Taken[];
  /** by connection, the newest generation of its credentials that a newer one was asked for */
  wishes: Map<string, number>;
  /** consents whose seller was told that the account is connected, and when the last of them began, epoch ms */
  consents: { connectionId: string; answered: number; lastBeganAt: number };
  /** answers that must never be: a refusal for good of what is right */
  refusals: string[];
};

export type Load = Promised & {
  /** orders placed, and those of them that are still to be shipped */
  orders(): number;
  /** Ends when all that was begun has come to its end. */
  stop(): Promise<void>;
};

export type Urls = { sandbox: string; sellerApi: string; consent: string };

/** Buyers order, sellers set stock and consent, tokens are asked for: all the time, whatever is down. */
export async function startLoad(deps: FunctionDeps, sandboxes: readonly RemoteSandbox[], urls: Urls): Promise<Load> {
  const { clock } = deps;
  const stopping = new AbortController();
  const promised: Promised = {
    commands: [],
    wishes: new Map(),
    consents: { connectionId: connectionIdOf(CONSENTING, 0), answered: 0, lastBeganAt: 0 },
    refusals: [],
  };
  const pending = new Set<Promise<void>>();

  /** Begins something every so often, also while what was begun before goes on. */
  async function every(ms: number, what: string, act: () => Promise<unknown>): Promise<void> {
    while (!stopping.signal.aborted) {
      const begun: Promise<void> = act()
        .then(
          () => {},
          (thrown: unknown) => void promised.refusals.push(`${what}: ${(thrown as Error).message}`),
        )
        .finally(() => pending.delete(begun));
      pending.add(begun);
      await clock.sleep(ms, stopping.signal);
    }
  }

  /** The answer, however often it must be asked for. */
  async function persist(request: HttpRequest): Promise<HttpResponse> {
    for (;;) {
      const answer = await deps.send(request, { timeoutMs: TIMEOUT_MS }).catch(() => undefined);
      if (answer !== undefined && answer.status < 500) return answer;
      await clock.sleep(AGAIN_AFTER_MS);
    }
  }

  const trade = createTrade(
    sandboxes.map((shop) => persistent(shop, deps)),
    deps,
  );
  let orders = 0;
  async function placeOrder(): Promise<void> {
    orders += 1;
    await trade.placeWithin(ORDERS_EVERY_MS);
  }

  const apiKey = await newestSellerApiKey(deps, { createIfAbsent: false });
  const stocked = sandboxes
    .filter(({ name }) => STOCKED.includes(name))
    .flatMap(({ name, sellers }) =>
      sellers.map(({ sellerId }, index) => ({ name, sellerId, connectionId: connectionIdOf(name, index) })),
    );
  let commands = 0;
  /** Each for a listing of its own: one whose sender is killed in the middle of a call is not free for some minutes. */
  async function setStock(): Promise<void> {
    const quantity = ++commands;
    const sku = `CHAOS-${quantity}`;
    const { name, sellerId, connectionId } = stocked[quantity % stocked.length]!;
    const json = { 'content-type': 'application/json' };
    const listed = await persist({
      method: 'POST',
      url: `${urls.sandbox}/_sandbox/${name}/listings`,
      headers: json,
      body: JSON.stringify({ sellerId, sku, quantity: 0 }),
    });
    const { reference } = offered.parse(JSON.parse(listed.body));
    const { status, body } = await persist({
      method: 'POST',
      url: `${urls.sellerApi}/v1/inventory-updates`,
      headers: { ...json, authorization: `Bearer ${apiKey}`, 'idempotency-key': sku },
      body: JSON.stringify({ connectionId, lines: [{ sku, quantity, reference }] }),
    });
    if (status !== 202) throw new Error(`it was answered ${status}: ${body}`);
    const { commandId } = JSON.parse(body) as { commandId: string };
    promised.commands.push({ commandId, listing: listingOf(name, sellerId, sku), quantity });
  }

  const refreshed = sandboxes
    .filter(({ name }) => REFRESHED.includes(name))
    .flatMap(({ name, sellers }) => sellers.map((_, index) => connectionIdOf(name, index)));
  let wishes = 0;
  /** Trouble of the engine ends a wish: nobody was promised anything. */
  async function wishForToken(): Promise<void> {
    const number = wishes++;
    const connectionId = refreshed[Math.floor(number / WISHES_A_REFRESH) % refreshed.length]!;
    try {
      const inForce = await deps.credentials.generation(connectionId);
      const generation = number % WISHES_A_REFRESH === 0 ? inForce : Math.max(1, inForce - 1);
      const wish = { connectionId, reason: 'rejected' as const, credentialsVersion: generation };
      await deps.publisher.publish(deps.newEvent('token-refresh.requested', wish));
      promised.wishes.set(connectionId, Math.max(promised.wishes.get(connectionId) ?? 0, generation));
    } catch (thrown) {
      if (asFailure(thrown).kind !== 'retryable') throw thrown;
    }
  }

  const get = (url: string, cookie?: string): Promise<HttpResponse | undefined> =>
    deps
      .send({ method: 'GET', url, headers: cookie === undefined ? {} : { cookie } }, { timeoutMs: PATIENCE_MS })
      .catch(() => undefined);
  const newConsent = (): Promise<HttpResponse | undefined> =>
    get(`${urls.consent}/connections/new?marketplace=${CONSENTING}`);

  let isConsenting = false;
  /** As a browser does it: our page, the marketplace's page, and back. Who gets an error begins anew, with the next one. */
  async function consent(): Promise<void> {
    if (isConsenting) return;
    isConsenting = true;
    const beganAt = clock.now();
    try {
      const begun = await newConsent();
      if (begun?.status !== 302) return;
      const page = new URL(begun.headers.location!);
      const agreed = await get(`${urls.sandbox}${page.pathname}${page.search}`);
      if (agreed?.status !== 302) return;
      const [cookie] = (begun.headers['set-cookie'] ?? '').split(';');
      const back = await get(agreed.headers.location!, cookie);
      if (back?.status !== 200) return;
      promised.consents.answered += 1;
      promised.consents.lastBeganAt = beganAt;
    } finally {
      isConsenting = false;
    }
  }

  const going = [
    every(ORDERS_EVERY_MS, 'an order', placeOrder),
    every(COMMANDS_EVERY_MS, 'a command', setStock),
    every(WISHES_EVERY_MS, 'a wish for a token', wishForToken),
    every(PAGES_EVERY_MS, 'a page', newConsent),
    every(CONSENTS_EVERY_MS, 'a consent', consent),
  ];
  return {
    ...promised,
    orders: () => orders,
    async stop() {
      stopping.abort('stop');
      await Promise.all(going);
      await Promise.all(pending);
    },
  };
}

/** A sandbox that may be away for a while: whoever wants something of it tries until it is done. */
function persistent(shop: RemoteSandbox, { clock }: Pick<FunctionDeps, 'clock'>): Shop {
  async function untilDone<Result>(act: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await act();
      } catch (thrown) {
        if (/ was answered 4\d\d/.test((thrown as Error).message)) throw thrown;
        await clock.sleep(AGAIN_AFTER_MS);
      }
    }
  }
  return {
    ...shop,
    place: (sellerId, draft) => untilDone(() => shop.place(sellerId, draft)),
    change: (orderId, change) =>
      untilDone(() => shop.change(orderId, change)).catch((thrown: Error) => {
        // Done before, by a try whose answer got lost.
        if (!thrown.message.includes(' was answered 409')) throw thrown;
      }),
  };
}

const offered = z.object({ reference: z.record(z.string(), z.string()) });
const listings = z.array(z.object({ sellerId: z.string(), sku: z.string(), quantity: z.number() }));

const listingOf = (marketplace: string, sellerId: string, sku: string): string => `${marketplace} ${sellerId} ${sku}`;

/** What the marketplaces show as the stock of each listing. */
export async function stocksOf(
  { send }: Pick<FunctionDeps, 'send'>,
  sandboxUrl: string,
): Promise<ReadonlyMap<string, number>> {
  const stocks = new Map<string, number>();
  for (const name of STOCKED) {
    const url = `${sandboxUrl}/_sandbox/${name}/listings`;
    const { body } = await send({ method: 'GET', url, headers: {} }, { timeoutMs: TIMEOUT_MS });
    for (const { sellerId, sku, quantity } of listings.parse(JSON.parse(body))) {
      stocks.set(listingOf(name, sellerId, sku), quantity);
    }
  }
  return stocks;
}
