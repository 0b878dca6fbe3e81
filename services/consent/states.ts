import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Random } from '#platform/runtime/random.ts';

/** how long a seller may take between leaving for the consent page and coming back, ms, ours: a login with a second factor */
export const STATE_VALID_MS = 3_600_000;
/** 96 bits */
const ID_BYTES = 12;
/** what the key signs here, so that nothing else that it may sign is taken for a state */
const PURPOSE = 'sluice consent state v1';

/** What a state says once it is known to be ours, and not too old, and of this browser. */
export type ReadState =
  | { consentId: string; marketplace: string }
  | { refused: 'forged' | 'expired' | 'other-browser' };

/**
 * The `state` that travels through the consent page: which consent it is, at which marketplace, until when it is taken,
 * and which browser began it, by the hash of a nonce in its cookie; all signed. Nothing is stored for one.
 *
 *   <consent id>.<marketplace>.<expiry>.<hash of the nonce>.<HMAC-SHA-256 of all that>
 */
export function createStates({ key, clock, random }: { key: Buffer; clock: Clock; random: Random }) {
  const sign = (text: string): string => createHmac('sha256', key).update(`${PURPOSE}\n${text}`).digest('base64url');

  return {
    issue(marketplace: string, nonce: string): string {
      const expiry = Math.floor(clock.now() + STATE_VALID_MS).toString(36);
      const text = [random.hex(ID_BYTES), marketplace, expiry, hashOf(nonce)].join('.');
      return `${text}.${sign(text)}`;
    },

    /** @param nonce from the cookie of the browser that came back; undefined where there is none */
    read(state: string, nonce: string | undefined): ReadState {
      const parts = state.split('.');
      const [consentId = '', marketplace = '', expiry = '', ofNonce = '', signature = ''] = parts;
      if (parts.length !== 5 || !isEqual(sign(parts.slice(0, 4).join('.')), signature)) return { refused: 'forged' };
      if (Number.parseInt(expiry, 36) <= clock.now()) return { refused: 'expired' };
      if (nonce === undefined || !isEqual(hashOf(nonce), ofNonce)) return { refused: 'other-browser' };
      return { consentId, marketplace };
    },
  };
}

export type States = ReturnType<typeof createStates>;

/** 128 bits of it do, and keep the link short */
const hashOf = (nonce: string): string => hash('sha256', nonce).slice(0, 32);

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
