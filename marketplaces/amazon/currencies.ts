/** ISO 4217's code for "no currency" */
const NO_CURRENCY = 'XXX';

/** Currency of each marketplace, https://developer-docs.amazon.com/sp-api/docs/marketplace-ids */
const currencies: ReadonlyMap<string, string> = new Map([
  ['A2EUQ1WTGCTBG2', 'CAD'],
  ['ATVPDKIKX0DER', 'USD'],
  ['A1AM78C64UM0Y8', 'MXN'],
  ['A2Q3Y263D00KWC', 'BRL'],
  ['A28R8C7NBKEWEA', 'EUR'], // Ireland
  ['A1RKKUPIHCS9HS', 'EUR'], // Spain
  ['A1F83G8C2ARO7P', 'GBP'],
  ['A13V1IB3VIYZZH', 'EUR'], // France
  ['AMEN7PMS3EDWL', 'EUR'], // Belgium
  ['A1805IZSGTT6HS', 'EUR'], // Netherlands
  ['A1PA6795UKMFR9', 'EUR'], // Germany
  ['APJ6JRA9NG5V4', 'EUR'], // Italy
  ['A2NODRKZP88ZB9', 'SEK'],
  ['AE08WJ6YKNBMC', 'ZAR'],
  ['A1C3SOZRARQ6R3', 'PLN'],
  ['ARBP9OOSHTCHU', 'EGP'],
  ['A33AVAJ2PDY3EV', 'TRY'],
  ['A17E79C6D8DWNP', 'SAR'],
  ['A2VIGQ35RCS4UG', 'AED'],
  ['A21TJRUUN4KGV', 'INR'],
  ['A19VAU5U5O7RUS', 'SGD'],
  ['A39IBJ37TRP1C6', 'AUD'],
  ['A1VC38T7YXB528', 'JPY'],
]);

/** The currency of an order that carries no money yet. */
export function currencyOf(marketplaceId: string | null | undefined): string {
  return currencies.get(marketplaceId ?? '') ?? NO_CURRENCY;
}
