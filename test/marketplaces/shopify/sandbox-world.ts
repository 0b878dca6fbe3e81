import assert from 'node:assert/strict';
import type { OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import { createShopifySandbox } from '#marketplaces/shopify/sandbox/index.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';

export const START = Date.UTC(2026, 10, 24, 6, 0, 0);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const SHOP = 'sandbox-shop-1.myshopify.com';
export const OTHER_SHOP = 'sandbox-shop-2.myshopify.com';
export const WEBHOOK_URL = 'https://hooks.example.test/webhooks/shopify';
export const LOCATION = 'gid://shopify/Location/61900000001';

export const DRAFT: OrderDraft = {
  currency: 'GBP',
  lines: [
    { sku: '85123A', title: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 3, unitPrice: '2.55' },
    { sku: '71053', title: 'WHITE METAL LANTERN', quantity: 1, unitPrice: '3.39' },
  ],
  buyer: {
    name: 'Ann Mary Example',
    email: 'ann@example.test',
    phone: '+44 1632 960001',
    street: '1 Test Street',
    city: 'Leeds',
    postalCode: 'LS1 1AA',
    countryCode: 'GB',
  },
};

// Answers of every shape are read here; a wrong guess of one fails the test that made it.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Json = any;
export type Answer = { status: number; headers: Headers; body: Json };

export type CallOptions = { shop?: string; token?: string; version?: string };

/** A sandbox in a world whose clock only the test moves. */
export function createWorld(options: { sellers?: number } = {}) {
  let now = START;
  let counter = 0;
  const timers: { at: number; wake: () => void }[] = [];
  const sent: (HttpRequest & { at: number })[] = [];
  const world = {
    now: () => now,
    sent,
    /** the status that the webhook's receiver answers with; 0: no answer */
    receiverStatus: 200,
    async advance(ms: number): Promise<void> {
      const end = now + ms;
      await settle();
      for (;;) {
        timers.sort((a, b) => a.at - b.at);
        const next = timers[0];
        if (!next || next.at > end) break;
        timers.shift();
        now = next.at;
        next.wake();
        await settle();
      }
      now = end;
    },
  };
  const faults = createFaults(() => 0.5);
  const sandbox = createShopifySandbox(
    {
      now: () => now,
      sleep: (ms) => new Promise((wake) => timers.push({ at: now + ms, wake })),
      random: () => 0.5,
      randomHex: (length) => (++counter).toString(16).padStart(length * 2, '0'),
      async send(request, { timeoutMs }) {
        assert.equal(timeoutMs, 5_000);
        sent.push({ ...request, at: now });
        if (world.receiverStatus === 0) throw new Error('no answer');
        return { status: world.receiverStatus };
      },
      enqueue: async () => assert.fail('Shopify has no queue'),
      faults,
    },
    { publicUrl: 'http://sandbox.test/shopify', webhookUrl: WEBHOOK_URL, sellers: options.sellers ?? 2 },
  );
  const registration = sandbox.registration as Record<string, string>;

  async function answer(responding: Response | Promise<Response>): Promise<Answer> {
    const response = await responding;
    const text = await response.text();
    let body: Json = text;
    try {
      body = JSON.parse(text);
    } catch {
      // A page for people is no JSON.
    }
    return { status: response.status, headers: response.headers, body };
  }

  const app = { client_id: registration.apiKey!, client_secret: registration.apiSecret! };

  /** A call of a shop's token endpoint. */
  const tokenCall = (body: Record<string, string>, shop = SHOP): Promise<Answer> =>
    answer(
      sandbox.app.request(`/${shop}/admin/oauth/access_token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...app, ...body }),
      }),
    );
  const refresh = (refresh_token: string, shop = SHOP) =>
    tokenCall({ grant_type: 'refresh_token', refresh_token }, shop);

  /** The parameters that the consent page leads back with. */
  async function consent(query: Record<string, string> = {}, path = `/${SHOP}/admin/oauth/authorize`) {
    const all = { client_id: app.client_id, redirect_uri: 'https://app.test/callback', state: 'state-1', ...query };
    const response = await sandbox.app.request(`${path}?${new URLSearchParams(all)}`);
    assert.equal(response.status, 302, await response.clone().text());
    return Object.fromEntries(new URL(response.headers.get('location')!).searchParams);
  }

  const tokens = new Map<string, { token: string; endsAt: number }>();
  let refreshTokens = new Map(sandbox.sellers.map((seller) => [seller.sellerId, seller.refreshToken]));
  /** A shop's access token, got anew when it has ended. */
  async function tokenOf(shop = SHOP): Promise<string> {
    const known = tokens.get(shop);
    if (known && now < known.endsAt) return known.token;
    const { body } = await refresh(refreshTokens.get(shop)!, shop);
    refreshTokens = new Map([...refreshTokens, [shop, body.refresh_token]]);
    tokens.set(shop, { token: body.access_token, endsAt: now + body.expires_in * 1000 });
    return body.access_token;
  }

  /** A GraphQL request as a shop's app. */
  async function graphql(query: string, variables?: Json, options: CallOptions = {}): Promise<Answer> {
    const { shop = SHOP, version = '2026-10' } = options;
    return answer(
      sandbox.app.request(`/${shop}/admin/api/${version}/graphql.json`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-shopify-access-token': options.token ?? (await tokenOf(shop)),
        },
        body: JSON.stringify({ query, variables }),
      }),
    );
  }

  /** A REST request as a shop's app. */
  async function rest(method: string, path: string, body?: Json, options: CallOptions = {}): Promise<Answer> {
    const { shop = SHOP, version = '2026-10' } = options;
    return answer(
      sandbox.app.request(`/${shop}/admin/api/${version}/${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          'x-shopify-access-token': options.token ?? (await tokenOf(shop)),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  }

  return Object.assign(world, {
    sandbox,
    faults,
    registration,
    tokenCall,
    refresh,
    consent,
    tokenOf,
    graphql,
    rest,
    /** The data of a request that must succeed. */
    async data(query: string, variables?: Json, options?: CallOptions): Promise<Json> {
      const { status, body } = await graphql(query, variables, options);
      assert.deepEqual([status, body.errors], [200, undefined]);
      return body.data;
    },
    place: (shop = SHOP, draft = DRAFT) => sandbox.books.place(shop, draft),
    /** The webhooks sent so far, by topic. */
    topics: (): string[] => sent.map((request) => request.headers['X-Shopify-Topic']!),
  });
}

export const gid = (type: string, id: string | number): string => `gid://shopify/${type}/${id}`;

/** Lets everything run that waits for nothing but a promise. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
