import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { z } from 'zod';
import type { Random } from '#platform/runtime/random.ts';

/** AES-256-GCM, nonce of 96 bits as NIST SP 800-38D recommends */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** Said at each use, since Node otherwise takes shorter tags too, which are easier to forge. */
const TAG = { authTagLength: TAG_BYTES };

/** RFC 5869 `info`: no key that encrypts is used for anything else */
const FINGERPRINT_INFO = 'sluice fingerprints';

const version = z.string().regex(/^\d+$/);

/**
 * The data keys by version; `current` encrypts, all decrypt, so that a key can be rolled without downtime. `next` takes
 * the place of `current` at `inForceAt` (epoch ms): late enough that every function has read it by then.
 */
export const dataKeys = z.object({
  current: version,
  next: z.object({ version, inForceAt: z.int() }).optional(),
  keys: z.record(
    version,
    z.base64().refine((key) => Buffer.from(key, 'base64').length === KEY_BYTES),
  ),
});
export type DataKeys = z.infer<typeof dataKeys>;

export type Encryption = {
  /** @param boundTo what the ciphertext belongs to (the connection): it can't be read as anything else's */
  encrypt(plaintext: string, boundTo: string): string;
  decrypt(ciphertext: string, boundTo: string): string;
  /** Was it made with the key that encrypts now? */
  isInForce(ciphertext: string): boolean;
  /** The version of the key that encrypts now; undefined where it is the only one. */
  newestOfSeveral(): string | undefined;
  /**
   * What stands for a text that must be found again, but not be read or guessed: an HMAC under a key made of the data key
   * that encrypts now.
   */
  fingerprint(text: string): string;
  /** Its fingerprints under every data key: one of them is what was written, whenever that was. */
  fingerprints(text: string): string[];
};

/**
 * Ciphertexts are `<key version>.<nonce>.<ciphertext and tag>`, the last two in base64url.
 * @param keys asked at each use, where it is a function: the keys of that moment
 */
export function createEncryption(keys: DataKeys | (() => DataKeys), random: Pick<Random, 'hex'>): Encryption {
  const now = typeof keys === 'function' ? keys : () => keys;
  const keyOf = (wanted: string): Buffer => {
    const key = now().keys[wanted];
    if (!key) throw new Error(`the secret sluice/data-key has no key of version ${wanted}`);
    return Buffer.from(key, 'base64');
  };
  const fingerprintBy = (version: string, text: string): string => {
    const key = Buffer.from(hkdfSync('sha256', keyOf(version), '', FINGERPRINT_INFO, KEY_BYTES));
    return `${version}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  };
  return {
    encrypt(plaintext, boundTo) {
      const { current } = now();
      const nonce = Buffer.from(random.hex(NONCE_BYTES), 'hex');
      const cipher = createCipheriv('aes-256-gcm', keyOf(current), nonce, TAG);
      cipher.setAAD(Buffer.from(boundTo));
      const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${current}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`;
    },
    decrypt(ciphertext, boundTo) {
      const [version = '', nonce = '', sealedText = ''] = ciphertext.split('.');
      const sealed = Buffer.from(sealedText, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', keyOf(version), Buffer.from(nonce, 'base64url'), TAG);
      decipher.setAAD(Buffer.from(boundTo));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      return decipher.update(sealed.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    },
    isInForce: (ciphertext) => ciphertext.startsWith(`${now().current}.`),
    fingerprint: (text) => fingerprintBy(now().current, text),
    fingerprints: (text) => Object.keys(now().keys).map((version) => fingerprintBy(version, text)),
    newestOfSeveral() {
      const { current, keys } = now();
      return Object.keys(keys).length > 1 ? current : undefined;
    },
  };
}

const newKey = (random: Pick<Random, 'hex'>): string => Buffer.from(random.hex(KEY_BYTES), 'hex').toString('base64');

/** A first set of data keys, for a new installation. */
export const newDataKeys = (random: Pick<Random, 'hex'>): DataKeys => ({ current: '1', keys: { 1: newKey(random) } });

/** The keys with `current` as it is at `now`. */
export const keysAt = (keys: DataKeys, now: number): DataKeys =>
  keys.next && keys.next.inForceAt <= now ? { current: keys.next.version, keys: keys.keys } : keys;

/** The keys with a new one that comes into force at `inForceAt`; the old ones go on decrypting. */
export function rolledKeys(
  keys: DataKeys,
  random: Pick<Random, 'hex'>,
  at: { now: number; inForceAt: number },
): DataKeys {
  const { current, next, keys: held } = keysAt(keys, at.now);
  if (next) throw new Error(`data key ${next.version} is not in force yet: roll again after that`);
  const version = String(Math.max(...Object.keys(held).map(Number)) + 1);
  return { current, next: { version, inForceAt: at.inForceAt }, keys: { ...held, [version]: newKey(random) } };
}
