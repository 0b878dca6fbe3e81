import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitment, isCommittedTo, SALT_BYTES } from '#platform/state/audit-log/commitment.ts';
import { decodeEntry, encodeEntry, MAX_ENTRY_BYTES } from '#platform/state/audit-log/entry.ts';
import { testEntry } from '#test/support/audit-log.ts';

test('an entry reads back as it was written', () => {
  assert.deepEqual(decodeEntry(encodeEntry(testEntry(5))), testEntry(5));
});

test('an entry of 65,535 bytes is taken and one byte more is refused for good', () => {
  const entry = testEntry(0);
  const room = MAX_ENTRY_BYTES - encodeEntry({ ...entry, data: { text: '' } }).length;
  assert.equal(encodeEntry({ ...entry, data: { text: 'x'.repeat(room) } }).length, MAX_ENTRY_BYTES);
  assert.throws(() => encodeEntry({ ...entry, data: { text: 'x'.repeat(room + 1) } }), {
    kind: 'permanent',
    code: 'audit-entry-too-large',
  });
});

test('what is not an entry is refused without its values being told', () => {
  const entry = { ...testEntry(0), at: 'Jane Doe', address: '1 High Street' };
  assert.throws(
    () => encodeEntry(entry),
    (error: Error) => /at \(/.test(error.message) && !/Jane|High/.test(error.message),
  );
});

test('a commitment opens with its salt, field and value and with no other', () => {
  const salt = new Uint8Array(SALT_BYTES).fill(1);
  const committed = commitment(salt, 'buyer.name', 'Jane Doe');
  assert.ok(isCommittedTo(committed, salt, 'buyer.name', 'Jane Doe'));
  assert.ok(!isCommittedTo(committed, salt, 'buyer.name', 'Jane Do'));
  assert.ok(!isCommittedTo(committed, salt, 'buyer.city', 'Jane Doe'));
  assert.ok(!isCommittedTo(committed, new Uint8Array(SALT_BYTES).fill(2), 'buyer.name', 'Jane Doe'));
  assert.ok(!isCommittedTo('', salt, 'buyer.name', 'Jane Doe'));
  assert.throws(() => commitment(new Uint8Array(8), 'buyer.name', 'Jane Doe'), RangeError);
});
