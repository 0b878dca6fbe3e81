import { z } from 'zod';

/** Decimals kept of a quotient that does not end, ours: two more than any price list has. */
const QUOTIENT_DECIMALS = 6;

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?$/;

/** A JSON number's own text as a plain decimal: `8.50` stays, `1E+1` is `10`. */
export const money = z
  .string()
  .regex(NUMBER)
  .transform((text) => write(read(text)));

type Decimal = { units: bigint; decimals: number };

/** The sum of decimal strings, without floats; null of none. */
export function sum(amounts: readonly string[]): string | null {
  if (amounts.length === 0) return null;
  const all = amounts.map(read);
  const decimals = Math.max(...all.map((amount) => amount.decimals));
  return write({ units: all.reduce((total, amount) => total + unitsAt(amount, decimals), 0n), decimals });
}

/**
 * A decimal string divided by a positive integer, without floats: 15.3 / 6 = 2.55, 10.00 / 4 = 2.50, 10 / 3 = 3.333333
 * (rounded half away from zero). Never fewer decimals than the dividend has.
 */
export function divide(amount: string, divisor: number): string {
  const dividend = read(amount);
  const decimals = Math.max(QUOTIENT_DECIMALS, dividend.decimals);
  const by = BigInt(divisor);
  const units = unitsAt(dividend, decimals);
  const half = units < 0n ? -by : by;
  const quotient = write({ units: (2n * units + half) / (2n * by), decimals });
  const [whole = '', fraction = ''] = quotient.split('.');
  const kept = fraction.replace(/0+$/, '').padEnd(dividend.decimals, '0');
  return kept === '' ? whole : `${whole}.${kept}`;
}

function read(text: string): Decimal {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const decimals = fraction.length - Number(exponent);
  const units = BigInt(sign + whole + fraction);
  return decimals >= 0 ? { units, decimals } : { units: units * 10n ** BigInt(-decimals), decimals: 0 };
}

const unitsAt = ({ units, decimals }: Decimal, wanted: number): bigint => units * 10n ** BigInt(wanted - decimals);

function write({ units, decimals }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const plain = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return units < 0n ? `-${plain}` : plain;
}
