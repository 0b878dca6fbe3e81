import type { BookBuyer, BookOrder, OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Random } from '#platform/runtime/random.ts';
import type { Invoice } from './invoices.ts';

const HOUR_MS = 3_600_000;
/** The time between invoices is shortened so much: more to do at once, and fewer polls in which nothing has changed. */
const TIMES_AS_FAST = 6;
/** an order ships this long after it was placed, ms, from … to */
const SHIPS_AFTER_MS = [HOUR_MS, 8 * HOUR_MS] as const;
/** and is delivered this long after that, ms */
const DELIVERED_AFTER_MS = [3 * HOUR_MS, 10 * HOUR_MS] as const;
/** a cancellation whose order is not in the file, or has been shipped, is an order that is cancelled soon after, ms */
const CANCELLED_AFTER_MS = 90_000;
/**
 * Marketplaces that tell each piece of an order as an item of its own, with a push for each at Lazada, and the most lines
 * and pieces of one that are ordered there: the invoices are a wholesaler's, with hundreds of lines and thousands of pieces.
 */
const PIECES_APART = new Set(['lazada', 'tiktok-shop']);
const MOST_LINES = 5;
const MOST_PIECES = 3;
/** who carries the parcels, by turns */
const CARRIERS = ['Royal Mail', 'DPD', 'Evri'];

type Seller = { sandbox: Sandbox; sellerId: string };

export type Replay = {
  /** invoices replayed so far */
  replayed(): number;
  /** orders that have not come to their end yet */
  open(): number;
  /** Ends when the last invoice is placed and every order has come to its end. */
  run(): Promise<void>;
};

/**
 * Lets buyers order as the invoices say, six times as fast, spread over the sellers of all sandboxes by customer, and
 * lets each order live: it ships, it is delivered, or a later invoice cancels it.
 */
export function createReplay(
  deps: { clock: Clock; random: Random },
  sandboxes: Iterable<Sandbox>,
  invoices: readonly Invoice[],
): Replay {
  const sellers: Seller[] = [...sandboxes].flatMap((sandbox) =>
    sandbox.sellers.map(({ sellerId }) => ({ sandbox, sellerId })),
  );
  const openByCustomer = new Map<string, { seller: Seller; order: BookOrder }[]>();
  let replayed = 0;
  let open = 0;

  const between = ([from, to]: readonly [number, number]): number => from + deps.random.fraction() * (to - from);

  function sellerOf(invoice: Invoice): Seller {
    const key = Number(invoice.customer ?? invoice.id.replace(/\D/g, ''));
    return sellers[key % sellers.length]!;
  }

  async function live(seller: Seller, order: BookOrder): Promise<void> {
    await deps.clock.sleep(between(SHIPS_AFTER_MS));
    if (order.status !== 'placed') return;
    seller.sandbox.books.ship(order.orderId, {
      carrier: CARRIERS[order.lines.length % CARRIERS.length]!,
      trackingNumber: `SL${deps.random.hex(6).toUpperCase()}GB`,
    });
    await deps.clock.sleep(between(DELIVERED_AFTER_MS));
    seller.sandbox.books.deliver(order.orderId);
  }

  async function cancelSoon(seller: Seller, order: BookOrder): Promise<void> {
    await deps.clock.sleep(CANCELLED_AFTER_MS);
    seller.sandbox.books.cancel(order.orderId);
  }

  function place(invoice: Invoice): { seller: Seller; order: BookOrder } {
    const seller = sellerOf(invoice);
    const { name, books } = seller.sandbox;
    const order = books.place(seller.sellerId, draftOf(invoice, name));
    open += 1;
    return { seller, order };
  }

  const ends = (life: Promise<void>): void =>
    void life.finally(() => {
      open -= 1;
    });

  function replay(invoice: Invoice): void {
    replayed += 1;
    const customer = invoice.customer ?? '';
    if (!invoice.cancels) {
      const placed = place(invoice);
      if (customer) openByCustomer.set(customer, [...(openByCustomer.get(customer) ?? []), placed]);
      ends(live(placed.seller, placed.order));
      return;
    }
    const skus = new Set(invoice.lines.map((line) => line.sku));
    const meant = openByCustomer
      .get(customer)
      ?.find(({ order }) => order.status === 'placed' && order.lines.some((line) => skus.has(line.sku)));
    if (meant) {
      meant.seller.sandbox.books.cancel(meant.order.orderId);
      return;
    }
    const placed = place(invoice);
    ends(cancelSoon(placed.seller, placed.order));
  }

  return {
    replayed: () => replayed,
    open: () => open,
    async run() {
      const first = invoices[0]?.at ?? 0;
      for (const invoice of invoices) {
        const waitMs = first + (invoice.at - first) / TIMES_AS_FAST - deps.clock.now();
        if (waitMs > 0) await deps.clock.sleep(waitMs);
        replay(invoice);
      }
      while (open > 0) await deps.clock.sleep(HOUR_MS);
    },
  };
}

/** Few pieces, and each product once: pieces of one product at one price can't be told apart. */
function inPieces(lines: OrderDraft['lines']): OrderDraft['lines'] {
  const once = new Map(lines.map((line) => [`${line.sku} ${line.unitPrice}`, line]));
  return [...once.values()]
    .slice(0, MOST_LINES)
    .map((line) => ({ ...line, quantity: Math.min(line.quantity, MOST_PIECES) }));
}

/** What the buyer of an invoice orders on a marketplace. */
export const draftOf = (invoice: Invoice, marketplace: string): OrderDraft => ({
  currency: 'GBP',
  lines: PIECES_APART.has(marketplace) ? inPieces(invoice.lines) : invoice.lines,
  buyer: buyerOf(invoice),
});

/** Country codes of the data set's country names, ISO 3166-1. */
const COUNTRY_CODES: Record<string, string> = {
  'United Kingdom': 'GB',
  Australia: 'AU',
  Austria: 'AT',
  Bahrain: 'BH',
  Belgium: 'BE',
  Brazil: 'BR',
  Canada: 'CA',
  'Channel Islands': 'JE',
  Cyprus: 'CY',
  'Czech Republic': 'CZ',
  Denmark: 'DK',
  EIRE: 'IE',
  'European Community': 'BE',
  Finland: 'FI',
  France: 'FR',
  Germany: 'DE',
  Greece: 'GR',
  'Hong Kong': 'HK',
  Iceland: 'IS',
  Israel: 'IL',
  Italy: 'IT',
  Japan: 'JP',
  Lebanon: 'LB',
  Lithuania: 'LT',
  Malta: 'MT',
  Netherlands: 'NL',
  Norway: 'NO',
  Poland: 'PL',
  Portugal: 'PT',
  RSA: 'ZA',
  'Saudi Arabia': 'SA',
  Singapore: 'SG',
  Spain: 'ES',
  Sweden: 'SE',
  Switzerland: 'CH',
  USA: 'US',
  'United Arab Emirates': 'AE',
};

/** The data set names no person: a made-up buyer for each customer, the same one each time. */
function buyerOf(invoice: Invoice): BookBuyer {
  const number = invoice.customer ?? invoice.id;
  return {
    name: `Buyer ${number}`,
    email: `buyer-${number}@buyers.example`,
    phone: `+44 20 7946 ${number.replace(/\D/g, '').slice(-4).padStart(4, '0')}`,
    street: `${number.replace(/\D/g, '').slice(-3)} Market Street`,
    city: 'London',
    postalCode: `N${number.replace(/\D/g, '').slice(-1)} 9GU`,
    countryCode: COUNTRY_CODES[invoice.country] ?? 'GB',
  };
}
