import assert from 'node:assert/strict';
import { createMercadolibreSandbox } from '#marketplaces/mercadolibre/sandbox/index.ts';
import type { OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';

export const START = Date.parse('2026-11-24T06:00:00.000Z');
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const FIRST = '468424001';
export const SECOND = '468424002';
export const REDIRECT = 'https://app.example/callback';

export const DRAFT: OrderDraft = {
  currency: 'BRL',
  lines: [
    { sku: '85123A', title: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 6, unitPrice: '2.55' },
    { sku: '71053', title: 'WHITE METAL LANTERN', quantity: 1, unitPrice: '3.39' },
  ],
  buyer: {
    name: 'Ada Example',
    email: 'ada@relay.example',
    phone: '1155500100',
    street: 'Rua do Exemplo 1',
    city: 'São Paulo',
    postalCode: '01001000',
    countryCode: 'BR',
  },
};

// Answers of every shape are read here; a wrong guess of one fails the test that made it.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Json = any;
export type Answer = { status: number; headers: Headers; body: Json };

/** A Mercado Libre sandbox in a world of its own: a clock that only moves when told, notifications kept in `sent`. */
export function createWorld(options: { webhookStatus?: () => number } = {}) {
  const world = { now: START, sent: [] as HttpRequest[], slept: [] as number[], random: 0 };
  const faults = createFaults(() => 0.999);
  const sandbox = createMercadolibreSandbox(
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
        return { status: options.webhookStatus?.() ?? 200 };
      },
      enqueue: async () => assert.fail('Mercado Libre has no queue'),
      faults,
    },
    {
      publicUrl: 'http://sandbox.test/mercadolibre',
      webhookUrl: 'http://sluice.test/webhooks/mercadolibre',
      sellers: 2,
    },
  );
  const app = sandbox.registration as Record<string, string>;

  async function token(form: Record<string, string>): Promise<Answer> {
    const response = await sandbox.app.request('/oauth/token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
      body: new URLSearchParams({
        client_id: app.clientId ?? '',
        client_secret: app.clientSecret ?? '',
        ...form,
      }).toString(),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  }
  const refresh = (refreshToken: string): Promise<Answer> =>
    token({ grant_type: 'refresh_token', refresh_token: refreshToken });
  const sellerToken = async (seller = 1): Promise<string> =>
    (await refresh(`sandbox-refresh-mercadolibre-${seller}`)).body.access_token;
  async function call(
    accessToken: string,
    path: string,
    init: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const response = await sandbox.app.request(path, {
      method: init.method ?? 'GET',
      headers: { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json', ...init.headers },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  }
  const search = (accessToken: string, query: Record<string, string> = {}, seller = FIRST) =>
    call(accessToken, `/orders/search?${new URLSearchParams({ seller, ...query })}`);
  const consent = (query: Record<string, string> = {}) =>
    sandbox.app.request(
      `/authorization?${new URLSearchParams({
        response_type: 'code',
        client_id: app.clientId ?? '',
        redirect_uri: REDIRECT,
        state: 'S1',
        ...query,
      })}`,
    );
  return { world, sandbox, faults, app, token, refresh, sellerToken, call, search, consent };
}

export const idsOf = (answer: Answer): string[] => answer.body.results.map((order: Json) => String(order.id));
export const codeOf = (redirect: Response): string =>
  new URL(redirect.headers.get('location') ?? '').searchParams.get('code') ?? '';
