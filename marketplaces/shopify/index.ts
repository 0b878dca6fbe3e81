import type { Marketplace } from '#marketplaces/marketplace.ts';
import { type ShopifyApp, shopifyApp } from './app.ts';
import { auth } from './auth.ts';
import { readFailure } from './failure.ts';
import { inventory } from './inventory.ts';
import { limits } from './limits.ts';
import { orders } from './orders.ts';
import { shipments } from './shipments.ts';
import { webhook } from './webhook.ts';

/** Shopify, GraphQL Admin API: https://shopify.dev/docs/api/admin-graphql. A seller is a shop. */
export const shopify: Marketplace<ShopifyApp> = {
  name: 'shopify',
  appSchema: shopifyApp,
  auth,
  webhook,
  orders,
  inventory,
  shipments,
  limits,
  readFailure,
};
