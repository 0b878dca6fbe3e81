import { READ_UNIT_BYTES, WRITE_UNIT_BYTES } from './prices.ts';

/** An attribute's value as DynamoDB's protocol writes it; `B` is base64. */
export type Value = { S?: string; N?: string; B?: string; [type: string]: unknown };
export type Item = Record<string, Value>;

/**
 * The size of an item by DynamoDB's rules, bytes: names and values; a number takes a byte for two digits and one more
 * (DynamoDB developer guide, item sizes and formats).
 */
export const sizeOf = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

function valueBytes({ S, N, B, ...other }: Value): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.ceil(digitsOf(N) / 2) + 1;
  if (B !== undefined) return Buffer.from(B, 'base64').length;
  throw new Error(`the engine writes no attribute of type ${Object.keys(other).join()}`);
}

/** significant digits: zeroes at both ends don't count */
const digitsOf = (number: string): number => number.replace(/\D/g, '').replace(/^0+|0+$/g, '').length;

export const writeUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));
export const readUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES));
