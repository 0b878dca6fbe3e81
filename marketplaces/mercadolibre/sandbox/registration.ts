import type { SandboxOptions, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';

/** The one application of this sandbox: made up, fixed, and good for nothing else. */
export const CLIENT_ID = '5503910054000001';
export const CLIENT_SECRET = 'sandbox-mercadolibre-client-secret-0001';

export const SITE_ID = 'MLB';

/** Where a seller consents; Mercado Libre has it on a host of its own in each country. */
export const CONSENT_PATH = '/authorization';

/** nine digits, as in the published examples of user_id */
const FIRST_USER_ID = 468_424_001;

/**
 * The simulated sellers, user ids from 468424001 upwards, all of Brazil. Each has consented already: its refresh token
 * is `sandbox-refresh-mercadolibre-<n>`, n from 1, good for one refresh.
 */
export function createSellers(count: number): SandboxSeller[] {
  return Array.from({ length: count }, (_, index) => ({
    sellerId: String(FIRST_USER_ID + index),
    refreshToken: `sandbox-refresh-mercadolibre-${index + 1}`,
    settings: { siteId: SITE_ID },
  }));
}

/** The registration in the shape that the connector's app schema takes. */
export function createRegistration(options: SandboxOptions): Record<string, unknown> {
  return {
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    site: SITE_ID,
    apiUrl: options.publicUrl,
    consentUrl: options.publicUrl + CONSENT_PATH,
    webhookUrl: options.webhookUrl,
  };
}
