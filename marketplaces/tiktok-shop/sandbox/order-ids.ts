import type { BookLine, OrderDraft } from '#marketplaces/sandbox-kit/books.ts';

/** ids of 18 digits, as in TikTok Shop's examples */
const FIRST_ORDER_ID = 576_461_413_000_000_000n;
const FIRST_UNIT_ID = 577_000_000_000_000_000n;
/** how many units a line may have: their ids follow on its own */
const UNITS_PER_LINE = 1_000_000n;

const ORDER_ID_LENGTH = String(FIRST_ORDER_ID).length;

/** The id of the n-th order, from 1. */
export function orderIdOf(sequence: number): string {
  return String(FIRST_ORDER_ID + BigInt(sequence));
}

/** The id of a line, which is that of its first unit: TikTok Shop knows units only. */
export function lineIdOf(sequence: number): string {
  return String(FIRST_UNIT_ID + BigInt(sequence) * UNITS_PER_LINE);
}

/** The ids of a line's units. */
export function unitIdsOf({ lineId, quantity }: BookLine): string[] {
  const digits = String(UNITS_PER_LINE).length - 1;
  const beginning = lineId.slice(0, -digits);
  return Array.from({ length: quantity }, (_, index) => beginning + String(index).padStart(digits, '0'));
}

/** The id of an order's n-th package, from 1. */
export function packageIdOf(orderId: string, number: number): string {
  return `${number}${orderId}`;
}

/** The order that a package id speaks of, if it is one. */
export function orderIdOfPackage(packageId: string): string {
  return packageId.slice(-ORDER_ID_LENGTH);
}

/**
 * The lines of an order as TikTok Shop can tell them apart: what is the same SKU at the same price is one line, however
 * often the buyer put it into the cart.
 */
export function mergeLines(lines: OrderDraft['lines']): OrderDraft['lines'] {
  const merged = new Map<string, OrderDraft['lines'][number]>();
  for (const line of lines) {
    const key = `${priceOf(line.unitPrice)} ${line.sku}`;
    const same = merged.get(key);
    merged.set(key, same ? { ...same, quantity: same.quantity + line.quantity } : line);
  }
  return [...merged.values()];
}

/** A price with two decimals. */
export function priceOf(unitPrice: string): string {
  const [whole = '0', fraction = ''] = unitPrice.split('.');
  return `${whole}.${fraction.padEnd(2, '0').slice(0, 2)}`;
}
