import type { Hono } from 'hono';
import type { Gateway } from './gateway.ts';
import { MARKETPLACE_ID, MARKETPLACE_NAME } from './render-order.ts';

/** usage plan in SP-API model sellers */
const PARTICIPATIONS = {
  name: 'getMarketplaceParticipations',
  ratePerSecond: 0.016,
  burst: 15,
  token: 'seller',
} as const;

const HOME = {
  id: MARKETPLACE_ID,
  name: MARKETPLACE_NAME,
  countryCode: 'GB',
  defaultCurrencyCode: 'GBP',
  defaultLanguageCode: 'en_GB',
  domainName: 'www.amazon.co.uk',
};

/** A European account names the other marketplaces too, where it does not sell. */
const ABROAD = {
  id: 'A1PA6795UKMFR9',
  name: 'Amazon.de',
  countryCode: 'DE',
  defaultCurrencyCode: 'EUR',
  defaultLanguageCode: 'de_DE',
  domainName: 'www.amazon.de',
};

/** The Sellers API, version 1: where a seller may list, and does. */
export function addParticipations(app: Hono, gateway: Gateway): void {
  app.get(
    '/sellers/v1/marketplaceParticipations',
    gateway.operation(PARTICIPATIONS, (c, sellerId) =>
      c.json({
        payload: [HOME, ABROAD].map((marketplace) => ({
          marketplace,
          storeName: `Store of ${sellerId}`,
          participation: { isParticipating: marketplace === HOME, hasSuspendedListings: false },
        })),
      }),
    ),
  );
}
