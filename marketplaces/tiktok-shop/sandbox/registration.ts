import type { SandboxOptions, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';

/** The developer's app at the simulated TikTok Shop: fixed, so that anyone can sign for it. */
export const APP_KEY = '6sandbox29a39d';
export const APP_SECRET = 'sandbox-tiktok-shop-app-secret-0001';
/** names the app on the consent page, where it goes by another id than in calls */
export const SERVICE_ID = '7400000000000000001';

/** Where a seller consents; TikTok Shop has it on a host of its own. */
export const CONSENT_PATH = '/open/authorize';

const FIRST_SHOP_ID = 7_494_049_642_642_440_001n;

/**
 * Two markets that differ in how an order is shipped: in `GB` the seller puts its units into packages and names each
 * one's tracking number, in `SG` every order has its one package from the start.
 */
const REGIONS = ['GB', 'SG'] as const;

export type Shop = SandboxSeller & {
  name: string;
  region: (typeof REGIONS)[number];
  cipher: string;
  code: string;
  openId: string;
};

/**
 * The simulated shops, ids from 7494049642642440001 upwards, each the only one of its seller. Each seller has consented
 * already: its first refresh token is `sandbox-refresh-tiktok-shop-<n>`, n from 1, good for one refresh.
 */
export function createShops(count: number): Shop[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(4, '0');
    const region = REGIONS[index % REGIONS.length]!;
    const cipher = `ROW_SandboxAAAAAAAAAAAAAAAAAAAAA${number}`;
    return {
      sellerId: String(FIRST_SHOP_ID + BigInt(index)),
      refreshToken: `sandbox-refresh-tiktok-shop-${index + 1}`,
      settings: { shopCipher: cipher },
      name: `Sandbox shop ${index + 1}`,
      region,
      cipher,
      code: `${region}LCSANDBX${number}`,
      openId: `7010736057180325sandbox${number}`,
    };
  });
}

/** The registration in the shape that the connector's app schema takes. */
export function createRegistration(options: SandboxOptions): Record<string, unknown> {
  return {
    appKey: APP_KEY,
    appSecret: APP_SECRET,
    serviceId: SERVICE_ID,
    apiUrl: options.publicUrl,
    authUrl: options.publicUrl,
    consentUrl: options.publicUrl + CONSENT_PATH,
    webhookUrl: options.webhookUrl,
  };
}
