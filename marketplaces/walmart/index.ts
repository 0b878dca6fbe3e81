import type { Marketplace } from '#marketplaces/marketplace.ts';
import { type WalmartApp, walmartApp } from './app.ts';
import { auth } from './auth.ts';
import { readFailure } from './failure.ts';
import { inventory } from './inventory.ts';
import { limits } from './limits.ts';
import { orders } from './orders.ts';
import { shipments } from './shipments.ts';
import { webhook } from './webhook.ts';

/** Walmart Marketplace API of the United States. */
export const walmart: Marketplace<WalmartApp> = {
  name: 'walmart',
  appSchema: walmartApp,
  auth,
  webhook,
  orders,
  inventory,
  shipments,
  limits,
  readFailure,
};
