import type { BookBuyer, BookOrder, OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Random } from '#platform/runtime/random.ts';
import type { Invoice } from './invoices.ts';

/**
 * Marketplaces that tell each piece of an order as an item of its own, with a push for each at Lazada, and the most lines
 * and pieces of one that are ordered there: the invoices are a wholesaler's, with hundreds of lines and thousands of pieces.
 */
const PIECES_APART = new Set(['lazada', 'tiktok-shop']);
const MOST_LINES = 5;
const MOST_PIECES = 3;
/** who carries the parcels, by turns */
const CARRIERS = ['Royal Mail', 'DPD', 'Evri'];

export type OrderChange =
  | { change: 'ship'; carrier: string; trackingNumber: string }
  | { change: 'deliver' }
  | { change: 'cancel' };

/** A marketplace as its buyers and sellers see it, in this process or over HTTP. */
export type Shop = {
  name: string;
  sellers: readonly { sellerId: string }[];
  /** how many times the share of others each of its sellers has of the orders; 1 where absent */
  share?: number;
  /** Its orders are placed, and that is all. */
  staysPlaced?: boolean;
  place(sellerId: string, draft: OrderDraft): Promise<BookOrder>;
  change(orderId: string, change: OrderChange): Promise<void>;
};

/** How fast it goes. Times in ms; of a pair, from … to. */
export type Pace = {
  /** when an invoice is replayed, epoch ms; `index` is its place in the file */
  dueAt(invoice: Invoice, index: number): number;
  /** an order ships this long after it was placed */
  shipsAfterMs: readonly [number, number];
  /** and is delivered this long after that */
  deliveredAfterMs: readonly [number, number];
  /** a cancellation whose order is not in the file, or has been shipped, is an order that is cancelled so soon after */
  cancelledAfterMs: number;
};

type Seller = { shop: Shop; sellerId: string };
type Placed = { shop: Shop; order: BookOrder; status: 'placed' | 'shipped' | 'cancelled' };

export type Replay = {
  /** invoices replayed so far */
  replayed(): number;
  /** orders placed so far, and those of them that have not come to their end yet */
  placed(): number;
  open(): number;
  /** Ends when the last invoice is placed and every order has come to its end. */
  run(): Promise<void>;
};

/**
 * Lets buyers order as the invoices say, spread over the sellers of all shops by customer, and lets each order live: it
 * ships, it is delivered, or a later invoice cancels it.
 */
export function createReplay(
  deps: { clock: Clock; random: Random },
  shops: Iterable<Shop>,
  invoices: readonly Invoice[],
  pace: Pace,
): Replay {
  const sellers: Seller[] = [...shops].flatMap((shop) =>
    Array.from({ length: shop.share ?? 1 }, () => shop.sellers.map(({ sellerId }) => ({ shop, sellerId }))).flat(),
  );
  const byCustomer = new Map<string, Placed[]>();
  const lives: Promise<void>[] = [];
  let replayed = 0;
  let open = 0;

  const between = ([from, to]: readonly [number, number]): number => from + deps.random.fraction() * (to - from);

  function sellerOf(invoice: Invoice): Seller {
    const key = Number(invoice.customer ?? invoice.id.replace(/\D/g, ''));
    return sellers[key % sellers.length]!;
  }

  async function live(placed: Placed): Promise<void> {
    const { shop, order } = placed;
    await deps.clock.sleep(between(pace.shipsAfterMs));
    if (placed.status !== 'placed' || shop.staysPlaced) return;
    placed.status = 'shipped';
    await shop.change(order.orderId, {
      change: 'ship',
      carrier: CARRIERS[order.lines.length % CARRIERS.length]!,
      trackingNumber: `SL${deps.random.hex(6).toUpperCase()}GB`,
    });
    await deps.clock.sleep(between(pace.deliveredAfterMs));
    await shop.change(order.orderId, { change: 'deliver' });
  }

  async function cancel(placed: Placed): Promise<void> {
    if (placed.shop.staysPlaced) return;
    placed.status = 'cancelled';
    await placed.shop.change(placed.order.orderId, { change: 'cancel' });
  }

  async function cancelSoon(placed: Placed): Promise<void> {
    await deps.clock.sleep(pace.cancelledAfterMs);
    await cancel(placed);
  }

  async function place(invoice: Invoice): Promise<Placed> {
    const { shop, sellerId } = sellerOf(invoice);
    return { shop, order: await shop.place(sellerId, draftOf(invoice, shop.name)), status: 'placed' };
  }

  function begin(life: Promise<void>): void {
    open += 1;
    const ended = life.finally(() => {
      open -= 1;
    });
    ended.catch(() => {}); // `run` throws it at the end
    lives.push(ended);
  }

  async function replay(invoice: Invoice): Promise<void> {
    replayed += 1;
    const customer = invoice.customer ?? '';
    if (!invoice.cancels) {
      const placed = await place(invoice);
      if (customer) byCustomer.set(customer, [...(byCustomer.get(customer) ?? []), placed]);
      return begin(live(placed));
    }
    const skus = new Set(invoice.lines.map((line) => line.sku));
    const meant = byCustomer
      .get(customer)
      ?.find(({ order, status }) => status === 'placed' && order.lines.some((line) => skus.has(line.sku)));
    if (meant) return cancel(meant);
    begin(cancelSoon(await place(invoice)));
  }

  return {
    replayed: () => replayed,
    placed: () => lives.length,
    open: () => open,
    async run() {
      for (const [index, invoice] of invoices.entries()) {
        const waitMs = pace.dueAt(invoice, index) - deps.clock.now();
        if (waitMs > 0) await deps.clock.sleep(waitMs);
        await replay(invoice);
      }
      await Promise.all(lives);
    },
  };
}

/** A sandbox of this process as a shop. */
export const shopOf = ({ name, sellers, books }: Pick<Sandbox, 'name' | 'sellers' | 'books'>): Shop => ({
  name,
  sellers,
  place: async (sellerId, draft) => books.place(sellerId, draft),
  async change(orderId, told) {
    if (told.change === 'ship') books.ship(orderId, told);
    else if (told.change === 'deliver') books.deliver(orderId);
    else books.cancel(orderId);
  },
});

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
