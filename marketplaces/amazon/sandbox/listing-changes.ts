import type { BookListing, Books } from '#marketplaces/sandbox-kit/books.ts';

/** how long an accepted change takes to be in force, ms: this sandbox's choice, Amazon promises nothing */
const PROCESSING_MS = 60_000;

type Change = { quantity: number; dueAt: number };

export type ListingChanges = ReturnType<typeof createListingChanges>;

/** Stock that was accepted and is not in force yet. It comes into force when it is looked at after its time. */
export function createListingChanges(deps: { now(): number }, books: Books) {
  const openedAt = deps.now();
  /** by seller and SKU, earliest first */
  const pending = new Map<string, Change[]>();
  const changedAt = new Map<string, number>();

  return {
    /** What the seller offers of a SKU now, and when that last changed. */
    find(sellerId: string, sku: string): { listing: BookListing; createdAt: number; changedAt: number } | undefined {
      const key = `${sellerId}/${sku}`;
      const changes = pending.get(key) ?? [];
      while (changes[0] && changes[0].dueAt <= deps.now()) {
        const { quantity, dueAt } = changes.shift()!;
        books.setStock(sellerId, sku, quantity);
        changedAt.set(key, dueAt);
      }
      const listing = books.listings.get(key);
      return listing && { listing, createdAt: openedAt, changedAt: changedAt.get(key) ?? openedAt };
    },
    /** For a SKU that is not offered it comes to nothing, as with Amazon: github.com/amzn/selling-partner-api-models issue 4402. */
    accept(sellerId: string, sku: string, { quantity, at }: { quantity: number; at: number }): void {
      const key = `${sellerId}/${sku}`;
      if (!books.listings.has(key)) return;
      const changes = pending.get(key) ?? [];
      pending.set(key, changes);
      const dueAt = at + PROCESSING_MS;
      const later = changes.findIndex((change) => change.dueAt > dueAt);
      changes.splice(later < 0 ? changes.length : later, 0, { quantity, dueAt });
    },
  };
}
