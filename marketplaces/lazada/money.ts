import { z } from 'zod';

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?$/;

/** An amount, a string or a JSON number's own text, as a plain decimal: `99.00` stays, `1.5E+6` is `1500000`. */
export const money = z
  .string()
  .regex(NUMBER)
  .transform((text) => write(read(text)));

type Decimal = { units: bigint; decimals: number };

/** The sum of decimal strings, without floats; null if one of them is not told. */
export function sum(amounts: readonly (string | null | undefined)[]): string | null {
  const all = amounts.flatMap((amount) => (amount == null ? [] : read(amount)));
  if (all.length < amounts.length) return null;
  const decimals = Math.max(0, ...all.map((amount) => amount.decimals));
  const units = all.reduce((total, amount) => total + amount.units * 10n ** BigInt(decimals - amount.decimals), 0n);
  return write({ units, decimals });
}

export const negative = (amount: string): string => write(negate(read(amount)));

const negate = ({ units, decimals }: Decimal): Decimal => ({ units: -units, decimals });

function read(text: string): Decimal {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const decimals = fraction.length - Number(exponent);
  const units = BigInt(sign + whole + fraction);
  return decimals >= 0 ? { units, decimals } : { units: units * 10n ** BigInt(-decimals), decimals: 0 };
}

function write({ units, decimals }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const plain = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return units < 0n ? `-${plain}` : plain;
}
