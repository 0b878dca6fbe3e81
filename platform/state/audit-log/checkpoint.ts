import { Failure } from '#platform/runtime/failure.ts';
import { HASH_BYTES } from './merkle.ts';
import { decodeBase64, openNote, type Signer, signNote, type Verifier } from './note.ts';

/** What a log says of itself at one time: this many entries, with this root. */
export type Checkpoint = { origin: string; size: number; root: Uint8Array };

/** A C2SP tlog-checkpoint, signed. */
export function signCheckpoint({ origin, size, root }: Checkpoint, signer: Signer): string {
  return signNote(`${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`, signer);
}

/** The checkpoint in a note that at least one of these keys signed; throws for anything else. */
export const openCheckpoint = (note: string, verifiers: readonly Verifier[]): Checkpoint =>
  readCheckpoint(openNote(note, verifiers));

/** The checkpoint in the text of a note whose signature nobody has to check again. */
export function readCheckpoint(text: string): Checkpoint {
  const [origin, size, root] = text.split('\n');
  const hash = decodeBase64(root ?? '');
  if (!origin || !/^(0|[1-9]\d{0,15})$/.test(size ?? '') || hash?.length !== HASH_BYTES) {
    throw new Failure('permanent', 'not a checkpoint', { code: 'checkpoint-malformed' });
  }
  return { origin, size: Number(size), root: hash };
}
