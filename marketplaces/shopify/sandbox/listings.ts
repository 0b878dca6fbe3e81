import type { BookListing, BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import { gid, idOf, sequenceOf } from './ids.ts';
import { LOCATION_ID } from './location.ts';

/** What a shop sells: each SKU the only variant of its own product. */
export type Item = { listing: BookListing; shopId: string; sequence: number; title: string; price: string };

export type Listings = ReturnType<typeof createListings>;

/** Shopify's ids of what shops offer, and the way back from them. */
export function createListings() {
  /** the seller's own SKU by the running number of its listing */
  const skus: string[] = [];
  /** title and price as a buyer last saw them, by shop and SKU */
  const seen = new Map<string, { title: string; price: string }>();

  function itemOf(shopId: string, listing: BookListing): Item {
    const sequence = sequenceOf('item', listing.reference.inventoryItemId!.split('/').at(-1)!);
    const { title, price } = seen.get(`${shopId}/${listing.sku}`) ?? { title: listing.sku, price: '0.00' };
    return { listing, shopId, sequence, title, price };
  }

  return {
    newReference(sequence: number, sku: string): Record<string, string> {
      skus[sequence] = sku;
      return {
        inventoryItemId: gid('InventoryItem', idOf('item', sequence)),
        locationId: gid('Location', LOCATION_ID),
      };
    },
    /** What is ordered was offered. */
    remember(books: Books, { sellerId, lines }: BookOrder): void {
      for (const { sku, title, unitPrice } of lines) {
        books.listing(sellerId, sku);
        seen.set(`${sellerId}/${sku}`, { title, price: unitPrice });
      }
    },
    /** What the shop offers under an id of an inventory item, a variant or a product. */
    find(books: Books, shopId: string, kind: 'item' | 'variant' | 'product', id: string): Item | undefined {
      const sequence = sequenceOf(kind, id);
      const listing = books.listings.get(`${shopId}/${skus[sequence]}`);
      const item = listing && itemOf(shopId, listing);
      return item?.sequence === sequence ? item : undefined;
    },
    ofSku(books: Books, shopId: string, sku: string): Item | undefined {
      const listing = books.listings.get(`${shopId}/${sku}`);
      return listing && itemOf(shopId, listing);
    },
    /** All that the shop offers, in the order it was first offered. */
    of(books: Books, shopId: string): Item[] {
      return [...books.listings].flatMap(([key, listing]) =>
        key === `${shopId}/${listing.sku}` ? [itemOf(shopId, listing)] : [],
      );
    },
  };
}
