import { createCipheriv, createDecipheriv } from 'node:crypto';
import { z } from 'zod';
import type { Random } from '#platform/runtime/random.ts';

/** AES-256-GCM, nonce of 96 bits as NIST SP 800-38D recommends */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** Said at each use, since Node otherwise takes shorter tags too, which are easier to forge. */
const TAG = { authTagLength: TAG_BYTES };

/** The data keys by version; `current` encrypts, all decrypt, so that a key can be rolled without downtime. */
export const dataKeys = z.object({
  current: z.string().regex(/^\d+$/),
  keys: z.record(
    z.string().regex(/^\d+$/),
    z.base64().refine((key) => Buffer.from(key, 'base64').length === KEY_BYTES),
  ),
});
export type DataKeys = z.infer<typeof dataKeys>;

export type Encryption = {
  /** @param boundTo what the ciphertext belongs to (the connection): it can't be read as anything else's */
  encrypt(plaintext: string, boundTo: string): string;
  decrypt(ciphertext: string, boundTo: string): string;
};

/** Ciphertexts are `<key version>.<nonce>.<ciphertext and tag>`, the last two in base64url. */
export function createEncryption(keys: DataKeys, random: Pick<Random, 'hex'>): Encryption {
  const keyOf = (version: string): Buffer => {
    const key = keys.keys[version];
    if (!key) throw new Error(`the secret sluice/data-key has no key of version ${version}`);
    return Buffer.from(key, 'base64');
  };
  return {
    encrypt(plaintext, boundTo) {
      const nonce = Buffer.from(random.hex(NONCE_BYTES), 'hex');
      const cipher = createCipheriv('aes-256-gcm', keyOf(keys.current), nonce, TAG);
      cipher.setAAD(Buffer.from(boundTo));
      const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${keys.current}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`;
    },
    decrypt(ciphertext, boundTo) {
      const [version = '', nonce = '', sealedText = ''] = ciphertext.split('.');
      const sealed = Buffer.from(sealedText, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', keyOf(version), Buffer.from(nonce, 'base64url'), TAG);
      decipher.setAAD(Buffer.from(boundTo));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      return decipher.update(sealed.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    },
  };
}

/** A first set of data keys, for a new installation. */
export function newDataKeys(random: Pick<Random, 'hex'>): DataKeys {
  return { current: '1', keys: { 1: Buffer.from(random.hex(KEY_BYTES), 'hex').toString('base64') } };
}
