import type { Hono } from 'hono';
import type { BookListing, Books } from '#marketplaces/sandbox-kit/books.ts';
import { type Answers, businessError, missingParameter, type Refusal } from './answers.ts';
import type { Env, Gateway } from './gateway.ts';
import { childrenOf, type Element, parseXml, textOf } from './xml.ts';

/** most SKUs of one call; 20 are advised [Lazada Open Platform guide, inventory management API] */
const MAX_SKUS = 50;
/** the one warehouse of every seller here */
const WAREHOUSE = 'dropshipping';

const TOO_MANY_SKUS = businessError(204, 'Too many SKU in one request');

/** What is wrong with one SKU. */
type Wrong = { field: string; message: string };

/** What an API makes of the quantity in its field: the new stock, or what is wrong. */
type StockApi = {
  path: string;
  methods: string[];
  field: string;
  newStock(listing: BookListing, quantity: number): number | Wrong;
  /** whether a SKU may come without a quantity, as where its price can be set alone */
  isOptional: boolean;
};

const APIS: StockApi[] = [
  {
    path: '/product/stock/sellable/update',
    methods: ['GET', 'POST'],
    field: 'SellableQuantity',
    newStock: setTo('SellableQuantity'),
    isOptional: false,
  },
  {
    path: '/product/stock/sellable/adjust',
    methods: ['POST'],
    field: 'SellableQuantity',
    newStock: ({ quantity }, delta) =>
      quantity + delta < 0
        ? { field: 'SellableQuantity', message: 'Sellable inventory cannot be negative' }
        : quantity + delta,
    isOptional: false,
  },
  {
    // The sandbox keeps no prices: those in the request are passed over.
    path: '/product/price_quantity/update',
    methods: ['POST'],
    field: 'Quantity',
    newStock: setTo('Quantity'),
    isOptional: true,
  },
];

function setTo(field: string): StockApi['newStock'] {
  return (_listing, quantity) => (quantity < 0 ? { field, message: 'Quantity cannot be negative' } : quantity);
}

/** The three ways to write stock. What is right in a request is done even if other SKUs in it are wrong. */
export function addStockRoutes(
  api: Hono<Env>,
  { gateway, answers, books }: { gateway: Gateway; answers: Answers; books: Books },
): void {
  const listings = createListingFinder(books);

  for (const stockApi of APIS) {
    api.on(stockApi.methods, stockApi.path, gateway.signed, gateway.stock, (c) => {
      const { payload } = c.get('parameters');
      if (!payload) return answers.refuse(c, missingParameter('payload'));
      const request = parseXml(payload);
      if (request?.name !== 'Request') return answers.refuse(c, businessError(5, 'Invalid Request Format'));
      const skus = childrenOf(request, 'Product')
        .flatMap((product) => childrenOf(product, 'Skus'))
        .flatMap((list) => childrenOf(list, 'Sku'));
      if (skus.length === 0) return answers.refuse(c, businessError(30, 'Empty Request'));
      if (skus.length > MAX_SKUS) return answers.refuse(c, TOO_MANY_SKUS);
      const detail = skus.flatMap((sku) => {
        const wrong = write(c.get('sellerId'), sku, stockApi);
        const sellerSku = textOf(sku, 'SellerSku');
        return wrong ? [{ ...wrong, ...(sellerSku && { seller_sku: sellerSku }) }] : [];
      });
      return detail.length > 0 ? answers.refuse(c, updateFailed(detail)) : answers.succeed(c, { data: {} });
    });
  }

  /** Does what the request says of one SKU; undefined: it is done. */
  function write(sellerId: string, sku: Element, { field, newStock, isOptional }: StockApi): Wrong | undefined {
    const found = listings.find(sellerId, sku);
    if ('message' in found) return found;
    const quantity = readQuantity(sku, field);
    if (quantity === undefined && isOptional) return undefined;
    if (typeof quantity === 'object') return quantity;
    if (quantity === undefined) return { field, message: `${field} is mandatory` };
    const stock = newStock(found, quantity);
    if (typeof stock === 'object') return stock;
    books.setStock(sellerId, found.sku, stock);
    return undefined;
  }
}

function updateFailed(detail: Record<string, string>[]): Refusal {
  return { ...businessError(501, 'Update product failed'), detail };
}

/** The quantity of a SKU, for itself or for the one warehouse; undefined: it has none. */
function readQuantity(sku: Element, field: string): number | Wrong | undefined {
  const warehouses = childrenOf(sku, 'MultiWarehouseInventories').flatMap((list) =>
    childrenOf(list, 'MultiWarehouseInventory'),
  );
  const foreign = warehouses.find((one) => textOf(one, 'WarehouseCode')?.toLowerCase() !== WAREHOUSE);
  if (foreign) return { field: 'WarehouseCode', message: 'WAREHOUSE_CODE_INVALID' };
  const text = textOf(warehouses[0] ?? sku, field);
  if (text === undefined) return undefined;
  return /^-?\d{1,9}$/.test(text) ? Number(text) : { field, message: `"${text}" is not a whole number` };
}

/** Finds what a seller offers by the ids in a request. */
function createListingFinder(books: Books) {
  const bySkuId = new Map<string, { sellerId: string; listing: BookListing }>();

  function learnNew(): void {
    if (bySkuId.size === books.listings.size) return;
    for (const [key, listing] of books.listings) {
      const sellerId = key.slice(0, key.indexOf('/'));
      bySkuId.set(listing.reference.skuId ?? '', { sellerId, listing });
    }
  }

  return {
    /** By `ItemId` and `SkuId`, or by `SellerSku`; where all are given they must belong together. */
    find(sellerId: string, sku: Element): BookListing | Wrong {
      learnNew();
      const [itemId, skuId, sellerSku] = ['ItemId', 'SkuId', 'SellerSku'].map((name) => textOf(sku, name));
      const byId = skuId === undefined ? undefined : bySkuId.get(skuId);
      const listing =
        skuId === undefined
          ? books.listings.get(`${sellerId}/${sellerSku}`)
          : byId?.sellerId === sellerId
            ? byId.listing
            : undefined;
      if (!listing) return { field: skuId === undefined ? 'SellerSku' : 'SkuId', message: 'SELLER_SKU_INVALID' };
      if (itemId !== undefined && listing.reference.itemId !== itemId) {
        return { field: 'ItemId', message: 'ITEM_ID_INVALID' };
      }
      return sellerSku === undefined || listing.sku === sellerSku
        ? listing
        : { field: 'SellerSku', message: 'SELLER_SKU_INVALID' };
    },
  };
}
