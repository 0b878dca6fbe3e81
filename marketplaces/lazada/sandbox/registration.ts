import type { SandboxOptions, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';

/** The developer's app at the simulated Lazada: fixed, so that anyone can sign for it. */
export const APP_KEY = '100132';
export const APP_SECRET = 'sandbox-lazada-app-secret-0001';

/** Where a seller consents; Lazada has it on a host of its own. */
export const CONSENT_PATH = '/oauth/authorize';
/** What all API and token paths begin with; it is not signed. */
export const REST_PATH = '/rest';

/** the country that every simulated seller sells in */
export const COUNTRY = 'sg';
/** the countries of Lazada, each with an API host of its own; here they share one */
const COUNTRIES = ['sg', 'my', 'th', 'vn', 'ph', 'id'];

const FIRST_SELLER_ID = 100_700_001;

/**
 * The simulated sellers, ids from 100700001 upwards. Each has consented already: its first refresh token is
 * `sandbox-refresh-lazada-<n>`, n from 1, good for one refresh.
 */
export function createSellers(count: number): SandboxSeller[] {
  return Array.from({ length: count }, (_, index) => ({
    sellerId: String(FIRST_SELLER_ID + index),
    refreshToken: `sandbox-refresh-lazada-${index + 1}`,
    settings: { country: COUNTRY },
  }));
}

/** The seller's code in Seller Center, as in `SG10XF3`. */
export function shortCode(sellerId: string): string {
  return `${COUNTRY.toUpperCase()}${Number(sellerId).toString(36).toUpperCase()}`;
}

/** The registration in the shape that the connector's app schema takes. */
export function createRegistration(options: SandboxOptions): Record<string, unknown> {
  const restUrl = options.publicUrl + REST_PATH;
  return {
    appKey: APP_KEY,
    appSecret: APP_SECRET,
    apiUrls: Object.fromEntries(COUNTRIES.map((country) => [country, restUrl])),
    authUrl: restUrl,
    consentUrl: options.publicUrl + CONSENT_PATH,
    webhookUrl: options.webhookUrl,
  };
}
