import { join } from 'node:path';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Random } from '#platform/runtime/random.ts';
import { readInvoices } from '#services/all-in-one/demo/invoices.ts';
import { draftOf, type Shop } from '#services/all-in-one/demo/replay.ts';

/** an order ships so long after it was placed, ms, at most: sometimes before it was ever read */
const SHIPS_AT_MOST_MS = 1_500;
/** Amazon allows one read in 2 s for a seller, 30 at once, and Lazada pushes each piece: others have so many times as many. */
const FEW_ORDERS = new Set(['amazon', 'lazada']);
const SHARE_OF_OTHERS = 2;
/** Here no notification tells of a shipment: only the next poll, in minutes, would find it. */
const TELLS_NO_SHIPMENT = new Set(['ebay', 'walmart']);
const INVOICES = join(import.meta.dirname, '../../data/online-retail-2011-11.jsonl.gz');

/** Orders at all shops; those whose marketplace tells of it ship soon after. */
export function createTrade(
  shops: readonly Shop[],
  { clock, random }: { clock: Clock; random: Pick<Random, 'fraction'> },
) {
  const sales = readInvoices(INVOICES).filter(({ cancels }) => !cancels);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random.fraction() * values.length)]!;
  const drawn = shops.flatMap((shop) => Array<Shop>(FEW_ORDERS.has(shop.name) ? 1 : SHARE_OF_OTHERS).fill(shop));
  let open = 0;
  return {
    /** orders that are still to be placed or to ship */
    open: () => open,
    /** Places an order at some moment of the next `ms`. */
    async placeWithin(ms: number): Promise<void> {
      open += 1;
      const shop = pick(drawn);
      const draft = draftOf(pick(sales), shop.name);
      const { sellerId } = pick(shop.sellers);
      const [placesAfterMs, shipsAfterMs] = [random.fraction() * ms, random.fraction() * SHIPS_AT_MOST_MS];
      await clock.sleep(placesAfterMs);
      const { orderId } = await shop.place(sellerId, draft);
      if (!TELLS_NO_SHIPMENT.has(shop.name)) {
        await clock.sleep(shipsAfterMs);
        const trackingNumber = `SL${orderId.slice(-6)}GB`;
        await shop.change(orderId, { change: 'ship', carrier: 'Royal Mail', trackingNumber });
      }
      open -= 1;
    },
  };
}
