import { createPrivateKey, createPublicKey, sign } from 'node:crypto';

/**
 * A TEST key, public on purpose: made once for this sandbox and used nowhere else. node:crypto can't make an EC key
 * from a seed, and a fixed one lets a client check recorded notifications. Never trust a signature made with it.
 */
const SANDBOX_TEST_PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgj674ZzzWXzSig0V3
lVw6rRhio9HnMXOqDXu5Kd/jyY6hRANCAARhR4VFtF1QVXfqz/srrmLhHkeDF7Eb
qOVAheDnS71/aR0w3q0K11qz7ObpH+t87r01kO4HUmCJ8iXrreTyA7e6
-----END PRIVATE KEY-----`;

/** What the public key is asked for by. */
export const SANDBOX_TEST_KEY_ID = '8431790d-378b-491c-8a31-d62348a12f90';

const privateKey = createPrivateKey(SANDBOX_TEST_PRIVATE_KEY);

/** The public key as getPublicKey answers it: PEM without its line breaks. */
export const publicKeyAnswer = {
  key: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString().replaceAll('\n', ''),
  algorithm: 'ECDSA',
  digest: 'SHA1',
};

/**
 * The value of X-EBAY-SIGNATURE for a body. ECDSA signatures hold a random part, so these are the only bytes that
 * differ between two runs of one simulation.
 */
export function signatureHeader(body: string): string {
  const signature = sign('sha1', Buffer.from(body), privateKey).toString('base64');
  const header = { alg: 'ecdsa', kid: SANDBOX_TEST_KEY_ID, signature, digest: 'SHA1' };
  return Buffer.from(JSON.stringify(header)).toString('base64');
}
