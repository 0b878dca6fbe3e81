import assert from 'node:assert/strict';
import { createAmazonSandbox } from '#marketplaces/amazon/sandbox/index.ts';
import type { OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';

export const START = Date.parse('2026-11-24T06:00:00.000Z');
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const REDIRECT = 'https://app.example/callback';

export const DRAFT: OrderDraft = {
  currency: 'GBP',
  lines: [
    { sku: '85123A', title: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 6, unitPrice: '2.55' },
    { sku: '71053', title: 'WHITE METAL LANTERN', quantity: 1, unitPrice: '3.39' },
  ],
  buyer: {
    name: 'Ada Example',
    email: 'ada@marketplace.example',
    phone: '+44 20 7946 0000',
    street: '1 High Street',
    city: 'London',
    postalCode: 'N1 9GU',
    countryCode: 'GB',
  },
};

// biome-ignore lint/suspicious/noExplicitAny: the answers are what is under test
export type Json = any;

/** A sandbox in simulated time, where a wait is over at once and moves the clock. */
export function createWorld() {
  const world = { now: START, queue: [] as { name: string; body: Json }[], refuseNext: 0 };
  const faults = createFaults(() => 0.5);
  let issued = 0;
  const sandbox = createAmazonSandbox(
    {
      now: () => world.now,
      async sleep(ms) {
        world.now += ms;
      },
      random: () => 0.5,
      randomHex: (length) => (++issued).toString(16).padStart(length * 2, '0'),
      send: async () => assert.fail('Amazon sends no HTTP'),
      async enqueue(name, body) {
        if (world.refuseNext-- > 0) throw new Error('the queue is away');
        world.queue.push({ name, body: JSON.parse(body) });
      },
      faults,
    },
    { publicUrl: 'http://127.0.0.1:4700/amazon', webhookUrl: 'http://127.0.0.1:4600/webhooks/amazon', sellers: 2 },
  );
  const [seller, other] = sandbox.sellers as [SandboxSeller, SandboxSeller];
  const app = sandbox.registration as { clientId: string; clientSecret: string; applicationId: string };
  const client = { client_id: app.clientId, client_secret: app.clientSecret };

  async function token(fields: Record<string, string>, headers = {}) {
    const body = new URLSearchParams({ ...client, ...fields });
    const response = await sandbox.app.request('/auth/o2/token', { method: 'POST', body, headers });
    return { status: response.status, body: (await response.json()) as Json };
  }
  const accessToken = async (of: SandboxSeller = seller): Promise<string> =>
    (await token({ grant_type: 'refresh_token', refresh_token: of.refreshToken })).body.access_token;

  const grantlessToken = async (): Promise<string> =>
    (await token({ grant_type: 'client_credentials', scope: 'sellingpartnerapi::notifications' })).body.access_token;

  async function call(path: string, access?: string, init: { method?: string; body?: unknown } = {}) {
    const response = await sandbox.app.request(path, {
      method: init.method ?? 'GET',
      headers: { 'user-agent': 'Test/1.0 (Language=TypeScript)', ...(access && { 'x-amz-access-token': access }) },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : undefined) as Json };
  }
  const search = (access: string, parameters: Record<string, string>) =>
    call(`/orders/2026-01-01/orders?${new URLSearchParams(parameters)}`, access);
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  async function consent(state = 's1'): Promise<URLSearchParams> {
    const query = new URLSearchParams({ application_id: app.applicationId, state, redirect_uri: REDIRECT });
    const response = await sandbox.app.request(`/apps/authorize/consent?${query}`);
    assert.equal(response.status, 302);
    return new URL(response.headers.get('location') ?? '').searchParams;
  }
  const tokens = { token, accessToken, grantlessToken };
  return { ...sandbox, ...tokens, world, faults, seller, other, client, call, search, settled, consent };
}

export const iso = (at: number): string => new Date(at).toISOString();
