import type { Source } from '#marketplaces/marketplace.ts';
import { type StandardWebhooksApp, standardWebhooksApp } from './app.ts';
import { webhook } from './webhook.ts';

/** Any sender of Standard Webhooks, a source of events only: it has no sellers who consent, no orders and no limits. */
export const standardWebhooks: Source<StandardWebhooksApp> = {
  name: 'standard-webhooks',
  appSchema: standardWebhooksApp,
  webhook,
};
