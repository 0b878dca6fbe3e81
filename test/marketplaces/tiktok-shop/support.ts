import type { CallContext, ConnectionRef } from '#marketplaces/marketplace.ts';
import { tiktokShopApp } from '#marketplaces/tiktok-shop/app.ts';
import { tiktokShop } from '#marketplaces/tiktok-shop/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { runStepsOf } from '#test/marketplaces/procedures.ts';

export { failureOf } from '#test/marketplaces/procedures.ts';

/** 2026-11-24T06:00:00Z */
export const NOW = 1_795_500_000_000;

/** The registration that the vectors were written for; key and secret are those of the published example. */
export const registration = {
  appKey: '29a39d',
  appSecret: 'e59af819cc',
  serviceId: '7000000000000000001',
  webhookUrl: 'https://sluice.example/webhooks/tiktok-shop',
};

export const app = tiktokShopApp.parse(registration);

export const connection: ConnectionRef = {
  connectionId: 'tiktok-shop-1',
  sellerId: '7494049642642441621',
  settings: { shopCipher: 'GCP_XF90igAAAABh00qsWgtvOiGFNqyubMt3' },
};

export const context: CallContext<typeof app> = { app, connection, accessToken: 'access-1', now: NOW };

/** An answer; anything but a string is sent as JSON. */
export function answer(body: unknown, status = 200): HttpResponse {
  return { status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** A success in TikTok Shop's form. */
export const success = (data: unknown): HttpResponse => answer({ code: 0, message: 'Success', request_id: 'R1', data });

/** A refusal in TikTok Shop's form, whose message no one may pass on. */
export const refusal = (code: number, message = 'Ada Example said no'): HttpResponse =>
  answer({ code, message, request_id: 'R1', data: null });

export const runSteps = runStepsOf(tiktokShop);
