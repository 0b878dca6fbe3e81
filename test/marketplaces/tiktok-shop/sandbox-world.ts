import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import { createTiktokShopSandbox } from '#marketplaces/tiktok-shop/sandbox/index.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';

export const START = Date.UTC(2026, 10, 24, 6, 0, 0);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** the first shop is in GB, the second in SG */
export const GB_SHOP = '7494049642642440001';
export const SG_SHOP = '7494049642642440002';
export const WEBHOOK_URL = 'https://hooks.example.test/webhooks/tiktok-shop';
export const SEARCH = '/order/202309/orders/search';
export const ORDERS = '/order/202309/orders';

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
export type Answer = { status: number; body: Json };

export type CallOptions = {
  method?: string;
  query?: Record<string, string | number>;
  body?: unknown;
  token?: string;
  /** overwrites query parameters after signing; undefined removes one */
  changes?: Record<string, string | undefined>;
  shop?: number;
};

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
  const sandbox = createTiktokShopSandbox(
    {
      now: () => now,
      sleep: (ms) => new Promise((wake) => timers.push({ at: now + ms, wake })),
      random: () => 0.5,
      randomHex: (length) => (++counter).toString(16).padStart(length * 2, '0'),
      async send(request, { timeoutMs }) {
        assert.equal(timeoutMs, 3_000);
        sent.push({ ...request, at: now });
        if (world.receiverStatus === 0) throw new Error('no answer');
        return { status: world.receiverStatus };
      },
      enqueue: async () => assert.fail('TikTok Shop has no queue'),
      faults,
    },
    { publicUrl: 'http://sandbox.test/tiktok-shop', webhookUrl: WEBHOOK_URL, sellers: options.sellers ?? 2 },
  );
  const registration = sandbox.registration as Record<string, string>;
  const appKey = registration.appKey!;
  const appSecret = registration.appSecret!;

  async function answer(responding: Response | Promise<Response>): Promise<Answer> {
    const response = await responding;
    return { status: response.status, body: await response.json() };
  }

  /** The signature by its published steps, written anew. */
  function sign(path: string, query: URLSearchParams, body: string): string {
    const pairs = [...query].sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([name, value]) => name + value);
    const text = `${appSecret}${path}${pairs.join('')}${body}${appSecret}`;
    return createHmac('sha256', appSecret).update(text).digest('hex');
  }

  const tokenCall = (path: string, query: Record<string, string>, changes: Record<string, string> = {}) => {
    const all = { app_key: appKey, app_secret: appSecret, ...query, ...changes };
    return answer(sandbox.app.request(`/api/v2/token/${path}?${new URLSearchParams(all)}`));
  };
  const refresh = (refresh_token: string, changes?: Record<string, string>) =>
    tokenCall('refresh', { grant_type: 'refresh_token', refresh_token }, changes);
  const exchange = (auth_code: string, changes?: Record<string, string>) =>
    tokenCall('get', { grant_type: 'authorized_code', auth_code }, changes);
  const tokens = new Map<number, string>();

  /** The access token of the n-th shop, got once from its first refresh token. */
  async function tokenOf(shop = 0): Promise<string> {
    const token = tokens.get(shop) ?? (await refresh(sandbox.sellers[shop]!.refreshToken)).body.data.access_token;
    tokens.set(shop, token);
    return token;
  }

  /** A signed call as a shop. */
  async function call(path: string, options: CallOptions = {}): Promise<Answer> {
    const shop = options.shop ?? 0;
    const body = options.body === undefined ? '' : JSON.stringify(options.body);
    const query = new URLSearchParams({
      app_key: appKey,
      timestamp: String(Math.floor(now / 1000)),
      shop_cipher: sandbox.sellers[shop]!.settings.shopCipher!,
    });
    for (const [name, value] of Object.entries(options.query ?? {})) query.set(name, String(value));
    query.set('sign', sign(path, query, body));
    for (const [name, value] of Object.entries(options.changes ?? {})) {
      if (value === undefined) query.delete(name);
      else query.set(name, value);
    }
    const token = options.token ?? (await tokenOf(shop));
    return answer(
      sandbox.app.request(`${path}?${query}`, {
        method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
        headers: { 'content-type': 'application/json', 'x-tts-access-token': token },
        ...(body === '' ? {} : { body }),
      }),
    );
  }

  return Object.assign(world, {
    sandbox,
    faults,
    registration,
    sign,
    refresh,
    exchange,
    tokenOf,
    call,
    search: (query: Record<string, string | number> = {}, body: unknown = {}, shop = 0) =>
      call(SEARCH, { query: { page_size: 100, ...query }, body, shop }),
    async order(orderId: string, shop = 0): Promise<Json> {
      return (await call(ORDERS, { query: { ids: orderId }, shop })).body.data.orders[0];
    },
    place: (shopId = GB_SHOP) => sandbox.books.place(shopId, DRAFT),
    /** The bodies of the webhooks sent so far. */
    notifications: (): Json[] => sent.map((request) => JSON.parse(request.body ?? '')),
  });
}

export const idsOf = ({ body }: Answer): string[] => body.data.orders.map((order: Json) => order.id);

/** Lets everything run that waits for nothing but a promise. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
