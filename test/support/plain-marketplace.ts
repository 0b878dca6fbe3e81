import { createHmac } from 'node:crypto';
import type { Order } from '#events/order.ts';
import type { Call, LineOutcome, Marketplace, WebhookReading } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';

const BASE_URL = 'https://plain.example';
const MINUTE_MS = 60_000;
/** lines that share a call of `plainMarketplace` */
const STOCK_BATCH = 3;

/** The answers that `plainMarketplace` reads. */
export type PlainTokens = { accessToken: string; expiresInMs: number; refreshToken?: string };
export type PlainPage = { orders?: Order[]; orderIds?: string[]; next?: string };
export type PlainWebhook = { id: string; topic: string; sellerId: string | null; orderIds: string[] } & Pick<
  WebhookReading,
  'erasure' | 'dataRequest'
>;

/** Answers as `plainMarketplace` reads them. */
export const answer = (body: unknown, status = 200): HttpResponse => ({
  status,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

export const plainSignature = (key: string, body: Uint8Array): string =>
  createHmac('sha256', key).update(body).digest('hex');

/**
 * A marketplace as the contract has it and nothing more, for tests of what all marketplaces share: its answers are the
 * JSON of what the contract's readers return, an error is `{ "error": <code> }`.
 */
export function plainMarketplace(options: { rotation?: 'none' | 'strict' } = {}): Marketplace {
  const call = (operation: string, method: 'GET' | 'POST', path: string, body?: unknown): Call => {
    const request: HttpRequest = { method, url: `${BASE_URL}${path}`, headers: {} };
    return { operation, request: body === undefined ? request : { ...request, body: JSON.stringify(body) } };
  };
  return {
    name: 'plain',
    appSchema: undefined as never, // no registration is read: the test brings the member
    auth: {
      rotation: options.rotation ?? 'strict',
      consentUrl: () => BASE_URL,
      exchangeCall: () => call('exchangeCode', 'POST', '/token', {}),
      refreshCall: (_, { refreshToken }) => call('refreshToken', 'POST', '/token', { refreshToken }),
      appTokenCall: () => call('appToken', 'POST', '/app-token', {}),
      readTokens(response, now) {
        const { accessToken, expiresInMs, refreshToken } = JSON.parse(response.body) as PlainTokens;
        return {
          accessToken,
          accessTokenExpiresAt: now + expiresInMs,
          refreshToken,
          refreshTokenExpiresAt: undefined,
        };
      },
    },
    webhook: {
      publicKey: {
        keyId: ({ headers }) => headers['x-key-id'],
        keyCall: (_, { keyId }) => call('getKey', 'GET', `/keys/${keyId}`),
        readKey: (response) => (JSON.parse(response.body) as { key: string }).key,
      },
      verify: (_, { headers, body }, key) =>
        headers['x-signature'] === plainSignature(key!, body)
          ? { verified: true }
          : { verified: false, reason: 'signature-mismatch' },
      read(body) {
        const { id, ...told } = JSON.parse(Buffer.from(body).toString()) as PlainWebhook;
        return { ...told, deduplicationKey: id, occurredAt: undefined };
      },
    },
    orders: {
      pollEveryMs: 10 * MINUTE_MS,
      overlapMs: 5 * MINUTE_MS,
      settleMs: MINUTE_MS,
      maxWindowMs: 24 * 60 * MINUTE_MS,
      detailBatch: 2,
      pageCall: (_, { from, to, pageToken }) =>
        call('listOrders', 'GET', `/orders?from=${from}&to=${to}&page=${pageToken ?? ''}`),
      readPage(response) {
        const { orders = [], orderIds = [], next } = JSON.parse(response.body) as PlainPage;
        return { orders: orders.map((order) => ({ order, buyer: null })), orderIds, nextPageToken: next };
      },
      isPageTokenExpired: ({ code }) => code === 'page-token-expired',
      detailCall: (_, orderIds) => call('getOrders', 'GET', `/details?ids=${orderIds.join()}`),
      readDetails: (response) => (JSON.parse(response.body) as Order[]).map((order) => ({ order, buyer: null })),
    },
    inventory: {
      references: {
        listing: { required: true, description: 'id of the listing' },
        group: { required: false, description: 'what shares a call' },
      },
      batch: STOCK_BATCH,
      batchKey: ({ reference }) => reference.group ?? '',
      update: (_, lines, [told]) =>
        told
          ? { done: JSON.parse(told.body) as LineOutcome[] }
          : { call: call('updateStock', 'POST', '/stock', { lines }) },
      check: {
        afterMs: MINUTE_MS,
        run: (_, lines, [told]) =>
          told
            ? { done: JSON.parse(told.body) as LineOutcome[] }
            : { call: call('checkStock', 'POST', '/stock-check', { lines }) },
      },
    },
    shipments: {
      confirm: (_, shipment, [told]) =>
        told ? { done: JSON.parse(told.body) } : { call: call('ship', 'POST', '/shipments', { shipment }) },
    },
    limits: {
      forOperation: () => [{ bucket: 'all', scope: 'app', ratePerSecond: 1_000, burst: 10_000, source: 'a test' }],
    },
    readFailure({ status, body }) {
      if (status === 200) return undefined;
      const code = /"error":"([a-z-]+)"/.exec(body)?.[1] ?? `http-${status}`;
      const kind = status >= 500 ? 'retryable' : status === 429 ? 'throttled' : status === 401 ? 'auth' : 'permanent';
      return new Failure(kind, `plain: ${code}`, { code });
    },
  };
}
