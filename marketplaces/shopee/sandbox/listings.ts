import type { BookListing, Books } from '#marketplaces/sandbox-kit/books.ts';
import { itemIds } from './ids.ts';

export type Listings = ReturnType<typeof createListings>;

/** The way back from Shopee's ids to what shops offer, and what promotions hold of it. */
export function createListings() {
  /** SKUs by item id and model id; the same in every shop */
  const models = new Map<number, Map<number, string>>();
  const reserved = new WeakMap<BookListing, number>();

  return {
    newReference(_sequence: number, sku: string): Record<string, string> {
      const { item_id, model_id } = itemIds(sku);
      const ofItem = models.get(item_id) ?? new Map<number, string>();
      models.set(item_id, ofItem.set(model_id, sku));
      return { itemId: String(item_id), modelId: String(model_id) };
    },
    /** What the shop offers of an item, by model id. */
    ofItem(books: Books, shopId: string, itemId: number): Map<number, BookListing> {
      const found = new Map<number, BookListing>();
      for (const [modelId, sku] of models.get(itemId) ?? []) {
        const listing = books.listings.get(`${shopId}/${sku}`);
        if (listing) found.set(modelId, listing);
      }
      return found;
    },
    reservedOf: (listing: BookListing): number => reserved.get(listing) ?? 0,
    reserve(listing: BookListing, quantity: number): void {
      reserved.set(listing, quantity);
    },
  };
}
