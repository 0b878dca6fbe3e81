import { createHmac, timingSafeEqual } from 'node:crypto';

/** Bytes of a subject's salt: as long as the hash, so that it can't be searched (RFC 2104 §3). */
export const SALT_BYTES = 32;

const PREFIX = 'hmac-sha256:';

/**
 * Stands in an entry for a piece of personal data: HMAC-SHA-256 of field and value under the salt of the one person it
 * is about. Whoever has salt and value can show that they match; once the salt is erased nobody can, and the log stays
 * valid. The field is part of it, so that equal values in different fields don't look alike.
 */
export function commitment(salt: Uint8Array, field: string, value: string): string {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes`);
  const text = JSON.stringify(['sluice-commitment-1', field, value]);
  return PREFIX + createHmac('sha256', salt).update(text).digest('hex');
}

/** Whether `committed` is the commitment to this value. */
export function isCommittedTo(committed: string, salt: Uint8Array, field: string, value: string): boolean {
  const expected = Buffer.from(commitment(salt, field, value));
  const actual = Buffer.from(committed);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
