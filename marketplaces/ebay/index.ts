import type { Marketplace } from '#marketplaces/marketplace.ts';
import { type EbayApp, ebayApp } from './app.ts';
import { auth } from './auth.ts';
import { readFailure } from './failure.ts';
import { inventory } from './inventory.ts';
import { limits } from './limits.ts';
import { orders } from './orders.ts';
import { shipments } from './shipments.ts';
import { webhook } from './webhook.ts';

/** eBay's Sell APIs: orders and shipments by the Fulfillment API, stock by the Inventory API, news by the Notification API. */
export const ebay: Marketplace<EbayApp> = {
  name: 'ebay',
  appSchema: ebayApp,
  auth,
  webhook,
  orders,
  inventory,
  shipments,
  limits,
  readFailure,
};
