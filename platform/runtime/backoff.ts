import type { Random } from './random.ts';

/** first wait at the most, ms */
const BASE_MS = 1_000;
/** longest wait, ms: what one delayed message can wait (engine.ts, MAX_DELAY_MS) */
const CAP_MS = 900_000;

/**
 * How long to wait after the n-th failed attempt (1 upwards), ms: exponential with full jitter, so that callers that
 * failed together do not come back together (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
 */
export function backoffMs(attempt: number, random: Pick<Random, 'fraction'>): number {
  const ceilingMs = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt - 1, 30));
  return Math.round(random.fraction() * ceilingMs);
}
