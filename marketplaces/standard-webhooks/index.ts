import type { Source } from '#marketplaces/marketplace.ts';
import { type StandardWebhooksApp, standardWebhooksApp } from './app.ts';
import { webhook } from './webhook.ts';

/**
 * Any sender of Standard Webhooks, such as a system of the seller's own: it has no sellers who consent, no orders and no
 * limits. Its messages are hints which orders of a connection to read.
 */
export const standardWebhooks: Source<StandardWebhooksApp> = {
  name: 'standard-webhooks',
  appSchema: standardWebhooksApp,
  webhook,
};
