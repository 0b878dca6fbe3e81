import { z } from 'zod';
import type { Webhook } from '#marketplaces/marketplace.ts';
import type { ShopeeApp } from './app.ts';
import { digits, int64, readBody } from './body.ts';
import { appCall } from './request.ts';

/** Codes of the pushes that Sluice needs: the end of a consent, whatever changes an order, the nearing end of a consent. */
const WANTED = ['2', '3', '4', '12'];

const config = z.object({
  error: z.literal(''),
  response: z.object({
    callback_url: z.string().nullish(),
    live_push_status: z.string().nullish(),
    push_config_on_list: z.array(digits).nullish(),
    blocked_shop_id: z.array(digits).nullish(),
  }),
});
const changed = z.object({ error: z.literal('') });

/** The app has one push URL for all its shops. Shopee suspends the pushes of a URL that fails. */
export const subscribe: NonNullable<Webhook<ShopeeApp>['subscribe']> = (
  { app, connection, now },
  { callbackUrl },
  [told, set],
) => {
  if (!told) {
    return { call: appCall(app, now, { operation: 'getAppPushConfig', path: '/api/v2/push/get_app_push_config' }) };
  }
  const { callback_url, live_push_status, push_config_on_list, blocked_shop_id } = readBody(told, config).response;
  const missing = WANTED.filter((code) => !push_config_on_list?.includes(code));
  const isBlocked = blocked_shop_id?.includes(connection.sellerId);
  const isSuspended = live_push_status?.toLowerCase() === 'suspended';
  const isInOrder = callback_url === callbackUrl && missing.length === 0 && !isBlocked && !isSuspended;
  if (isInOrder) return { done: { repaired: 0 } };
  if (set) {
    readBody(set, changed);
    return { done: { repaired: 1 } };
  }
  const body = {
    callback_url: callbackUrl,
    set_push_config_on: (missing.length > 0 ? missing : WANTED).map(int64),
    ...(isBlocked && {
      blocked_shop_id_list: blocked_shop_id!.filter((shopId) => shopId !== connection.sellerId).map(int64),
    }),
  };
  const path = '/api/v2/push/set_app_push_config';
  return { call: appCall(app, now, { operation: 'setAppPushConfig', path, body }) };
};
