import type { Random } from './random.ts';

/** A `traceparent` that starts a new trace (W3C Trace Context, version 00, sampled). */
export function newTraceparent(random: Pick<Random, 'hex'>): string {
  const ids = random.hex(24);
  return `00-${ids.slice(0, 32)}-${ids.slice(32)}-01`;
}

/** The next step of the same trace. */
export function childTraceparent(parent: string, random: Pick<Random, 'hex'>): string {
  return `${parent.slice(0, 36)}${random.hex(8)}${parent.slice(52)}`;
}
