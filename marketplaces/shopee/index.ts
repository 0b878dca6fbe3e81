import type { Marketplace } from '#marketplaces/marketplace.ts';
import { type ShopeeApp, shopeeApp } from './app.ts';
import { auth } from './auth.ts';
import { readFailure } from './failure.ts';
import { inventory } from './inventory.ts';
import { limits } from './limits.ts';
import { orders } from './orders.ts';
import { shipments } from './shipments.ts';
import { webhook } from './webhook.ts';

/** Shopee Open Platform, version 2: https://open.shopee.com/documents/v2 */
export const shopee: Marketplace<ShopeeApp> = {
  name: 'shopee',
  appSchema: shopeeApp,
  auth,
  webhook,
  orders,
  inventory,
  shipments,
  limits,
  readFailure,
};
