/** Decimals kept of a quotient that does not end, ours: two more than any price list has. */
const QUOTIENT_DECIMALS = 6;

/**
 * A decimal string divided by a positive integer, without floats. Exact where the quotient ends within 6 decimals (or
 * within as many as the dividend has), else rounded half to even there. Never fewer decimals than the dividend has:
 * 15.30 / 6 = 2.55, 10.00 / 4 = 2.50, 4085.0 / 1 = 4085.0, 10.00 / 3 = 3.333333.
 */
export function divideDecimal(dividend: string, divisor: number): string {
  const negative = dividend.startsWith('-');
  const [whole = '', fraction = ''] = dividend.replace('-', '').split('.');
  const decimals = Math.max(QUOTIENT_DECIMALS, fraction.length);
  const quotient = roundHalfEven(BigInt(whole + fraction.padEnd(decimals, '0')), BigInt(divisor));

  const digits = quotient.toString().padStart(decimals + 1, '0');
  const units = digits.slice(0, -decimals);
  const rest = digits.slice(-decimals);
  const kept = rest.replace(/0+$/, '').padEnd(fraction.length, '0');
  return `${negative && quotient > 0n ? '-' : ''}${units}${kept === '' ? '' : `.${kept}`}`;
}

function roundHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}
