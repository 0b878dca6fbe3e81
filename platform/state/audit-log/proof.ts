import { Failure } from '#platform/runtime/failure.ts';
import { openCheckpoint } from './checkpoint.ts';
import { HASH_BYTES, leafHash, verifyInclusion } from './merkle.ts';
import { decodeBase64, type Verifier } from './note.ts';

/** Proof that an entry is in the log: one file, checked offline with nothing but the log's public key. */
export type Proof = { index: number; entry: Uint8Array; path: Uint8Array[]; checkpoint: string };

const HEADER = 'c2sp.org/tlog-proof@v1';

/** In the form of C2SP tlog-proof, with the entry itself as its extra data. */
export function formatProof({ index, entry, path, checkpoint }: Proof): string {
  const lines = [HEADER, `extra ${base64(entry)}`, `index ${index}`, ...path.map(base64), '', checkpoint];
  return lines.join('\n');
}

/** Reads and checks a proof; throws unless it leads from its entry to a checkpoint that one of the keys signed. */
export function openProof(text: string, verifiers: readonly Verifier[]): Proof {
  const split = text.indexOf('\n\n');
  const [header, extra, index, ...path] = text.slice(0, split).split('\n');
  const entry = decodeBase64(extra?.replace(/^extra /, '') ?? '');
  const hashes = path.map(decodeBase64).filter((hash) => hash?.length === HASH_BYTES) as Buffer[];
  const wellFormed =
    split > 0 && header === HEADER && extra?.startsWith('extra ') && /^index \d{1,16}$/.test(index ?? '');
  if (!wellFormed || !entry || hashes.length !== path.length) {
    throw new Failure('permanent', 'not a proof of inclusion', { code: 'proof-malformed' });
  }
  const checkpoint = text.slice(split + 2);
  const { size, root } = openCheckpoint(checkpoint, verifiers);
  const proof: Proof = { index: Number(index!.slice('index '.length)), entry, path: hashes, checkpoint };
  if (!verifyInclusion(proof.index, size, leafHash(entry), hashes, root)) {
    throw new Failure('permanent', 'the proof does not lead to its checkpoint', { code: 'proof-wrong' });
  }
  return proof;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
