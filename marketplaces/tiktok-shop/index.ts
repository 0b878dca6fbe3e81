import type { Marketplace } from '#marketplaces/marketplace.ts';
import { type TikTokShopApp, tiktokShopApp } from './app.ts';
import { auth } from './auth.ts';
import { readFailure } from './failure.ts';
import { inventory } from './inventory.ts';
import { limits } from './limits.ts';
import { orders } from './orders.ts';
import { shipments } from './shipments.ts';
import { webhook } from './webhook.ts';

/** TikTok Shop Open API, version 202309: https://partner.tiktokshop.com/docv2 */
export const tiktokShop: Marketplace<TikTokShopApp> = {
  name: 'tiktok-shop',
  appSchema: tiktokShopApp,
  auth,
  webhook,
  orders,
  inventory,
  shipments,
  limits,
  readFailure,
};
