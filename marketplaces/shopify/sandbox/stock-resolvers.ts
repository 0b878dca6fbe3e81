import type { Call, CallResolvers } from './call.ts';
import { pageOf } from './connections.ts';
import { gid, idIn, idOf } from './ids.ts';
import type { Item } from './listings.ts';
import { LOCATION_ADDRESS, LOCATION_ID, LOCATION_NAME, SINCE } from './location.ts';
import type { OrderParts } from './order-state.ts';

/** the states that a quantity has a name for [Shopify, inventory states] */
const AVAILABLE = new Set(['available', 'on_hand']);
const EMPTY = new Set(['committed', 'damaged', 'incoming', 'quality_control', 'reserved', 'safety_stock']);

const keyOfItem = ({ sequence }: Item) => ({ id: sequence, value: 0 });

/** The id of an item's stock at the one location. */
export function levelId(item: Item): string {
  return gid('InventoryLevel', `${LOCATION_ID}?inventory_item_id=${idOf('item', item.sequence)}`);
}

/**
 * A SKU is an inventory item, the only variant of its product and the product, all with one source; its level at the one
 * location too. Nothing is committed to orders: the books know the sellable quantity only.
 */
export function stockResolvers({ books, listings }: OrderParts): CallResolvers {
  const always = (value: unknown) => () => value;
  const self = (item: Item) => item;
  const times = { createdAt: always(SINCE), updatedAt: always(SINCE) };
  const quantity = ({ listing }: Item) => listing.quantity;
  const pageOfItem = (item: Item, args: Record<string, unknown>) => pageOf([item], args, keyOfItem);
  const ifHere = (item: Item, id: unknown) => (idIn('Location', id as string) === LOCATION_ID ? item : null);

  const InventoryItem: CallResolvers[string] = {
    ...times,
    id: (item: Item) => gid('InventoryItem', idOf('item', item.sequence)),
    legacyResourceId: (item: Item) => String(idOf('item', item.sequence)),
    sku: ({ listing }: Item) => listing.sku,
    tracked: always(true),
    requiresShipping: always(true),
    countryCodeOfOrigin: always(null),
    harmonizedSystemCode: always(null),
    unitCost: always(null),
    variant: self,
    locationsCount: always({ count: 1, precision: 'EXACT' }),
    inventoryLevel: (item: Item, { locationId }) => ifHere(item, locationId),
    inventoryLevels: pageOfItem,
  };

  const InventoryLevel: CallResolvers[string] = {
    ...times,
    id: levelId,
    item: self,
    location: always(LOCATION_ID),
    isActive: always(true),
    quantities: (item: Item, { names }) =>
      (names as string[]).flatMap((name) =>
        AVAILABLE.has(name) || EMPTY.has(name)
          ? {
              id: gid('InventoryQuantity', `${LOCATION_ID}-${item.sequence}?name=${name}`),
              name,
              quantity: AVAILABLE.has(name) ? item.listing.quantity : 0,
              updatedAt: null,
            }
          : [],
      ),
  };

  const ProductVariant: CallResolvers[string] = {
    ...times,
    id: (item: Item) => gid('ProductVariant', idOf('variant', item.sequence)),
    legacyResourceId: (item: Item) => String(idOf('variant', item.sequence)),
    title: always('Default Title'),
    displayName: ({ title }: Item) => `${title} - Default Title`,
    sku: ({ listing }: Item) => listing.sku,
    barcode: always(null),
    price: ({ price }: Item) => price,
    compareAtPrice: always(null),
    position: always(1),
    taxable: always(true),
    availableForSale: ({ listing }: Item) => listing.quantity > 0,
    inventoryQuantity: quantity,
    inventoryPolicy: always('DENY'),
    inventoryItem: self,
    product: self,
  };

  const Product: CallResolvers[string] = {
    ...times,
    id: (item: Item) => gid('Product', idOf('product', item.sequence)),
    legacyResourceId: (item: Item) => String(idOf('product', item.sequence)),
    title: ({ title }: Item) => title,
    handle: ({ title }: Item) => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    vendor: ({ shopId }: Item) => shopId.split('.')[0],
    productType: always(''),
    status: always('ACTIVE'),
    tags: always([]),
    totalInventory: quantity,
    tracksInventory: always(true),
    hasOnlyDefaultVariant: always(true),
    variants: pageOfItem,
  };

  const Location: CallResolvers[string] = {
    ...times,
    id: always(gid('Location', LOCATION_ID)),
    legacyResourceId: always(LOCATION_ID),
    name: always(LOCATION_NAME),
    address: always({
      ...LOCATION_ADDRESS,
      formatted: [
        LOCATION_ADDRESS.address1,
        `${LOCATION_ADDRESS.city} ${LOCATION_ADDRESS.zip}`,
        LOCATION_ADDRESS.country,
      ],
    }),
    isActive: always(true),
    isPrimary: always(true),
    isFulfillmentService: always(false),
    fulfillsOnlineOrders: always(true),
    shipsInventory: always(true),
    hasActiveInventory: always(true),
    inventoryLevel: (_: unknown, { inventoryItemId }, { shop }: Call) =>
      listings.find(books, shop.sellerId, 'item', idIn('InventoryItem', inventoryItemId as string) ?? ''),
    inventoryLevels: (_: unknown, args, { shop }: Call) => pageOf(listings.of(books, shop.sellerId), args, keyOfItem),
  };

  return { InventoryItem, InventoryLevel, ProductVariant, Product, Location };
}

/** The items that a list's `query` means: those of a SKU or an id; all, where it names neither. */
export function searchItems({ books, listings }: OrderParts, shopId: string, query: unknown): Item[] {
  const all = listings.of(books, shopId);
  if (typeof query !== 'string') return all;
  const skus = [...query.matchAll(/\bsku:(?:'([^']*)'|"([^"]*)"|([^\s()]+))/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare,
  );
  return skus.length > 0 ? all.filter(({ listing }) => skus.includes(listing.sku)) : all;
}
