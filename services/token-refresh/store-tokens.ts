import type { Tokens } from '#marketplaces/marketplace.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Acquired, Credentials } from '#platform/state/credentials.ts';
import { nextRefreshAt } from './next-refresh-at.ts';
import { LEASE_MS } from './times.ts';

/** how long to wait before storing is tried again, ms */
const TRY_AGAIN_MS = 500;

/**
 * Stores what an exchange gave. A rotated token is nowhere else, so it is tried again and again as long as the lease
 * holds; throws where another lease or another grant has taken its place.
 */
export async function storeTokens(
  deps: { clock: Clock; credentials: Pick<Credentials, 'store'> },
  connectionId: string,
  lease: Acquired & { takenAt: number },
  tokens: Tokens,
): Promise<void> {
  const { clock, credentials } = deps;
  const dueAt = nextRefreshAt(tokens.accessTokenExpiresAt, clock.now(), lease.phase);
  for (;;) {
    try {
      if (await credentials.store(connectionId, lease.fence, tokens, dueAt)) return;
      break;
    } catch (thrown) {
      if (clock.now() + TRY_AGAIN_MS > lease.takenAt + LEASE_MS) throw thrown;
      await clock.sleep(TRY_AGAIN_MS);
    }
  }
  throw new Failure('retryable', 'the lease was lost before the result came', { code: 'lease-lost' });
}
