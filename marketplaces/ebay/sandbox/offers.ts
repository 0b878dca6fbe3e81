import type { BookListing, Books } from '#marketplaces/sandbox-kit/books.ts';

/** the ten-digit id before the first offer's */
const BEFORE_OFFERS = 8_209_000_000;

/** What a seller has told of a listing's stock; undefined: nothing yet. */
type Told = { total?: number | undefined; available?: number | undefined };

export type Offers = ReturnType<typeof createOffers>;

/** Offers, one a listing, and the stock of each: in all, and on the one marketplace where it is offered. */
export function createOffers() {
  /** the seller's own SKU by the running number of its listing */
  const skus: string[] = [];
  const told = new WeakMap<BookListing, Told>();

  return {
    newReference(sequence: number, sku: string): Record<string, string> {
      skus[sequence] = sku;
      return { offerId: String(BEFORE_OFFERS + sequence) };
    },
    find(books: Books, sellerId: string, offerId: string): BookListing | undefined {
      const listing = books.listings.get(`${sellerId}/${skus[Number(offerId) - BEFORE_OFFERS]}`);
      return listing?.reference.offerId === offerId ? listing : undefined;
    },
    /** What can be bought is the lesser of the two. */
    setStock(books: Books, sellerId: string, listing: BookListing, change: Told): void {
      const stock = { ...told.get(listing), ...change };
      told.set(listing, stock);
      const quantities = [stock.total, stock.available].filter((quantity) => quantity !== undefined);
      books.setStock(sellerId, listing.sku, Math.min(...quantities));
    },
    stockOf(listing: BookListing): { total: number; available: number } {
      const { total = listing.quantity, available = listing.quantity } = told.get(listing) ?? {};
      return { total, available };
    },
  };
}
