import { createHmac } from 'node:crypto';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createShopeeSandbox } from '#marketplaces/shopee/sandbox/index.ts';

export const START = Date.UTC(2026, 10, 24, 6, 0, 0);
export const SHOP = 14701711;
export const PARTNER_ID = 2001887;
export const WEBHOOK_URL = 'https://hooks.example.test/shopee/push';
const PARTNER_KEY = 'test_partner_key_0123456789abcdef';

export const BUYER = {
  name: 'Ann Example',
  email: 'ann@example.test',
  phone: '+441632960001',
  street: '1 Test Street',
  city: 'Leeds',
  postalCode: 'LS1 1AA',
  countryCode: 'GB',
};
export const DRAFT = {
  currency: 'GBP',
  lines: [
    { sku: '85123A', title: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 6, unitPrice: '2.55' },
    { sku: '71053', title: 'WHITE METAL LANTERN', quantity: 1, unitPrice: '3.39' },
  ],
  buyer: BUYER,
};

// biome-ignore lint/suspicious/noExplicitAny: answers are read as the JSON they are
export type Json = any;

type Sent = { at: number; url: string; headers: Record<string, string>; body: string; timeoutMs: number };

/** A sandbox in a world whose clock only the test moves. */
export function createWorld(options: { sellers?: number; startAt?: number } = {}) {
  let now = options.startAt ?? START;
  let counter = 0;
  const timers: { at: number; wake: () => void }[] = [];
  const sent: Sent[] = [];
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
  const deps: SandboxDeps = {
    now: () => now,
    sleep: (ms) => new Promise((wake) => timers.push({ at: now + ms, wake })),
    random: () => 0.5,
    randomHex: (length) => (++counter).toString(16).padStart(length * 2, '0'),
    async send(request, { timeoutMs }) {
      const { url, headers, body = '' } = request;
      sent.push({ at: now, url, headers, body, timeoutMs });
      if (world.receiverStatus === 0) throw new Error('no answer');
      return { status: world.receiverStatus };
    },
    enqueue: async () => {},
    faults,
  };
  const sandbox = createShopeeSandbox(deps, {
    publicUrl: 'http://127.0.0.1:4700/shopee',
    webhookUrl: WEBHOOK_URL,
    sellers: options.sellers ?? 2,
  });

  async function answer(responding: Response | Promise<Response>): Promise<{ status: number; body: Json }> {
    const response = await responding;
    return { status: response.status, body: await response.json() };
  }

  function publicQuery(path: string): URLSearchParams {
    const timestamp = String(Math.floor(now / 1000));
    return new URLSearchParams({
      partner_id: String(PARTNER_ID),
      timestamp,
      sign: sign(`${PARTNER_ID}${path}${timestamp}`),
    });
  }

  function shopQuery(path: string, accessToken: string, shopId: number): URLSearchParams {
    const timestamp = String(Math.floor(now / 1000));
    return new URLSearchParams({
      partner_id: String(PARTNER_ID),
      timestamp,
      access_token: accessToken,
      shop_id: String(shopId),
      sign: sign(`${PARTNER_ID}${path}${timestamp}${accessToken}${shopId}`),
    });
  }

  return Object.assign(world, {
    sandbox,
    faults,
    publicQuery,
    publicGet: (path: string) => answer(sandbox.app.request(`${path}?${publicQuery(path)}`)),
    publicPost: (path: string, body: unknown) =>
      answer(sandbox.app.request(`${path}?${publicQuery(path)}`, { method: 'POST', body: JSON.stringify(body) })),
    /** A signed shop call; `changes` overwrites query parameters after signing, undefined removes one. */
    shopGet(
      path: string,
      accessToken: string,
      query: Record<string, string | number> = {},
      changes: Record<string, string | undefined> = {},
      shopId = SHOP,
    ) {
      const params = shopQuery(path, accessToken, shopId);
      for (const [name, value] of Object.entries(query)) params.set(name, String(value));
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined) params.delete(name);
        else params.set(name, value);
      }
      return answer(sandbox.app.request(`${path}?${params}`));
    },
    shopPost(path: string, accessToken: string, body: unknown, shopId = SHOP) {
      const url = `${path}?${shopQuery(path, accessToken, shopId)}`;
      return answer(sandbox.app.request(url, { method: 'POST', body: JSON.stringify(body) }));
    },
    refresh(refreshToken: string, shopId = SHOP) {
      return this.publicPost('/api/v2/auth/access_token/get', {
        refresh_token: refreshToken,
        partner_id: PARTNER_ID,
        shop_id: shopId,
      });
    },
    /** The access token from a seller's first refresh token. */
    async accessToken(index = 0): Promise<string> {
      const seller = sandbox.sellers[index]!;
      const { body } = await this.refresh(seller.refreshToken, Number(seller.sellerId));
      return body.access_token;
    },
  });
}

export function sign(base: string): string {
  return createHmac('sha256', PARTNER_KEY).update(base).digest('hex');
}

/** Lets everything run that waits for nothing but a promise. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
