import { limits as amazon } from '#marketplaces/amazon/limits.ts';
import { limits as ebay } from '#marketplaces/ebay/limits.ts';
import { limits as lazada } from '#marketplaces/lazada/limits.ts';
import type { Limit, Limits } from '#marketplaces/marketplace.ts';
import { limits as shopee } from '#marketplaces/shopee/limits.ts';
import { limits as tiktokShop } from '#marketplaces/tiktok-shop/limits.ts';
import { limits as walmart } from '#marketplaces/walmart/limits.ts';

type Shape = Pick<Limit, 'ratePerSecond' | 'burst' | 'source'> & { cost?: number };

/** One limit, or one pair of limits that a call is counted against at once. */
export type Row = {
  limit: string;
  /** each seller's own bucket, and the one that they share; at least one of them */
  own?: Shape;
  shared?: Shape;
  sellers: number;
};

/** equal sellers, all of them saturating */
const SELLERS = 4;
/** where each has a bucket of its own that is faster than this, two: there is nothing to share, and a day is long, calls/s */
const FAST_PER_SECOND = 4;
const sellersOf = ({ ratePerSecond, cost = 1 }: Shape): number =>
  ratePerSecond / cost > FAST_PER_SECOND ? 2 : SELLERS;

/** Calls of which each has a shape that no other of its marketplace has. */
const ROWS: Row[] = [
  ...ofMarketplace('amazon', amazon, ['searchOrders', 'getOrder', 'refreshToken']),
  ...[
    { ratePerSecond: 10, burst: 10 },
    { ratePerSecond: 5, burst: 5 },
    { ratePerSecond: 2, burst: 10 },
    { ratePerSecond: 1, burst: 5 },
    { ratePerSecond: 0.0167, burst: 15 },
    { ratePerSecond: 0.0167, burst: 1 },
    { ratePerSecond: 0.0083, burst: 15 },
  ].map((shape) => ofSeller('amazon', shape, 'usage plans of the Selling Partner API models')),
  ...ofMarketplace('ebay', ebay, ['getOrders', 'getPublicKey', 'appToken', 'refreshToken']),
  ...ofMarketplace('walmart', walmart, [
    'getOrders',
    'updateInventory',
    'shipOrder',
    'listSubscriptions',
    'updateSubscription',
    'exchangeCode',
  ]),
  ...ofMarketplace('tiktok-shop', tiktokShop, ['searchOrders', 'refreshToken']),
  ...ofMarketplace('lazada', lazada, ['getOrders', 'updateStock', 'refreshToken']),
  ...ofMarketplace('shopee', shopee, ['refreshToken']),
  { ...pair('shopee', shopee, 'getOrder'), limit: 'shopee shop+app, 4 shops', sellers: 4 },
  { ...pair('shopee', shopee, 'getOrder'), limit: 'shopee shop+app, 8 shops', sellers: 8 },
  {
    limit: 'shopify points',
    ...ofSellers({
      ratePerSecond: 100,
      burst: 2_000,
      cost: 10,
      source:
        'shopify.dev, API limits: 100 points a second for an app and store, at most 2,000; 10 for a query of orders',
    }),
  },
  {
    limit: 'mercadolibre seller',
    ...ofSellers({
      ratePerSecond: 22.5,
      burst: 150,
      source:
        'developers.mercadolibre.com: 1,500 a minute for a seller; a tenth of it at once, so that no minute has more',
    }),
  },
  {
    limit: 'tight 10/2',
    ...ofSellers({
      ratePerSecond: 10,
      burst: 2,
      source: 'made up: a burst that does not cover the spread of arrivals',
    }),
  },
];

export const rows: readonly Row[] = ROWS;

function ofMarketplace(name: string, limits: Limits, operations: readonly string[]): Row[] {
  return operations.map((operation) => pair(name, limits, operation));
}

/** The limits of an operation: at most one that sellers share, and one of their own. */
function pair(name: string, limits: Limits, operation: string): Row {
  const all = limits.forOperation(operation);
  const shared = strictest(all.filter(({ scope }) => scope === 'app'));
  const own = strictest(all.filter(({ scope }) => scope !== 'app'));
  return {
    limit: `${name} ${operation}`,
    ...(own && { own }),
    ...(shared && { shared }),
    sellers: shared || !own ? SELLERS : sellersOf(own),
  };
}

function strictest(limits: readonly Limit[]): Limit | undefined {
  return limits.toSorted((a, b) => a.ratePerSecond - b.ratePerSecond)[0];
}

function ofSeller(name: string, shape: Omit<Shape, 'source'>, source: string): Row {
  return { limit: `${name} ${shape.ratePerSecond}/${shape.burst}`, ...ofSellers({ ...shape, source }) };
}

function ofSellers(own: Shape): Pick<Row, 'own' | 'sellers'> {
  return { own, sellers: sellersOf(own) };
}
