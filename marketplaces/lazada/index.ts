import type { Marketplace } from '#marketplaces/marketplace.ts';
import { type LazadaApp, lazadaApp } from './app.ts';
import { auth } from './auth.ts';
import { readFailure } from './failure.ts';
import { inventory } from './inventory.ts';
import { limits } from './limits.ts';
import { orders } from './orders.ts';
import { shipments } from './shipments.ts';
import { webhook } from './webhook.ts';

/** Lazada Open Platform: https://open.lazada.com/apps/doc/api */
export const lazada: Marketplace<LazadaApp> = {
  name: 'lazada',
  appSchema: lazadaApp,
  auth,
  webhook,
  orders,
  inventory,
  shipments,
  limits,
  readFailure,
};
