/** Lives are taken as whole minutes where they are long, so that equal ones have equal periods, ms. */
const MINUTE_MS = 60_000;
const LONG_LIFE_MS = 10 * MINUTE_MS;
/** the part of a token's life after which it is refreshed: late enough to be used, early enough for many tries */
const PERIOD = 0.75;
/** the least part of a token's life between two refreshes: so that one that comes late does not come twice */
const LEAST = 0.1;

/**
 * When to refresh a token that was got `now`: at the connection's place (`phase`, 0 up to 1) in a period that is common
 * to all tokens of the same life. So the refreshes lie evenly from the first period on, however many connections were
 * authorized together, and however often one is refreshed out of its turn. Never later than PERIOD + LEAST of the life.
 */
export function nextRefreshAt(expiresAt: number, now: number, phase: number): number {
  const lifeMs = expiresAt - now;
  if (lifeMs <= 0) return now;
  const roundedMs = lifeMs < LONG_LIFE_MS ? lifeMs : Math.round(lifeMs / MINUTE_MS) * MINUTE_MS;
  const periodMs = roundedMs * PERIOD;
  const earliestAt = now + roundedMs * LEAST;
  const place = phase * periodMs;
  const dueAt = place + Math.ceil((earliestAt - place) / periodMs) * periodMs;
  return Math.min(dueAt, now + lifeMs * (PERIOD + LEAST));
}
