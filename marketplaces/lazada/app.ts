import { z } from 'zod';

const baseUrl = z.url({ protocol: /^https?$/ }).refine((url) => !url.endsWith('/'), 'must not end in a slash');

/** Lazada Open Platform, "HTTP request sample": each country has a host of its own. */
const API_URLS = {
  sg: 'https://api.lazada.sg/rest',
  my: 'https://api.lazada.com.my/rest',
  th: 'https://api.lazada.co.th/rest',
  vn: 'https://api.lazada.vn/rest',
  ph: 'https://api.lazada.com.ph/rest',
  id: 'https://api.lazada.co.id/rest',
};

/** An app in Lazada's Open Platform console. URLs have no slash at their end. */
export const lazadaApp = z.object({
  appKey: z.string().min(1),
  /** signs calls and pushes */
  appSecret: z.string().min(1),
  /** the secret that `appSecret` replaces, while pushes may still be signed with it */
  formerAppSecret: z.string().min(1).optional(),
  /** when the app secret ends, for the operator's calendar: `2027-01-31` */
  appSecretExpiresAt: z.iso.date().optional(),
  /** by country, as `country_user_info` names it */
  apiUrls: z.record(z.string().regex(/^[a-z]{2}$/), baseUrl).default(API_URLS),
  authUrl: baseUrl.default('https://auth.lazada.com/rest'),
  consentUrl: baseUrl.default('https://auth.lazada.com/oauth/authorize'),
  webhookUrl: z.url({ protocol: /^https?$/ }),
});

export type LazadaApp = z.infer<typeof lazadaApp>;
