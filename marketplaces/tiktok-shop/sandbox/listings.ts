import type { BookListing, Books } from '#marketplaces/sandbox-kit/books.ts';

/** The one warehouse that every shop here has, whatever the shop. */
export const WAREHOUSE_ID = '7054915283043174149';

/** the last of ids of 19 digits before the first one given out */
const BEFORE_PRODUCTS = 1_729_592_969_712_000_000n;
const BEFORE_SKUS = 1_729_388_324_987_000_000n;
/** SKUs that follow one another are variants of one product, so that one call can change several */
const SKUS_PER_PRODUCT = 3;

export type Listings = ReturnType<typeof createListings>;

/** TikTok Shop's ids of what shops offer, and the way back from them. */
export function createListings() {
  /** the seller's own SKU by the running number of its listing */
  const skus: string[] = [];
  const numberIn = (id: string, before: bigint): number => (/^\d{1,19}$/.test(id) ? Number(BigInt(id) - before) : 0);

  function find(books: Books, shopId: string, skuId: string): BookListing | undefined {
    const listing = books.listings.get(`${shopId}/${skus[numberIn(skuId, BEFORE_SKUS)]}`);
    return listing?.reference.skuId === skuId ? listing : undefined;
  }

  return {
    find,
    newReference(sequence: number, sku: string): Record<string, string> {
      skus[sequence] = sku;
      return {
        productId: String(BEFORE_PRODUCTS + BigInt(Math.ceil(sequence / SKUS_PER_PRODUCT))),
        skuId: String(BEFORE_SKUS + BigInt(sequence)),
        warehouseId: WAREHOUSE_ID,
      };
    },
    /** What the shop offers of a product. */
    ofProduct(books: Books, shopId: string, productId: string): BookListing[] {
      const last = numberIn(productId, BEFORE_PRODUCTS) * SKUS_PER_PRODUCT;
      const numbers = Array.from({ length: SKUS_PER_PRODUCT }, (_, index) => last - SKUS_PER_PRODUCT + 1 + index);
      return numbers.flatMap((number) => find(books, shopId, String(BEFORE_SKUS + BigInt(number))) ?? []);
    },
  };
}
