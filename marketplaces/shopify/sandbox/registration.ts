import type { SandboxOptions, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';

/** The developer's app at the simulated Shopify: fixed, so that anyone can sign for it. */
export const API_KEY = '5a7db0c50b0ef0000000000000000001';
export const API_SECRET = 'shpss_5a7db0c5ec2e70000000000000000001';

/** the newest version, and the one that webhooks are written in [Shopify developer changelog, October 2026] */
export const LATEST_VERSION = '2026-10';
/** still served, oldest first: at least a year each [Shopify, API versioning] */
export const VERSIONS = ['2026-01', '2026-04', '2026-07', LATEST_VERSION];

/** What the app asks of a shop, and what the shops here have granted. Without `read_all_orders`, as any new app. */
export const SCOPES = [
  'read_orders',
  'read_customers',
  'read_products',
  'read_locations',
  'write_inventory',
  'write_merchant_managed_fulfillment_orders',
];

const DOMAIN = '.myshopify.com';
const FIRST_SHOP_ID = 68_000_000_001;

export type Shop = SandboxSeller & { id: number; name: string; currency: string };

/**
 * The simulated shops, `sandbox-shop-<n>.myshopify.com`, n from 1. Each has installed the app already: its first refresh
 * token is `sandbox-refresh-shopify-<n>`.
 */
export function createShops(count: number): Shop[] {
  return Array.from({ length: count }, (_, index) => ({
    sellerId: `sandbox-shop-${index + 1}${DOMAIN}`,
    refreshToken: `sandbox-refresh-shopify-${index + 1}`,
    settings: {},
    id: FIRST_SHOP_ID + index,
    name: `Sandbox shop ${index + 1}`,
    currency: 'GBP',
  }));
}

/** The shop of a host name; `.myshopify.com` may be left out. */
export function findShop(shops: readonly Shop[], host: string): Shop | undefined {
  const domain = host.toLowerCase().replace(/:\d+$/, '');
  return shops.find(({ sellerId }) => sellerId === domain || sellerId === domain + DOMAIN);
}

/** The registration in the shape that the connector's app schema takes. */
export function createRegistration(options: SandboxOptions): Record<string, unknown> {
  return {
    apiKey: API_KEY,
    apiSecret: API_SECRET,
    scopes: SCOPES.join(','),
    apiVersion: LATEST_VERSION,
    shopUrlTemplate: `${options.publicUrl}/{shop}`,
    webhookUrl: options.webhookUrl,
  };
}
