import { type CallDeps, callMarketplace } from '#platform/functions/call-marketplace.ts';
import type { Member } from '#platform/functions/deps.ts';
import { asFailure, Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { appConnectionId } from '#platform/state/connections.ts';
import type { Consents } from '#platform/state/consents.ts';

/** how long the token endpoint may take, ms */
const EXCHANGE_TIMEOUT_MS = 20_000;
/** how long storing its answer may be tried again and again, ms: the answer is nowhere else */
const STORE_MS = 30_000;
const STORE_AGAIN_MS = 500;
/** how long an exchange under way is waited for, ms */
const UNDER_WAY_MS = EXCHANGE_TIMEOUT_MS + STORE_MS;
/** when another takes up a consent that was exchanged, but not finished, ms: its own request needs a few calls */
const TAKEN_UP_AFTER_MS = 60_000;

export type ExchangeCodeDeps = CallDeps & {
  consents: Pick<Consents, 'begin' | 'keep' | 'giveBack' | 'fail'>;
};

export type CodeToExchange = {
  consentId: string;
  callback: Record<string, string>;
  redirectUri: string;
  backfillMs: number;
  cause: string;
};

/**
 * Exchanges a code, once: that it begins is recorded before, and its answer is stored before anything else is done with
 * it. Whether a code that got no answer was spent, nobody knows: it is not tried again, since that can cost the grant
 * that it gave (RFC 6749, 4.1.2). Throws the failure; `consent-under-way` where another exchanges it.
 */
export async function exchangeCode(
  deps: ExchangeCodeDeps,
  { marketplace, app }: Member,
  { consentId, callback, redirectUri, backfillMs, cause }: CodeToExchange,
): Promise<void> {
  const { clock, consents } = deps;
  let isBegun = false;
  let isKept = false;

  async function keep(response: HttpResponse): Promise<void> {
    const at = clock.now();
    marketplace.auth.readTokens(response, at);
    const exchanged = { callback, answer: response, at, backfillMs };
    for (;;) {
      try {
        await consents.keep(consentId, exchanged, at + TAKEN_UP_AFTER_MS);
        isKept = true;
        return;
      } catch (thrown) {
        if (clock.now() + STORE_AGAIN_MS > at + STORE_MS) throw thrown;
        await clock.sleep(STORE_AGAIN_MS);
      }
    }
  }

  try {
    await callMarketplace(deps, {
      marketplace,
      connectionId: appConnectionId(marketplace.name),
      build: (now) => marketplace.auth.exchangeCall(app, { callback, redirectUri, now }),
      orderIds: [],
      cause,
      async begin() {
        const now = clock.now();
        isBegun = await consents.begin(consentId, marketplace.name, { now, until: now + UNDER_WAY_MS });
        if (!isBegun) throw new Failure('retryable', 'another exchanges this code', { code: 'consent-under-way' });
      },
      timeoutMs: EXCHANGE_TIMEOUT_MS,
      keep,
    });
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (isKept) return deps.logger.warn({ consentId, detail: failure.message }, 'after an exchange');
    if (isBegun && failure.kind === 'throttled') await consents.giveBack(consentId);
    else if (isBegun) {
      await consents.fail(consentId, failure.kind === 'permanent' ? failure.code : 'exchange-uncertain', clock.now());
    }
    throw failure;
  }
}
