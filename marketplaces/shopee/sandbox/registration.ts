import type { SandboxOptions } from '#marketplaces/sandbox-kit/sandbox.ts';

/** The developer's app at the simulated Shopee: fixed, so that anyone can sign for it. */
export const PARTNER_ID = 2001887;
export const PARTNER_KEY = 'test_partner_key_0123456789abcdef';
/** signs pushes; separate from the partner key since 2025-02-28 (Shopee announcement 1089) */
export const PUSH_PARTNER_KEY = 'test_push_partner_key_0123456789';

/** Where a seller consents; the one signed path that a browser opens. */
export const CONSENT_PATH = '/api/v2/shop/auth_partner';

/** The newer consent link, which Shopee has on a host of its own. */
export const NEW_CONSENT_PATH = '/auth';

/** the main account of all simulated shops */
export const MAIN_ACCOUNT_ID = 6_100_001;

const FIRST_SHOP_ID = 14701711;

/**
 * The simulated shops, ids from 14701711 upwards. Each has consented already: its first refresh token is
 * `sandbox-refresh-shopee-<n>`, n from 1, good for one refresh, as every Shopee refresh token.
 */
export function createShops(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    sellerId: String(FIRST_SHOP_ID + index),
    refreshToken: `sandbox-refresh-shopee-${index + 1}`,
    settings: {},
  }));
}

/** The registration in the shape that the connector's app schema takes. */
export function createRegistration(options: SandboxOptions): Record<string, unknown> {
  return {
    partnerId: String(PARTNER_ID),
    partnerKey: PARTNER_KEY,
    pushPartnerKeys: [PUSH_PARTNER_KEY],
    webhookUrl: options.webhookUrl,
    apiUrl: options.publicUrl,
    consentUrl: options.publicUrl + CONSENT_PATH,
    pushSignature: 'url-and-body',
  };
}
