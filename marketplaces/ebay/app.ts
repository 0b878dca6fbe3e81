import { z } from 'zod';

/** eBay's production hosts; a sandbox keyset names its own. */
const PRODUCTION_API = 'https://api.ebay.com';
const PRODUCTION_CONSENT = 'https://auth.ebay.com/oauth2/authorize';

/** A keyset registered at developer.ebay.com, with its notification endpoint. URLs have no slash at their end. */
export const ebayApp = z.object({
  /** App ID */
  clientId: z.string().min(1),
  /** Cert ID */
  clientSecret: z.string().min(1),
  /** eBay's name for the registered pair of redirect URLs; it stands where OAuth has the redirect URI */
  ruName: z.string().min(1),
  /** the developer's own token, part of the challenge hash; eBay wants 32 to 80 letters, digits, `_` and `-` */
  verificationToken: z.string().min(1),
  /** the notification endpoint, letter for letter as registered: the challenge hash covers it */
  webhookUrl: z.url(),
  /** whom eBay writes to when notifications can't be delivered; eBay takes no endpoint before it has one */
  alertEmail: z.email().optional(),
  apiUrl: z.url().default(PRODUCTION_API),
  /** where the Identity API is, if it is not where eBay has it: on `apiz.` beside `api.` */
  identityUrl: z.url().optional(),
  consentUrl: z.url().default(PRODUCTION_CONSENT),
});

export type EbayApp = z.infer<typeof ebayApp>;
