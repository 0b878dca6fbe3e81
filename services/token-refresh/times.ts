/**
 * How the times of a refresh hang together. The message of a refresh that was cut off comes back when the lease ends, and
 * whether the answer was lost shows in the next exchange: LEASE_MS and two exchanges are to be less than the minute within
 * which a lost grant is told. A tick (events/routes.ts) finds what no message stands for any more.
 */

/** how long the token endpoint may take, ms; longer than it ever needs, since an answer given up is a token lost */
export const EXCHANGE_TIMEOUT_MS = 20_000;
/** how far the clocks of two workers may be apart, ms */
const MAX_SKEW_MS = 2_000;
/** how long there is for storing what an exchange gave, ms */
const STORE_MS = 3_000;
/** how long a lease holds, ms. It is taken when the call has its place in the budgets, so it spans no waiting. */
export const LEASE_MS = EXCHANGE_TIMEOUT_MS + STORE_MS + MAX_SKEW_MS;
/** how long after the lease was taken the exchange must have begun, ms: a process may stand still */
export const SEND_WITHIN_MS = LEASE_MS - EXCHANGE_TIMEOUT_MS - MAX_SKEW_MS;

/** when a refresh that was asked for and came to nothing is due again, ms; its message comes back sooner by itself */
export const ASK_AGAIN_MS = 300_000;
/** the same where an exchange was cut off, or a dead grant was not told yet, ms */
export const ASK_SOON_MS = 25_000;
/** when to try again after the marketplace refused the app's own credentials, which only the operator can mend, ms */
export const OPERATOR_MS = 900_000;
