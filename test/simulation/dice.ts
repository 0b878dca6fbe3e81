import { hash } from 'node:crypto';

/** Draws of one purpose. */
export type Dice = {
  /** uniform in [0, 1) */
  fraction(): number;
  between(from: number, to: number): number;
  pick<Value>(values: readonly Value[]): Value;
  /** the wait until the next of events that come on average every `meanMs` */
  untilNext(meanMs: number): number;
};

/** A fast generator (mulberry32) from a seed and a purpose: draws of one purpose do not move those of another. */
export function createDice(seed: string, purpose: string): Dice {
  let state = Number.parseInt(hash('sha256', `${seed}/${purpose}`).slice(0, 8), 16);
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    fraction,
    between: (from, to) => from + fraction() * (to - from),
    pick: (values) => values[Math.floor(fraction() * values.length)]!,
    untilNext: (meanMs) => -Math.log(1 - fraction()) * meanMs,
  };
}
