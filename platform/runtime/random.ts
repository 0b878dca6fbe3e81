import { createHash, randomBytes } from 'node:crypto';

/** The only source of randomness. Everything else is given a `Random`. */
export type Random = {
  /** uniform in [0, 1) */
  fraction(): number;
  /** `bytes` random bytes as lower-case hex */
  hex(bytes: number): string;
};

export const realRandom: Random = {
  fraction: () => randomBytes(4).readUInt32BE() / 2 ** 32,
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};

/** bytes made at a time */
const BLOCK_BYTES = 4_096;

/** The same sequence for the same seed: SHAKE-256 in counter mode. For simulations, never for keys. */
export function seededRandom(seed: string): Random {
  let block = Buffer.alloc(0);
  let counter = 0;
  const take = (bytes: number): Buffer => {
    while (block.length < bytes) {
      const shake = createHash('shake256', { outputLength: BLOCK_BYTES });
      const next = shake.update(`${seed}/${counter++}`).digest();
      block = Buffer.concat([block, next]);
    }
    const taken = block.subarray(0, bytes);
    block = block.subarray(bytes);
    return taken;
  };
  return {
    fraction: () => take(4).readUInt32BE() / 2 ** 32,
    hex: (bytes) => take(bytes).toString('hex'),
  };
}
