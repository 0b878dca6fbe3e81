import type { Call, CallResolvers } from './call.ts';
import { gid } from './ids.ts';
import { LOCATION_ADDRESS, SINCE } from './location.ts';
import { LATEST_VERSION, type Shop, VERSIONS } from './registration.ts';

export const APP = { id: gid('App', 1), name: 'Sandbox app' };

/** What a version of the API is called. */
export function apiVersion(handle: string) {
  const displayName = handle === LATEST_VERSION ? `${handle} (Latest)` : handle;
  return { handle, displayName, supported: VERSIONS.includes(handle) };
}

/** The shop itself and the app in it. */
export function shopResolvers(): CallResolvers {
  const QueryRoot: CallResolvers[string] = {
    shop: (_: never, _args, { shop }: Call) => renderShop(shop),
    currentAppInstallation: (_: never, _args, { shop, scopes }: Call) => ({
      id: gid('AppInstallation', shop.id),
      app: APP,
      accessScopes: scopes.map((handle) => ({ handle, description: handle.replaceAll('_', ' ') })),
      launchUrl: `https://${shop.sellerId}/admin/apps/sandbox-app`,
      uninstallUrl: null,
    }),
    publicApiVersions: () => VERSIONS.map(apiVersion),
  };
  return { QueryRoot };
}

function renderShop({ id, sellerId, name, currency }: Shop) {
  const url = `https://${sellerId}`;
  return {
    id: gid('Shop', id),
    name,
    description: null,
    email: `owner@${sellerId}`,
    contactEmail: `owner@${sellerId}`,
    myshopifyDomain: sellerId,
    primaryDomain: { id: gid('Domain', id), host: sellerId, url, sslEnabled: true },
    url,
    shopOwnerName: 'Sandbox owner',
    currencyCode: currency,
    enabledPresentmentCurrencies: [currency],
    ianaTimezone: 'Etc/UTC',
    timezoneAbbreviation: 'UTC',
    timezoneOffset: '+0000',
    timezoneOffsetMinutes: 0,
    unitSystem: 'METRIC_SYSTEM',
    weightUnit: 'KILOGRAMS',
    taxesIncluded: true,
    taxShipping: false,
    setupRequired: false,
    orderNumberFormatPrefix: '#',
    orderNumberFormatSuffix: '',
    plan: {
      displayName: 'Developer Preview',
      publicDisplayName: 'Development',
      partnerDevelopment: true,
      shopifyPlus: false,
    },
    shopAddress: {
      ...LOCATION_ADDRESS,
      id: gid('ShopAddress', id),
      name: null,
      firstName: null,
      lastName: null,
      company: name,
      countryCodeV2: LOCATION_ADDRESS.countryCode,
      formattedArea: `${LOCATION_ADDRESS.city}, ${LOCATION_ADDRESS.country}`,
      latitude: null,
      longitude: null,
    },
    createdAt: SINCE,
    updatedAt: SINCE,
  };
}
