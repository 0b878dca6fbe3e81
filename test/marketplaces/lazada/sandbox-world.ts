import assert from 'node:assert/strict';
import { createLazadaSandbox } from '#marketplaces/lazada/sandbox/index.ts';
import { requestSignature } from '#marketplaces/lazada/sandbox/signature.ts';
import type { BookOrder, OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';

export const START = Date.parse('2026-11-24T06:00:00.000Z');
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const DAY_MS = 24 * 60 * MINUTE_MS;
export const FIRST = '100700001';
export const SECOND = '100700002';
export const REDIRECT = 'https://app.example/callback';

export const DRAFT: OrderDraft = {
  currency: 'SGD',
  lines: [
    { sku: '85123A', title: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 3, unitPrice: '2.55' },
    { sku: '71053', title: 'WHITE METAL LANTERN', quantity: 1, unitPrice: '3.39' },
  ],
  buyer: {
    name: 'Ada Example',
    email: 'ada@relay.example',
    phone: '6561234567',
    street: '1 Example Street',
    city: 'Bedok',
    postalCode: '460001',
    countryCode: 'SG',
  },
};

// Answers of every shape are read here; a wrong guess of one fails the test that made it.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Json = any;

export type CallOptions = {
  method?: 'GET' | 'POST';
  /** what is sent once the request is signed: a forgery */
  forge?: Record<string, string>;
  timestamp?: number;
  appSecret?: string;
  /** a body that is no form */
  rawBody?: string;
  /** as some clients send a POST: its form in several parts, or its parameters in the query */
  carrier?: 'form' | 'multipart' | 'query' | 'query-and-json';
};

/** A Lazada sandbox in a world of its own: a clock that only moves when told, pushes kept in `sent`. */
export function createWorld(options: { webhookStatus?: (attempt: number) => number } = {}) {
  const world = { now: START, sent: [] as HttpRequest[], timeouts: [] as number[], slept: [] as number[], random: 0 };
  const faults = createFaults(() => 0.999);
  const sandbox = createLazadaSandbox(
    {
      now: () => world.now,
      sleep: async (ms) => {
        world.slept.push(ms);
        world.now += ms;
      },
      random: () => 0.5,
      randomHex: (length) => (++world.random).toString(16).padStart(length * 2, '0'),
      send: async (request, { timeoutMs }) => {
        world.sent.push(request);
        world.timeouts.push(timeoutMs);
        return { status: options.webhookStatus?.(world.sent.length) ?? 200 };
      },
      enqueue: async () => assert.fail('Lazada has no queue'),
      faults,
    },
    { publicUrl: 'http://sandbox.test/lazada', webhookUrl: 'http://sluice.test/webhooks/lazada', sellers: 2 },
  );
  const app = sandbox.registration as { appKey: string; appSecret: string };

  /** Calls an API as the app does; the answer's body. All answers are HTTP 200. */
  async function call(path: string, own: Record<string, string>, settings: CallOptions = {}): Promise<Json> {
    const { method = 'GET', forge = {}, timestamp = world.now, appSecret = app.appSecret, rawBody = '' } = settings;
    const signed: Record<string, string> = {
      app_key: app.appKey,
      timestamp: String(timestamp),
      sign_method: 'sha256',
      ...own,
    };
    const sign = requestSignature(appSecret, { path, parameters: signed, rawBody });
    const parameters = new URLSearchParams({ ...signed, sign, ...forge });
    const url = `/rest${path}`;
    let response: Response;
    if (method === 'GET' || rawBody || settings.carrier === 'query') {
      response = await sandbox.app.request(`${url}?${parameters}`, {
        method,
        ...(rawBody && { body: rawBody, headers: { 'content-type': 'application/xml' } }),
      });
    } else if (settings.carrier === 'query-and-json') {
      const headers = { 'content-type': 'application/json' };
      response = await sandbox.app.request(`${url}?${parameters}`, { method, headers, body: JSON.stringify(own) });
    } else if (settings.carrier === 'multipart') {
      const body = new FormData();
      for (const [name, value] of parameters) body.set(name, value);
      response = await sandbox.app.request(url, { method, body });
    } else {
      response = await sandbox.app.request(url, { method, body: parameters });
    }
    assert.equal(response.status, 200);
    return response.json();
  }

  const refresh = (refreshToken: string): Promise<Json> => call('/auth/token/refresh', { refresh_token: refreshToken });
  const sellerToken = async (seller = 1): Promise<string> =>
    (await refresh(`sandbox-refresh-lazada-${seller}`)).access_token;
  const consent = (query: Record<string, string> = {}) =>
    sandbox.app.request(
      `/oauth/authorize?${new URLSearchParams({
        response_type: 'code',
        force_auth: 'true',
        client_id: app.appKey,
        redirect_uri: REDIRECT,
        ...query,
      })}`,
    );
  const settle = async (): Promise<void> => {
    while (sandbox.webhooksUnderWay() > 0) await Promise.resolve();
  };

  /** A seller's view: every call with its access token. */
  async function seller(number = 1) {
    const accessToken = await sellerToken(number);
    const as = (path: string, own: Record<string, string> = {}, settings?: CallOptions): Promise<Json> =>
      call(path, { access_token: accessToken, ...own }, settings);
    const post = (path: string, parameter: string, value: unknown): Promise<Json> =>
      as(path, { [parameter]: typeof value === 'string' ? value : JSON.stringify(value) }, { method: 'POST' });
    return {
      accessToken,
      as,
      post,
      list: (own: Record<string, string> = {}) =>
        as('/orders/get', { update_after: isoTime(START - DAY_MS), sort_by: 'updated_at', ...own }),
      items: async (orderId: string): Promise<Json[]> => (await as('/order/items/get', { order_id: orderId })).data,
      pack: (order: BookOrder, itemIds: number[], more: Record<string, unknown> = {}) =>
        post('/order/fulfill/pack', 'packReq', {
          pack_order_list: [{ order_id: Number(order.orderId), order_item_list: itemIds }],
          delivery_type: 'dropship',
          shipping_allocate_type: 'TFS',
          ...more,
        }),
      readyToShip: (...packageIds: string[]) =>
        post('/order/package/rts', 'readyToShipReq', { packages: packageIds.map((id) => ({ package_id: id })) }),
    };
  }

  return { world, sandbox, faults, app, call, refresh, sellerToken, consent, seller, settle };
}

/** A time as GetOrders takes it. */
export function isoTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}+00:00`;
}
