import { z } from 'zod';

/** Where sellers of each site consent; developers.mercadolibre.com, Authentication and authorization */
export const CONSENT_URLS = {
  MLA: 'https://auth.mercadolibre.com.ar/authorization',
  MLB: 'https://auth.mercadolivre.com.br/authorization',
  MLC: 'https://auth.mercadolibre.cl/authorization',
  MLM: 'https://auth.mercadolibre.com.mx/authorization',
  MLU: 'https://auth.mercadolibre.com.uy/authorization',
  MCO: 'https://auth.mercadolibre.com.co/authorization',
  MPE: 'https://auth.mercadolibre.com.pe/authorization',
} as const;

export type Site = keyof typeof CONSENT_URLS;

/** the place of the number in `trackingUrlTemplate` */
export const TRACKING_NUMBER = '{trackingNumber}';

const baseUrl = z.url({ protocol: /^https?$/ }).refine((url) => !url.endsWith('/'), 'must not end in a slash');

/** An application of Mercado Libre's developer centre. URLs have no slash at their end. */
export const mercadolibreApp = z.object({
  /** the application's id, which notifications name */
  clientId: z.string().regex(/^\d{1,20}$/),
  clientSecret: z.string().min(1),
  /** when the client secret ends, for the operator's calendar: `2027-01-31` */
  clientSecretExpiresAt: z.iso.date().optional(),
  site: z.enum(Object.keys(CONSENT_URLS) as [Site, ...Site[]]).default('MLB'),
  /** one host for every site; there is no test host, but there are test users */
  apiUrl: baseUrl.default('https://api.mercadolibre.com'),
  /** the site's own where it is not given */
  consentUrl: baseUrl.optional(),
  /**
   * The callback URL for notifications. They are not signed, so give it a secret query, `?key=<32 random characters>`:
   * a notification that lacks it is refused.
   */
  webhookUrl: z.url({ protocol: /^https?$/ }),
  /**
   * Where a buyer follows a parcel of the seller's own carrier: Mercado Libre takes no tracking number without it. The
   * default is a page that knows the numbers of most carriers.
   */
  trackingUrlTemplate: z
    .url({ protocol: /^https?$/ })
    .refine((url) => url.includes(TRACKING_NUMBER), `must hold ${TRACKING_NUMBER}`)
    .default(`https://www.17track.net/en/track?nums=${TRACKING_NUMBER}`),
});

export type MercadolibreApp = z.infer<typeof mercadolibreApp>;
