import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { FunctionDeps } from '#platform/functions/deps.ts';
import { connectionIdOf } from '#services/all-in-one/connect-sandboxes.ts';
import { differences } from './compare.ts';
import type { DemoResult, MarketplaceRow } from './result.ts';
import type { SellerSystem } from './seller-system.ts';

/** A marketplace's own books, and what it counted. */
export type Account = {
  name: string;
  sellers: readonly { sellerId: string }[];
  orders: Iterable<BookOrder>;
  /** which of the orders are compared; all where absent. Of the others, events may tell what they like. */
  isCompared?(order: BookOrder): boolean;
  calls: number;
  webhooks: number;
};

export type Comparison = {
  orders: DemoResult['orders'];
  /** order events that say what no book says */
  wrong: number;
  byMarketplace: MarketplaceRow[];
  complaints: string[];
};

/** Compares, field by field, what is stored and what the seller's system was told with the marketplaces' own books. */
export async function compareWithBooks(
  deps: Pick<FunctionDeps, 'orders' | 'buyers' | 'clock'>,
  accounts: Iterable<Account>,
  seller: Pick<SellerSystem, 'contradictions' | 'latest'>,
): Promise<Comparison> {
  const orders = { placed: 0, stored: 0, missing: 0, stale: 0 };
  const byMarketplace: MarketplaceRow[] = [];
  const complaints: string[] = [];
  let wrong = seller.contradictions();
  const known = new Set<string>();

  for (const { name, sellers, calls, webhooks, isCompared = () => true, ...account } of accounts) {
    const row = { marketplace: name, orders: 0, foundOnlyByPoll: 0, calls, webhooks };
    byMarketplace.push(row);
    const idOf = ({ sellerId }: BookOrder): string =>
      connectionIdOf(
        name,
        sellers.findIndex((seller) => seller.sellerId === sellerId),
      );
    const books = [...account.orders];
    for (const book of books) known.add(`${idOf(book)}/${book.orderId}`);
    // All at once: an engine that is far away lets reads share calls.
    const pairs = books.filter(isCompared).map(async (book) => {
      const connectionId = idOf(book);
      const [stored, buyer] = await Promise.all([
        deps.orders.get(connectionId, book.orderId),
        deps.buyers.get(connectionId, book.orderId, deps.clock.now()),
      ]);
      return { book, connectionId, stored, buyer };
    });
    for (const { book, connectionId, stored, buyer } of await Promise.all(pairs)) {
      orders.placed += 1;
      row.orders += 1;
      if (!stored) {
        orders.missing += 1;
        complaints.push(`${connectionId} ${book.orderId} is missing`);
        continue;
      }
      orders.stored += 1;
      if (stored.firstFoundBy !== 'webhook') row.foundOnlyByPoll += 1;
      const stale = differences(book, stored.order, buyer);
      if (stale.length > 0) {
        orders.stale += 1;
        complaints.push(`${connectionId} ${book.orderId} differs in ${[...new Set(stale)].join(', ')}`);
      }
      const event = seller.latest.get(`${connectionId}/${book.orderId}`);
      const told = event ? differences(book, event.data.order) : ['no event'];
      if (told.length > 0) {
        wrong += 1;
        complaints.push(`${connectionId} ${book.orderId}: its last event differs in ${[...new Set(told)].join(', ')}`);
      }
    }
  }
  for (const key of seller.latest.keys()) {
    if (known.has(key)) continue;
    wrong += 1;
    complaints.push(`an event tells of ${key}, which is in no book`);
  }
  return { orders, byMarketplace, complaints, wrong };
}
