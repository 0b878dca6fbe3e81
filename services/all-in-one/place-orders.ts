import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Random } from '#platform/runtime/random.ts';
import type { Invoice } from './demo/invoices.ts';
import { draftOf } from './demo/replay.ts';

/** how long after its placing an order ships, ms: soon, so that a person sees it happen */
const SHIPS_AFTER_MS = 20_000;

/** Lets a buyer order something every `everyMs`, at a random seller of a random marketplace, until the signal. */
export async function placeOrders(
  deps: { clock: Clock; random: Random; signal: AbortSignal },
  sandboxes: Iterable<Sandbox>,
  invoices: readonly Invoice[],
  options: { everyMs: number; onPlaced(marketplace: string, order: BookOrder): void },
): Promise<void> {
  const all = [...sandboxes];
  const sales = invoices.filter((invoice) => !invoice.cancels);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(deps.random.fraction() * values.length)]!;
  for (;;) {
    await deps.clock.sleep(options.everyMs, deps.signal);
    if (deps.signal.aborted) return;
    const sandbox = pick(all);
    const order = sandbox.books.place(pick(sandbox.sellers).sellerId, draftOf(pick(sales), sandbox.name));
    options.onPlaced(sandbox.name, order);
    void deps.clock.sleep(SHIPS_AFTER_MS, deps.signal).then(() => {
      if (deps.signal.aborted) return;
      sandbox.books.ship(order.orderId, { carrier: 'Royal Mail', trackingNumber: `SL${order.placedAt}GB` });
    });
  }
}
