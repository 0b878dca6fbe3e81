import type { Marketplace } from '#marketplaces/marketplace.ts';
import { type AmazonApp, amazonApp } from './app.ts';
import { auth } from './auth.ts';
import { readFailure } from './failure.ts';
import { limits } from './limits.ts';
import { orders } from './orders.ts';
import { webhook } from './webhook.ts';

/** Amazon Selling Partner API. */
export const amazon: Marketplace<AmazonApp> = {
  name: 'amazon',
  appSchema: amazonApp,
  auth,
  webhook,
  orders,
  limits,
  readFailure,
};
