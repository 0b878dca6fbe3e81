import { z } from 'zod';

/** what Sluice needs to read orders, to set stock and to confirm shipments */
const SCOPES = [
  'read_orders',
  'read_merchant_managed_fulfillment_orders',
  'write_merchant_managed_fulfillment_orders',
  'read_inventory',
  'write_inventory',
];

/** Stock is set in the form that this version made a duty: `changeFromQuantity` and `@idempotent`. */
const OLDEST_VERSION = '2026-04';

/** `.myshopify.com` and not the shop's own domain: it is what a shop never loses. */
export const shopDomain = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9-]{0,62}\.myshopify\.com$/);

const scopes = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(','))])
  .pipe(z.array(z.string().regex(/^[a-z_]+$/)).min(1));

/** An app in Shopify's Dev Dashboard. */
export const shopifyApp = z.object({
  /** client id */
  apiKey: z.string().min(1),
  /** client secret; it signs webhooks and callbacks too */
  apiSecret: z.string().min(1),
  /** the secret that `apiSecret` replaces, while Shopify may still sign with it: up to an hour */
  formerApiSecret: z.string().min(1).optional(),
  /** when the client secret is to be replaced, for the operator's calendar: `2027-01-31` */
  apiSecretExpiresAt: z.iso.date().optional(),
  /** as a list, or as in the app's own configuration: `read_orders,write_inventory` */
  scopes: scopes.default(SCOPES),
  apiVersion: z
    .string()
    .regex(/^\d{4}-(01|04|07|10)$/)
    .refine((version) => version >= OLDEST_VERSION, `must be ${OLDEST_VERSION} or later`)
    .default('2026-10'),
  /** where a shop's API is; `{shop}` stands for its domain */
  shopUrlTemplate: z
    .string()
    .regex(/^https?:\/\/[^?#]*\{shop\}[^?#]*(?<!\/)$/, 'must hold {shop} and not end in a slash')
    .default('https://{shop}'),
  webhookUrl: z.url({ protocol: /^https?$/ }),
});

export type ShopifyApp = z.infer<typeof shopifyApp>;
