import type { BookListing, Books } from '#marketplaces/sandbox-kit/books.ts';
import { SITE_ID } from './registration.ts';

const FIRST_ITEM_NUMBER = 3_737_000_000;
const FIRST_VARIATION_ID = 174_390_000_000;
const FIRST_USER_PRODUCT_NUMBER = 1_458_000_000;
/** Of four listings that follow one another: one plain item, two variations of one item, one of several origins. */
const CYCLE = 4;

export type Listings = ReturnType<typeof createListings>;

/**
 * Mercado Libre's ids of what sellers offer, and the way back from them. All three ways to write stock are in use: an
 * item's own, that of a variation, and that of a user product in the seller's warehouse. A real seller has either the
 * first two or the last.
 */
export function createListings(books: () => Books) {
  /** the seller's own SKU by the running number of its listing */
  const skus: string[] = [];

  function reference(sequence: number): Record<string, string> {
    const place = sequence % CYCLE;
    const isSecondVariation = place === 3;
    return {
      itemId: `${SITE_ID}${FIRST_ITEM_NUMBER + (isSecondVariation ? sequence - 1 : sequence)}`,
      ...(place === 2 || isSecondVariation ? { variationId: String(FIRST_VARIATION_ID + sequence) } : {}),
      ...(place === 0 ? { userProductId: `${SITE_ID}U${FIRST_USER_PRODUCT_NUMBER + sequence}` } : {}),
    };
  }

  function find(sellerId: string, sequence: number): BookListing | undefined {
    const listing = books().listings.get(`${sellerId}/${skus[sequence]}`);
    const { itemId, variationId } = reference(sequence);
    if (listing?.reference.itemId !== itemId) return undefined; // another seller's listing of the same SKU
    return listing?.reference.variationId === variationId ? listing : undefined;
  }

  return {
    newReference(sequence: number, sku: string): Record<string, string> {
      skus[sequence] = sku;
      return reference(sequence);
    },
    /** What the seller offers under an item: one listing, or one a variation. */
    ofItem(sellerId: string, itemId: string): BookListing[] {
      const number = Number(itemId.slice(SITE_ID.length)) - FIRST_ITEM_NUMBER;
      const numbers = number % CYCLE === 2 ? [number, number + 1] : [number];
      return numbers.flatMap((one) => find(sellerId, one) ?? []);
    },
    ofUserProduct(sellerId: string, userProductId: string): BookListing | undefined {
      const listing = find(sellerId, Number(userProductId.slice(SITE_ID.length + 1)) - FIRST_USER_PRODUCT_NUMBER);
      return listing?.reference.userProductId === userProductId ? listing : undefined;
    },
    ofSeller(sellerId: string): BookListing[] {
      return [...books().listings].filter(([key]) => key.startsWith(`${sellerId}/`)).map(([, listing]) => listing);
    },
  };
}
