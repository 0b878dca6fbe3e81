import type { Marketplace } from '#marketplaces/marketplace.ts';
import { type ShopeeApp, shopeeApp } from './app.ts';
import { auth } from './auth.ts';
import { readFailure } from './failure.ts';
import { limits } from './limits.ts';
import { orders } from './orders.ts';
import { webhook } from './webhook.ts';

/** Shopee Open Platform, version 2: https://open.shopee.com/documents/v2 */
export const shopee: Marketplace<ShopeeApp> = {
  name: 'shopee',
  appSchema: shopeeApp,
  auth,
  webhook,
  orders,
  limits,
  readFailure,
};
