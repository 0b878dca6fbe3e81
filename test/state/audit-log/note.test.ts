import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openCheckpoint, signCheckpoint } from '#platform/state/audit-log/checkpoint.ts';
import {
  formatSignerKey,
  openNote,
  parseSignerKey,
  parseVerifier,
  signerFromSeed,
  signNote,
  splitNotes,
} from '#platform/state/audit-log/note.ts';
import { ORIGIN, testSigner } from '#test/support/audit-log.ts';

const go = JSON.parse(readFileSync(new URL('../../vectors/audit-log/note.json', import.meta.url), 'utf8')) as {
  signerKey: string;
  verifierKey: string;
  text: string;
  note: string;
};
const signer = testSigner();
const root = new Uint8Array(32).fill(9);
const checkpoint = { origin: ORIGIN, size: 20_852_163, root };

test("keys and notes are those of Go's note package", () => {
  const signer = parseSignerKey(go.signerKey);
  assert.equal(signer.verifier.text, go.verifierKey);
  assert.equal(signNote(go.text, signer), go.note);
  assert.equal(openNote(go.note, [parseVerifier(go.verifierKey)]), go.text);
});

test('a secret key reads back from its text', () => {
  const seed = new Uint8Array(32).fill(3);
  const text = formatSignerKey(ORIGIN, seed);
  assert.equal(parseSignerKey(text).verifier.text, signerFromSeed(ORIGIN, seed).verifier.text);
  assert.throws(() => parseSignerKey(text.replace('sluice', 'sluicy')), { code: 'note-key-damaged' });
  assert.throws(() => signerFromSeed('has space', seed), { code: 'note-key-damaged' });
});

test('a checkpoint reads back from its note', () => {
  const note = signCheckpoint(checkpoint, signer);
  const { size, origin, root } = openCheckpoint(note, [signer.verifier]);
  assert.deepEqual({ size, origin, root: new Uint8Array(root) }, checkpoint);
  assert.match(note, /^sluice\.example\/audit\n20852163\nCQkJ[A-Za-z0-9+/=]+\n\n— sluice\.example\/audit \S+\n$/);
});

test('a note opens with any one of several keys, and the signatures of unknown keys do not matter', () => {
  const [former, unknown] = [testSigner(8), testSigner(9)];
  const note = signNote('text\n', former);
  const lineOf = (signed: string) => signed.slice(signed.lastIndexOf('\n\n') + 2);
  const cosigned = note + lineOf(signNote('other text\n', unknown));
  assert.equal(openNote(cosigned, [signer.verifier, former.verifier]), 'text\n');
  assert.throws(() => openNote(note, [signer.verifier]), { code: 'note-unsigned' });
});

test('a note is refused if a known key has signed something else, though another signature is right', () => {
  const other = testSigner(8);
  const wrong = signNote('other text\n', other).split('\n\n')[1]!;
  const note = signNote('text\n', signer) + wrong;
  assert.throws(() => openNote(note, [signer.verifier, other.verifier]), { code: 'note-signature-wrong' });
  assert.equal(openNote(note, [signer.verifier]), 'text\n');
});

test('a note with one changed character does not open', () => {
  const note = signCheckpoint(checkpoint, signer);
  for (let i = 0; i < note.length; i++) {
    const changed = note.slice(0, i) + (note[i] === 'A' ? 'B' : 'A') + note.slice(i + 1);
    assert.throws(() => openNote(changed, [signer.verifier]), `character ${i}`);
  }
});

test('what is not a signed note is refused', () => {
  const note = signNote('text\n', signer);
  const wrong = [
    '',
    '\n',
    'text\n',
    note.slice(0, -1),
    `${note}\n`,
    note.replace('text', 'te\txt'),
    note.replace('— ', '- '),
  ];
  for (const text of wrong) assert.throws(() => openNote(text, [signer.verifier]), { code: 'note-malformed' });
  assert.throws(() => signNote('no newline', signer), { code: 'note-malformed' });
});

test('what is signed but no checkpoint is refused', () => {
  for (const text of [
    'text\n',
    `${ORIGIN}\n01\nCQ==\n`,
    `${ORIGIN}\n1\nCQ==\n`,
    `${ORIGIN}\n-1\n${'A'.repeat(43)}=\n`,
  ]) {
    const note = signNote(text, signer);
    assert.throws(() => openCheckpoint(note, [signer.verifier]), { code: 'checkpoint-malformed' });
  }
});

test('notes that follow one another in a file are told apart', () => {
  const notes = [1, 2, 3].map((size) => signCheckpoint({ ...checkpoint, size }, signer));
  assert.deepEqual(splitNotes(notes.join('')), notes);
});
