import { z } from 'zod';

const API = 'https://marketplace.walmartapis.com';

const baseUrl = z.url({ protocol: /^https?$/ }).refine((url) => !url.endsWith('/'), 'must not end in a slash');

/**
 * A registration at developer.walmart.com: a Solution Provider's app, to which sellers consent, or a seller's own keys.
 * URLs have no slash at their end.
 */
export const walmartApp = z.object({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  /** when the client secret ends, for the operator's calendar: `2027-01-31` */
  clientSecretExpiresAt: z.iso.date().optional(),
  /** made up by the operator; `subscribe` tells it to Walmart, which signs notifications with it */
  webhookSecret: z.string().min(1),
  /** the secret that `webhookSecret` replaces, while subscriptions may still sign with it */
  formerWebhookSecret: z.string().min(1).optional(),
  /** set for a seller's own keys: this seller's tokens need no consent and no refresh token */
  partnerId: z.string().min(1).optional(),
  apiUrl: baseUrl.default(API),
  tokenUrl: baseUrl.default(`${API}/v3/token`),
  consentUrl: baseUrl.default('https://login.account.wal-mart.com/authorize'),
  webhookUrl: z.url({ protocol: /^https?$/ }),
  /** the only market whose API has these shapes and webhooks */
  market: z.literal('us').default('us'),
});

export type WalmartApp = z.infer<typeof walmartApp>;
