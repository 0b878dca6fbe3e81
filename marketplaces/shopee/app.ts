import { z } from 'zod';

const HOST = 'https://partner.shopeemobile.com';

/** Most digits of an id that a JSON number carries exactly: Number.MAX_SAFE_INTEGER has 16. */
export const accountId = z.string().regex(/^[1-9]\d{0,14}$/);

const baseUrl = z.url().refine((url) => !url.endsWith('/'), 'must not end in a slash');

/** The developer's app in Shopee's Open Platform console. */
export const shopeeApp = z.object({
  partnerId: accountId,
  /** signs API calls; used whole, a `shpk…` prefix included */
  partnerKey: z.string().min(1),
  /** when the partner key ends, for the operator's calendar: `2027-01-31` */
  partnerKeyExpiresAt: z.iso.date().optional(),
  /** the key that `partnerKey` replaces, while pushes may still be signed with it (see `pushSignature`) */
  formerPartnerKey: z.string().min(1).optional(),
  /** sign the pushes; two of them while one replaces the other */
  pushPartnerKeys: z.array(z.string().min(1)).min(1),
  /** the push URL exactly as saved in the console: it is part of what a push's signature covers */
  webhookUrl: z.url(),
  /** the same shops of every region answer on every production host */
  apiUrl: baseUrl.default(HOST),
  consentUrl: baseUrl.default(`${HOST}/api/v2/shop/auth_partner`),
  /**
   * `url-and-body`: what Shopee documents. `any`: also signatures over the body alone and by the partner key, which
   * developers have seen on apps older than the push keys of February 2025.
   */
  pushSignature: z.enum(['url-and-body', 'any']).default('url-and-body'),
});

export type ShopeeApp = z.infer<typeof shopeeApp>;
