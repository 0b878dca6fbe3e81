import type { SandboxOptions, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';

/** The one solution provider of this sandbox: made up, fixed, and good for nothing else. */
export const CLIENT_ID = '5a7e1c00-0000-4000-8000-000000000001';
export const CLIENT_SECRET = 'sandbox-walmart-client-secret-0001';
/** signs the notifications of the subscriptions that are there from the start */
export const WEBHOOK_SECRET = 'sandbox-walmart-webhook-secret-0001';

/** Where a seller consents; Walmart has it on a host of its own. */
export const CONSENT_PATH = '/authorize';
export const TOKEN_PATH = '/v3/token';

/** eleven digits, as in the published examples of partnerId */
const FIRST_PARTNER_ID = 10_001_000_001;

/**
 * The simulated sellers, partner ids from 10001000001 upwards. Each has consented already: its refresh token is
 * `sandbox-refresh-walmart-<n>`, n from 1.
 */
export function createSellers(count: number): SandboxSeller[] {
  return Array.from({ length: count }, (_, index) => ({
    sellerId: String(FIRST_PARTNER_ID + index),
    refreshToken: `sandbox-refresh-walmart-${index + 1}`,
    settings: {},
  }));
}

/** The registration in the shape that the connector's app schema takes. */
export function createRegistration(options: SandboxOptions): Record<string, unknown> {
  return {
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    webhookSecret: WEBHOOK_SECRET,
    apiUrl: options.publicUrl,
    tokenUrl: options.publicUrl + TOKEN_PATH,
    consentUrl: options.publicUrl + CONSENT_PATH,
    webhookUrl: options.webhookUrl,
    market: 'us',
  };
}
