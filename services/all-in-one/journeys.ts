import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import type { OrderChanged } from './demo/seller-system.ts';

/** orders whose steps are remembered; older ones are forgotten */
const MAX_REMEMBERED = 10_000;

/**
 * One readable line for each order's journey, put together from the functions' own log lines:
 *
 *   12:30:05  shopee-2  26112400000001  webhook → getOrderDetail 200, 118 ms → stored v1 unshipped → published
 */
export function createJourneys(print: (line: string) => void) {
  /** steps of each order since its last line */
  const steps = new Map<string, string[]>();

  const remember = (orderIds: unknown, step: string): void => {
    if (steps.size >= MAX_REMEMBERED) steps.clear();
    for (const orderId of orderIds as string[]) steps.set(orderId, [...(steps.get(orderId) ?? []), step]);
  };
  const clockTime = (instant: string): string => instant.slice(11, 19);
  const trouble = (fields: Record<string, unknown>, message: string): void => {
    print(`          trouble: ${message} ${JSON.stringify(fields)}`);
  };

  const logger: Logger = {
    info(fields, message) {
      if (message === 'call')
        remember(fields.orderIds, `${fields.operation} ${fields.status}, ${fields.durationMs} ms`);
      if (message !== 'delivery') return;
      if (fields.outcome === 'queued') remember(fields.orderIds ?? [], 'webhook');
      if (Number(fields.status) >= 400)
        print(`          refused: ${fields.marketplace} ${fields.status} ${fields.outcome}`);
    },
    warn: trouble,
    error: trouble,
  };

  return {
    logger,
    onPlaced(marketplace: string, order: BookOrder): void {
      const placedAt = clockTime(new Date(order.placedAt).toISOString());
      print(`${placedAt}  ${marketplace.padEnd(10)}${order.orderId}  a buyer orders ${order.lines.length} lines`);
    },
    onOrder(event: OrderChanged): void {
      const { order, orderVersion, foundBy } = event.data;
      const seconds = (Date.parse(event.time) - Date.parse(order.updatedAt)) / 1000;
      const before = (steps.get(order.orderId) ?? [foundBy]).map((step) => `${step} → `).join('');
      steps.delete(order.orderId);
      print(
        `${clockTime(event.time)}  ${order.connectionId.padEnd(10)}${order.orderId}  ${before}` +
          `stored v${orderVersion} ${order.status} → published  (${seconds.toFixed(1)} s after the change)`,
      );
    },
  };
}
