import type { Marketplace } from '#marketplaces/marketplace.ts';
import { type EbayApp, ebayApp } from './app.ts';
import { auth } from './auth.ts';
import { readFailure } from './failure.ts';
import { limits } from './limits.ts';
import { orders } from './orders.ts';
import { webhook } from './webhook.ts';

/** eBay's Sell APIs: orders from the Fulfillment API, notifications from the Notification API. */
export const ebay: Marketplace<EbayApp> = {
  name: 'ebay',
  appSchema: ebayApp,
  auth,
  webhook,
  orders,
  limits,
  readFailure,
};
