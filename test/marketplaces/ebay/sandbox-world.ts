import assert from 'node:assert/strict';
import { createEbaySandbox } from '#marketplaces/ebay/sandbox/index.ts';
import type { OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';

export const START = Date.parse('2026-11-24T06:00:00.000Z');
export const SECOND_MS = 1_000;
export const DAY_MS = 24 * 60 * 60 * SECOND_MS;
export const BASE_SCOPE = 'https://api.ebay.com/oauth/api_scope';
export const ORDERS = '/sell/fulfillment/v1/order';
export const NOTIFICATION = '/commerce/notification/v1';

export const DRAFT: OrderDraft = {
  currency: 'GBP',
  lines: [
    { sku: '85123A', title: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 6, unitPrice: '2.55' },
    { sku: '71053', title: 'WHITE METAL LANTERN', quantity: 1, unitPrice: '3.39' },
  ],
  buyer: {
    name: 'Ada Example',
    email: 'ada@example.test',
    phone: '020 7946 0000',
    street: '1 Example Street',
    city: 'London',
    postalCode: 'N1 1AA',
    countryCode: 'GB',
  },
};

// Answers of every shape are read here; a wrong guess of one fails the test that made it.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Json = any;

/** An eBay sandbox in a world of its own: a clock that only moves when told, webhooks kept in `sent`. */
export function createWorld(options: { sellers?: number; webhookStatus?: () => number } = {}) {
  const world = { now: START, sent: [] as HttpRequest[], slept: [] as number[], random: 0 };
  const faults = createFaults(() => 0.999);
  const sandbox = createEbaySandbox(
    {
      now: () => world.now,
      sleep: async (ms) => {
        world.slept.push(ms);
        world.now += ms;
      },
      random: () => 0.5,
      randomHex: (length) => (++world.random).toString(16).padStart(length * 2, '0'),
      send: async (request) => {
        world.sent.push(request);
        return { status: options.webhookStatus?.() ?? 204 };
      },
      enqueue: async () => assert.fail('eBay has no queue'),
      faults,
    },
    {
      publicUrl: 'http://sandbox.test/ebay',
      webhookUrl: 'http://sluice.test/webhooks/ebay',
      sellers: options.sellers ?? 2,
    },
  );
  const app = sandbox.registration as Record<string, string>;
  const basic = `Basic ${btoa(`${app.clientId}:${app.clientSecret}`)}`;

  async function token(form: Record<string, string>, authorization = basic) {
    const response = await sandbox.app.request('/identity/v1/oauth2/token', {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
    return { status: response.status, body: (await response.json()) as Json };
  }
  const sellerToken = async (seller = 1): Promise<string> =>
    (await token({ grant_type: 'refresh_token', refresh_token: `v^1.1#i^1#sandbox-refresh-${seller}` })).body
      .access_token;
  const appToken = async (): Promise<string> =>
    (await token({ grant_type: 'client_credentials', scope: BASE_SCOPE })).body.access_token;

  async function call(accessToken: string, path: string, init: { method?: string; body?: unknown } = {}) {
    const response = await sandbox.app.request(path, {
      method: init.method ?? 'GET',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? undefined : JSON.parse(text)) as Json,
      location: response.headers.get('location') ?? '',
    };
  }
  const list = (accessToken: string, query: Record<string, string>) =>
    call(accessToken, `${ORDERS}?${new URLSearchParams(query)}`);
  const consent = (query: Record<string, string>) =>
    sandbox.app.request(
      `/oauth2/authorize?${new URLSearchParams({
        client_id: app.clientId ?? '',
        redirect_uri: app.ruName ?? '',
        response_type: 'code',
        scope: `${BASE_SCOPE} ${BASE_SCOPE}/sell.fulfillment`,
        ...query,
      })}`,
    );
  return { world, sandbox, faults, app, token, sellerToken, appToken, call, list, consent };
}

export const errorIdOf = (answer: { body: Json }): number => answer.body.errors[0].errorId;
export const iso = (instant: number): string => new Date(instant).toISOString();
