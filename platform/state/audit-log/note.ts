import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { Failure } from '#platform/runtime/failure.ts';

/** C2SP signed-note, signature type of Ed25519 */
const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
/** C2SP signed-note asks for at least 16 signatures and for a limit; Go's note package has this one. */
const MAX_SIGNATURES = 100;
/** RFC 8410: what stands before the 32 bytes of a raw Ed25519 key in PKCS #8 and in SPKI */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** bytes of an Ed25519 seed and of its public key, RFC 8032 */
export const KEY_BYTES = 32;

export type Verifier = { name: string; keyId: Buffer; publicKey: KeyObject; text: string };
export type Signer = { verifier: Verifier; sign(text: string): Buffer };

/** A signer from its 32 secret bytes. The name goes into every signature and should be the log's origin. */
export function signerFromSeed(name: string, seed: Uint8Array): Signer {
  if (seed.length !== KEY_BYTES) throw damagedKey('a seed has 32 bytes');
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const verifier = verifierFromPublicKey(name, spki.subarray(SPKI_PREFIX.length));
  return { verifier, sign: (text) => sign(null, Buffer.from(text), privateKey) };
}

/** The secret as one line of text, in the form of Go's note package: `PRIVATE+KEY+name+id+base64`. */
export const formatSignerKey = (name: string, seed: Uint8Array): string => {
  const { keyId } = signerFromSeed(name, seed).verifier;
  return `PRIVATE+KEY+${name}+${keyId.toString('hex')}+${typed(seed).toString('base64')}`;
};

/** The signer whose secret `formatSignerKey` wrote. */
export function parseSignerKey(text: string): Signer {
  const rest = text.trim().replace(/^PRIVATE\+KEY\+/, '');
  const { name, keyId, key } = readKey(rest);
  const signer = signerFromSeed(name, key);
  if (!signer.verifier.keyId.equals(keyId)) throw damagedKey('its id does not fit its name and key');
  return signer;
}

/** A verifier key, `name+id+base64`, as C2SP and Go's note package write it. */
export function parseVerifier(text: string): Verifier {
  const { name, keyId, key } = readKey(text.trim());
  const verifier = verifierFromPublicKey(name, key);
  if (!verifier.keyId.equals(keyId)) throw damagedKey('its id does not fit its name and key');
  return verifier;
}

function verifierFromPublicKey(name: string, raw: Uint8Array): Verifier {
  if (!isKeyName(name)) throw damagedKey('a name is not empty and has no space and no plus');
  const keyId = createHash('sha256').update(`${name}\n`).update(typed(raw)).digest().subarray(0, KEY_ID_BYTES);
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
  return { name, keyId, publicKey, text: `${name}+${keyId.toString('hex')}+${typed(raw).toString('base64')}` };
}

function readKey(text: string): { name: string; keyId: Buffer; key: Buffer } {
  // The base64 may hold a plus too, the name and the id can't.
  const parts = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
  const bytes = parts ? decodeBase64(parts[3]!) : undefined;
  if (!parts || bytes?.length !== KEY_BYTES + 1 || bytes[0] !== ED25519) throw damagedKey('not an Ed25519 note key');
  return { name: parts[1]!, keyId: Buffer.from(parts[2]!, 'hex'), key: bytes.subarray(1) };
}

/** The text, which ends in a newline, with a blank line and one signature line behind it. */
export function signNote(text: string, signer: Signer): string {
  if (!isNoteText(text)) throw new Failure('permanent', 'not a text that a note can hold', { code: 'note-malformed' });
  const { name, keyId } = signer.verifier;
  return `${text}\n— ${name} ${Buffer.concat([keyId, signer.sign(text)]).toString('base64')}\n`;
}

/** The text of a note if a known key signed it and no signature of a known key is wrong; otherwise it throws. */
export function openNote(note: string, verifiers: readonly Verifier[]): string {
  const split = note.lastIndexOf('\n\n');
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2).split('\n');
  const wellFormed = split >= 0 && isNoteText(note) && lines.pop() === '';
  if (!wellFormed || lines.length === 0 || lines.length > MAX_SIGNATURES) throw malformed();
  let signed = false;
  for (const line of lines) {
    const parts = /^— (\S+) (\S+)$/.exec(line);
    const bytes = parts ? decodeBase64(parts[2]!) : undefined;
    if (!parts || !bytes || bytes.length <= KEY_ID_BYTES || !isKeyName(parts[1]!)) throw malformed();
    const keyId = bytes.subarray(0, KEY_ID_BYTES);
    const verifier = verifiers.find((known) => known.name === parts[1] && known.keyId.equals(keyId));
    if (!verifier) continue;
    if (!verify(null, Buffer.from(text), verifier.publicKey, bytes.subarray(KEY_ID_BYTES))) {
      throw new Failure('permanent', `the signature of ${verifier.name} is wrong`, { code: 'note-signature-wrong' });
    }
    signed = true;
  }
  if (!signed) throw new Failure('permanent', 'no known key has signed the note', { code: 'note-unsigned' });
  return text;
}

/** Base64 of RFC 4648 §4 with its padding; undefined for anything that Node would only guess at. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

const typed = (key: Uint8Array): Buffer => Buffer.concat([Uint8Array.of(ED25519), key]);
const isKeyName = (name: string): boolean => /^[^\s+]+$/u.test(name);
// biome-ignore lint/suspicious/noControlCharactersInRegex: a note must hold none of them but the newline
const isNoteText = (text: string): boolean => text.endsWith('\n') && !/[\x00-\x09\x0b-\x1f]/.test(text);
const malformed = (): Failure => new Failure('permanent', 'not a signed note', { code: 'note-malformed' });
const damagedKey = (why: string): Failure =>
  new Failure('permanent', `damaged key: ${why}`, { code: 'note-key-damaged' });

/** The notes of a file that holds one after another: each ends with its signature lines. */
export const splitNotes = (file: string): string[] => file.match(/[\s\S]*?\n\n(?:— .*\n)+/g) ?? [];
