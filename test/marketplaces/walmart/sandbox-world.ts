import assert from 'node:assert/strict';
import type { BookOrder, OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import { createWalmartSandbox } from '#marketplaces/walmart/sandbox/index.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';

export const START = Date.parse('2026-11-24T06:00:00.000Z');
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const DAY_MS = 24 * 60 * MINUTE_MS;
export const FIRST = '10001000001';
export const SECOND = '10001000002';
export const REDIRECT = 'https://app.example/callback';

export const DRAFT: OrderDraft = {
  currency: 'USD',
  lines: [
    { sku: '85123A', title: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 6, unitPrice: '2.55' },
    { sku: '71053', title: 'WHITE METAL LANTERN', quantity: 1, unitPrice: '3.39' },
  ],
  buyer: {
    name: 'Ada Example',
    email: 'ada@relay.example',
    phone: '3125550100',
    street: '1 Example Street',
    city: 'Chicago',
    postalCode: '60601',
    countryCode: 'US',
  },
};

// Answers of every shape are read here; a wrong guess of one fails the test that made it.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Json = any;
export type Answer = { status: number; headers: Headers; body: Json };

const COMMON = {
  'WM_QOS.CORRELATION_ID': '00000000-0000-4000-8000-000000000000',
  'WM_SVC.NAME': 'Walmart Marketplace',
  Accept: 'application/json',
};

/** A Walmart sandbox in a world of its own: a clock that only moves when told, webhooks kept in `sent`. */
export function createWorld(options: { webhookStatus?: () => number } = {}) {
  const world = { now: START, sent: [] as HttpRequest[], slept: [] as number[], random: 0 };
  const faults = createFaults(() => 0.999);
  const sandbox = createWalmartSandbox(
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
      enqueue: async () => assert.fail('Walmart has no queue'),
      faults,
    },
    {
      publicUrl: 'http://sandbox.test/walmart',
      webhookUrl: 'http://sluice.test/webhooks/walmart',
      sellers: 2,
    },
  );
  const app = sandbox.registration as Record<string, string>;

  async function token(form: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await sandbox.app.request('/v3/token', {
      method: 'POST',
      headers: {
        ...COMMON,
        Authorization: `Basic ${btoa(`${app.clientId}:${app.clientSecret}`)}`,
        'Content-Type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      body: new URLSearchParams(form).toString(),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  }
  const refresh = (seller = 1): Promise<Answer> =>
    token(
      { grant_type: 'refresh_token', refresh_token: `sandbox-refresh-walmart-${seller}` },
      { 'WM_PARTNER.ID': seller === 1 ? FIRST : SECOND },
    );
  const sellerToken = async (seller = 1): Promise<string> => (await refresh(seller)).body.access_token;

  async function call(
    accessToken: string,
    path: string,
    init: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const isForm = init.body instanceof FormData;
    const response = await sandbox.app.request(path, {
      method: init.method ?? 'GET',
      headers: {
        ...COMMON,
        'WM_SEC.ACCESS_TOKEN': accessToken,
        ...(isForm ? {} : { 'Content-Type': 'application/json' }),
        ...init.headers,
      },
      ...(init.body === undefined ? {} : { body: isForm ? (init.body as FormData) : JSON.stringify(init.body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  }
  const list = (accessToken: string, query: Record<string, string> = {}) =>
    call(accessToken, `/v3/orders?${new URLSearchParams(query)}`);
  const consent = (query: Record<string, string> = {}) =>
    sandbox.app.request(
      `/authorize?${new URLSearchParams({
        responseType: 'code',
        clientId: app.clientId ?? '',
        redirectUri: REDIRECT,
        clientType: 'seller',
        nonce: 'N1',
        state: 'S1',
        ...query,
      })}`,
    );
  return { world, sandbox, faults, app, token, refresh, sellerToken, call, list, consent };
}

/** What stands before the point in the first error's code. */
export const errorOf = (answer: Answer): string => (answer.body.errors ?? answer.body.error)[0].code.split('.')[0];
export const idsOf = (answer: Answer): string[] =>
  answer.body.list.elements.order.map((order: Json) => order.purchaseOrderId);
export const statusesOf = (order: Json): string[] =>
  order.orderLines.orderLine.map((line: Json) =>
    line.orderLineStatuses.orderLineStatus
      .map((part: Json) => `${part.statusQuantity.amount} ${part.status}`)
      .join(', '),
  );

/** The body of Ship order lines for some units of some lines. */
export function shipmentOf(
  lines: { lineNumber: string; quantity: number; trackingNumber?: string; carrierName?: unknown }[],
  processMode?: string,
) {
  const orderLine = lines.map(({ lineNumber, quantity, trackingNumber = '1Z1', carrierName = { carrier: 'UPS' } }) => ({
    lineNumber,
    intentToCancelOverride: false,
    sellerOrderId: 'S-1',
    orderLineStatuses: {
      orderLineStatus: [
        {
          status: 'Shipped',
          statusQuantity: { unitOfMeasurement: 'EACH', amount: String(quantity) },
          trackingInfo: { shipDateTime: START, carrierName, methodCode: 'Standard', trackingNumber },
        },
      ],
    },
  }));
  return { orderShipment: { ...(processMode && { processMode }), orderLines: { orderLine } } };
}

export const wholeShipment = (order: BookOrder) =>
  shipmentOf(order.lines.map(({ lineId, quantity }) => ({ lineNumber: lineId, quantity })));
