import type { BookLine, BookOrder } from '#marketplaces/sandbox-kit/books.ts';

/** room for the units of one line: ids of lines are this far apart, and multiples of it */
export const UNITS_PER_LINE = 100_000;

/** One piece of what was ordered: Lazada knows no quantities, each piece is an order item of its own. */
export type Unit = { itemId: number; line: BookLine };

/** The order items of an order. The first of a line has the line's id in the books, the others those after it. */
export function unitsOf(order: BookOrder): Unit[] {
  return order.lines.flatMap((line) =>
    Array.from({ length: line.quantity }, (_, index) => ({ itemId: Number(line.lineId) + index, line })),
  );
}

/** Of some order items, the first of each line. */
export function firstOfLines(itemIds: readonly number[]): number[] {
  const byLine = new Map<number, number>();
  for (const itemId of itemIds) {
    const line = Math.floor(itemId / UNITS_PER_LINE);
    if (!byLine.has(line)) byLine.set(line, itemId);
  }
  return [...byLine.values()];
}
