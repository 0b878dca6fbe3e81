import { z } from 'zod';

const baseUrl = z.url({ protocol: /^https?$/ }).refine((url) => !url.endsWith('/'), 'must not end in a slash');

/** An app in TikTok Shop's Partner Center. URLs have no slash at their end. */
export const tiktokShopApp = z.object({
  appKey: z.string().min(1),
  /** signs calls and webhooks */
  appSecret: z.string().min(1),
  /** the secret that `appSecret` replaces, while webhooks may still be signed with it */
  formerAppSecret: z.string().min(1).optional(),
  /** when the app secret ends, for the operator's calendar: `2027-01-31` */
  appSecretExpiresAt: z.iso.date().optional(),
  /** names the app on the consent page */
  serviceId: z.string().min(1),
  /** one host for the shops of every market; test shops are on it too */
  apiUrl: baseUrl.default('https://open-api.tiktokglobalshop.com'),
  authUrl: baseUrl.default('https://auth.tiktok-shops.com'),
  /** for sellers of the United States `https://services.us.tiktokshop.com/open/authorize` */
  consentUrl: baseUrl.default('https://services.tiktokshop.com/open/authorize'),
  webhookUrl: z.url({ protocol: /^https?$/ }),
});

export type TikTokShopApp = z.infer<typeof tiktokShopApp>;
