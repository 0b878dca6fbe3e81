import type { BookBuyer, BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Dice } from './dice.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** buyers order so often, on average, over all sellers; with the rushes some 40 orders a day */
const ORDER_EVERY_MS = 80 * MINUTE_MS;
/** now and then many buyers of one seller order within seconds */
const RUSH_SHARE = 0.03;
const RUSH_ORDERS = [12, 20, 60];
const RUSH_MS = 1_000;
/** stands in every field of every buyer, so that no trace of one is overlooked */
export const BUYER_MARK = 'canarybuyer';
/** all phone numbers begin so */
export const PHONE_MARK = '+99 0451';

export type Workload = {
  /** Goes on until it is stopped. */
  run(): Promise<void>;
  /** From now on nothing changes. */
  stop(): void;
  /** One more order for each seller. */
  placeLast(): void;
};

/** Buyers order, sellers ship, some cancel: all drawn from the dice. */
export function createWorkload(parts: { clock: Clock; dice: Dice; sandboxes: readonly Sandbox[] }): Workload {
  const { clock, dice, sandboxes } = parts;
  const sellers = sandboxes.flatMap((sandbox) => sandbox.sellers.map(({ sellerId }) => ({ sandbox, sellerId })));
  let buyers = 0;
  let isStopped = false;

  function buyer(): BookBuyer {
    const number = ++buyers;
    return {
      name: `${BUYER_MARK} Person ${number}`,
      email: `${BUYER_MARK}-${number}@buyers.example`,
      phone: `${PHONE_MARK} ${String(number).padStart(6, '0')}`,
      street: `${number} ${BUYER_MARK} Street`,
      city: `${BUYER_MARK} City`,
      postalCode: `N${number % 10} 9GU`,
      countryCode: 'GB',
    };
  }

  function place(sandbox: Sandbox, sellerId: string): BookOrder {
    const lines = Array.from({ length: 1 + Math.floor(dice.between(0, 3)) }, (_, i) => ({
      sku: `SKU-${Math.floor(dice.between(1, 500))}-${i}`,
      title: 'A thing',
      quantity: 1 + Math.floor(dice.between(0, 4)),
      unitPrice: dice.between(1, 90).toFixed(2),
    }));
    return sandbox.books.place(sellerId, { currency: 'GBP', lines, buyer: buyer() });
  }

  async function live(sandbox: Sandbox, order: BookOrder): Promise<void> {
    const fate = dice.fraction();
    if (fate < 0.14) {
      // Some think better of it within the second, which some marketplaces can't tell apart.
      await clock.sleep(fate < 0.06 ? dice.between(0, 900) : dice.between(MINUTE_MS, 2 * HOUR_MS));
      if (!isStopped) sandbox.books.cancel(order.orderId);
      return;
    }
    await clock.sleep(dice.between(2 * MINUTE_MS, 16 * HOUR_MS));
    if (isStopped) return;
    const trackingNumber = `SL${Math.floor(dice.between(1e8, 9e8))}GB`;
    sandbox.books.ship(order.orderId, { carrier: dice.pick(['Royal Mail', 'DPD', 'Evri']), trackingNumber });
    await clock.sleep(dice.between(HOUR_MS, 30 * HOUR_MS));
    if (!isStopped) sandbox.books.deliver(order.orderId);
  }

  return {
    async run() {
      while (!isStopped) {
        await clock.sleep(dice.untilNext(ORDER_EVERY_MS));
        if (isStopped) return;
        const { sandbox, sellerId } = dice.pick(sellers);
        const orders = dice.fraction() < RUSH_SHARE ? dice.pick(RUSH_ORDERS) : 1;
        for (let i = 0; i < orders; i++) {
          if (i > 0) await clock.sleep(dice.between(0, (2 * RUSH_MS) / orders));
          void live(sandbox, place(sandbox, sellerId));
        }
      }
    },
    stop() {
      isStopped = true;
    },
    placeLast() {
      for (const { sandbox, sellerId } of sellers) place(sandbox, sellerId);
    },
  };
}
