import { z } from 'zod';
import type { Webhook } from '#marketplaces/marketplace.ts';
import { readData } from './answer.ts';
import type { TikTokShopApp } from './app.ts';
import { shopCall } from './request.ts';

const PATH = '/event/202309/webhooks';

/** What Sluice needs to hear of: whatever changes an order, and the end of a consent. */
const WANTED = [
  'ORDER_STATUS_CHANGE',
  'RECIPIENT_ADDRESS_UPDATE',
  'PACKAGE_UPDATE',
  'CANCELLATION_STATUS_CHANGE',
  'RETURN_STATUS_CHANGE',
  'SELLER_DEAUTHORIZATION',
  'UPCOMING_AUTHORIZATION_EXPIRATION',
];

const webhooks = z.object({
  webhooks: z.array(z.object({ event_type: z.string(), address: z.string().nullish() })).nullish(),
});
const anyObject = z.looseObject({}).nullish();

/** A shop has one address for each event: those that go elsewhere, or nowhere, are pointed to `callbackUrl`. */
export const subscribe: NonNullable<Webhook<TikTokShopApp>['subscribe']> = (context, { callbackUrl }, answers) => {
  const [listed, ...repaired] = answers;
  if (!listed) return { call: shopCall(context, 'getWebhooks', { method: 'GET', path: PATH }) };
  const known = readData(listed, webhooks).webhooks ?? [];
  const inOrder = known.filter(({ address }) => address === callbackUrl).map(({ event_type }) => event_type);
  const missing = WANTED.filter((event) => !inOrder.includes(event));
  for (const answer of repaired) readData(answer, anyObject);
  const next = missing[repaired.length];
  if (next === undefined) return { done: { repaired: missing.length } };
  const body = { address: callbackUrl, event_type: next };
  return { call: shopCall(context, 'updateWebhook', { method: 'PUT', path: PATH, body }) };
};
