import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '#platform/runtime/random.ts';
import { createEncryption, type DataKeys, dataKeys, newDataKeys, rolledKeys } from '#platform/state/encryption.ts';

const random = seededRandom('encryption');
const first = newDataKeys(random);
const encryption = createEncryption(first, random);

test('what is encrypted can be read again, whatever it says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (plaintext, boundTo) => {
      assert.equal(encryption.decrypt(encryption.encrypt(plaintext, boundTo), boundTo), plaintext);
    }),
  );
});

test('what belongs to one connection can’t be read as another’s', () => {
  const sealed = encryption.encrypt('a token', 'ebay-1');
  assert.throws(() => encryption.decrypt(sealed, 'ebay-2'));
  assert.throws(() => encryption.decrypt(sealed, ''));
});

test('a ciphertext with any byte changed, or cut anywhere, is refused', () => {
  const sealed = encryption.encrypt('a token', 'ebay-1');
  const [version, nonce, rest] = sealed.split('.') as [string, string, string];
  const parts = [Buffer.from(nonce, 'base64url'), Buffer.from(rest, 'base64url')] as const;
  const refused = (nonce: Buffer, rest: Buffer): void => {
    const changed = `${version}.${nonce.toString('base64url')}.${rest.toString('base64url')}`;
    assert.throws(() => encryption.decrypt(changed, 'ebay-1'), changed);
  };
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      part[i]! ^= 1;
      refused(...parts);
      part[i]! ^= 1;
    }
  }
  for (let length = 0; length < parts[1].length; length++) refused(parts[0], parts[1].subarray(0, length));
  assert.throws(() => encryption.decrypt('', 'ebay-1'));
});

test('a tag shorter than 128 bits is refused, though it be the right one’s beginning', () => {
  const [version, nonce, rest] = encryption.encrypt('', 'ebay-1').split('.') as [string, string, string];
  const tag = Buffer.from(rest, 'base64url').subarray(0, 12).toString('base64url');
  assert.throws(() => encryption.decrypt(`${version}.${nonce}.${tag}`, 'ebay-1'));
});

test('the same text encrypted twice looks different each time', () => {
  assert.notEqual(encryption.encrypt('a token', 'ebay-1'), encryption.encrypt('a token', 'ebay-1'));
});

test('after a new key has come, the old still reads what it wrote, and the new writes', () => {
  const old = encryption.encrypt('old', 'ebay-1');
  const rolled: DataKeys = { current: '2', keys: { ...first.keys, 2: newDataKeys(random).keys[1]! } };
  const after = createEncryption(dataKeys.parse(rolled), random);
  assert.equal(after.decrypt(old, 'ebay-1'), 'old');
  const sealed = after.encrypt('new', 'ebay-1');
  assert.ok(sealed.startsWith('2.'));
  assert.equal(after.decrypt(sealed, 'ebay-1'), 'new');
  assert.throws(() => encryption.decrypt(sealed, 'ebay-1'), /no key of version 2/);
});

test('a key of a wrong length is refused', () => {
  const key = (bytes: number) => Buffer.alloc(bytes).toString('base64');
  assert.ok(dataKeys.safeParse({ current: '1', keys: { 1: key(32) } }).success);
  for (const bytes of [0, 16, 31, 33])
    assert.ok(!dataKeys.safeParse({ current: '1', keys: { 1: key(bytes) } }).success);
});

test('a fingerprint is the same for the same text, another under each key, and is found under all that are held', () => {
  const random = seededRandom('fingerprints');
  const keys = newDataKeys(random);
  const before = createEncryption(keys, random);
  const { next, keys: held } = rolledKeys(keys, random, { now: 0, inForceAt: 0 });
  const after = createEncryption({ current: next!.version, keys: held }, random);
  const text = 'ebay\nada-the-buyer';
  assert.equal(before.fingerprint(text), before.fingerprint(text));
  assert.notEqual(before.fingerprint(text), before.fingerprint(`${text} `));
  assert.notEqual(before.fingerprint(text), after.fingerprint(text));
  assert.deepEqual(after.fingerprints(text), [before.fingerprint(text), after.fingerprint(text)]);
  // Not what the data key itself, or no key, makes of it.
  const key = Buffer.from(keys.keys['1']!, 'base64');
  const guesses = [createHmac('sha256', key), createHash('sha256')].map((hash) =>
    hash.update(text).digest('base64url'),
  );
  for (const guess of guesses) assert.ok(!before.fingerprint(text).includes(guess));
});
