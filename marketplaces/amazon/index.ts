import type { Marketplace } from '#marketplaces/marketplace.ts';
import { type AmazonApp, amazonApp } from './app.ts';
import { auth } from './auth.ts';
import { readFailure } from './failure.ts';
import { inventory } from './inventory.ts';
import { limits } from './limits.ts';
import { orders } from './orders.ts';
import { shipments } from './shipments.ts';
import { webhook } from './webhook.ts';

/** Amazon Selling Partner API. */
export const amazon: Marketplace<AmazonApp> = {
  name: 'amazon',
  appSchema: amazonApp,
  auth,
  webhook,
  orders,
  inventory,
  shipments,
  limits,
  readFailure,
};
