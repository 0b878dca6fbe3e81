/** Shopee dates an order number by the shop's own day; Singapore is UTC+8 */
const SHOP_UTC_OFFSET_MS = 8 * 3_600_000;
/** letters and digits after the date, as in 220810QSU5CHW2 */
const SUFFIX_LENGTH = 8;
const SUFFIXES = 36n ** BigInt(SUFFIX_LENGTH);
/** shares no factor with SUFFIXES, so that every running number gets a suffix of its own */
const STRIDE = 1_743_541_810_243n;

/** An order number in Shopee's form: the day as yymmdd, then the running number, scattered. */
export function orderSn(sequence: number, now: number): string {
  const day = new Date(now + SHOP_UTC_OFFSET_MS).toISOString().slice(2, 10).replaceAll('-', '');
  const suffix = ((BigInt(sequence) * STRIDE) % SUFFIXES).toString(36).toUpperCase();
  return day + suffix.padStart(SUFFIX_LENGTH, '0');
}
