import type { Store } from '#platform/engines/engine.ts';
import { consentEndOf } from '#platform/functions/consent-calendar.ts';
import type { Member } from '#platform/functions/deps.ts';
import { type FinishConsentDeps, finishConsent } from '#platform/functions/finish-consent.ts';
import { asFailure } from '#platform/runtime/failure.ts';
import type { Random } from '#platform/runtime/random.ts';
import { newTraceparent } from '#platform/runtime/trace.ts';
import type { Consents } from '#platform/state/consents.ts';
import { type ExchangeCodeDeps, exchangeCode } from './exchange-code.ts';
import type { Page } from './pages.ts';
import { sayBusy, sayConnected, sayFailed, sayGoesOn, sayRefusedState, sayUnknown } from './say.ts';
import type { States } from './states.ts';

const DAY_MS = 24 * 3_600_000;
/** how often an exchange that another request makes is looked at, ms */
const LOOK_EVERY_MS = 500;

export type TakeCallbackDeps = ExchangeCodeDeps &
  FinishConsentDeps & {
    store: Pick<Store, 'get'>;
    random: Random;
    states: Pick<States, 'read'>;
    consents: Pick<Consents, 'get' | 'begin' | 'keep' | 'giveBack' | 'fail' | 'connected'>;
  };

export type Callback = {
  marketplace: string;
  query: Record<string, string>;
  nonce: string | undefined;
  redirectUri: string;
  backfillMs: number;
};

/** What to answer a seller who comes back from the consent page, and what to log of it. */
export type Taken = { page: Page; outcome: string; consentId?: string; connectionIds?: string[] };

/**
 * Takes a seller who comes back from the consent page: checks the state, exchanges the code, makes the connections. Loaded
 * again, it says again what came of it.
 */
export async function takeCallback(deps: TakeCallbackDeps, callback: Callback): Promise<Taken> {
  const { marketplace, query, nonce } = callback;
  const member = deps.members.get(marketplace);
  if (!member?.marketplace.auth.identify) return { page: sayUnknown([]), outcome: 'marketplace-unknown' };
  const state = deps.states.read(query.state ?? '', nonce);
  if ('refused' in state) {
    // Some send no state along with a no; nothing comes of it but this page.
    if (query.error !== undefined) return { page: sayFailed(marketplace, 'access_denied'), outcome: 'denied' };
    return { page: sayRefusedState(state.refused, marketplace), outcome: `state-${state.refused}` };
  }
  if (state.marketplace !== marketplace) {
    return { page: sayRefusedState('other-marketplace', state.marketplace), outcome: 'state-other-marketplace' };
  }
  const { consentId } = state;
  const cause = newTraceparent(deps.random);
  const taken = await settle(deps, member, { ...callback, consentId, cause });
  return { ...taken, consentId };
}

async function settle(
  deps: TakeCallbackDeps,
  member: Member,
  callback: Callback & { consentId: string; cause: string },
): Promise<Taken> {
  const { marketplace, consentId, query, redirectUri, backfillMs, cause } = callback;
  const failed = (reason: string): Taken => ({ page: sayFailed(marketplace, reason), outcome: reason });

  if (!(await deps.consents.get(consentId))) {
    // The word of OAuth; those who have others say so in `exchangeCall`.
    if (query.error !== undefined) return failed('access_denied');
    try {
      await exchangeCode(deps, member, { consentId, callback: query, redirectUri, backfillMs, cause });
    } catch (thrown) {
      const { kind, code } = asFailure(thrown);
      if (kind === 'throttled') return { page: sayBusy(marketplace), outcome: code };
      if (kind === 'permanent') return failed(code);
    }
  }
  const consent = await whenExchanged(deps, consentId);
  if (consent?.step === 'failed') return failed(consent.reason);
  if (!consent) return { page: sayBusy(marketplace), outcome: 'not-exchanged' };
  if (consent.step === 'exchanging') return failed('exchange-uncertain');
  try {
    const connectionIds = await finishConsent(deps, consentId, { cause });
    return {
      page: await connectedPage(deps, marketplace, connectionIds, backfillMs),
      outcome: 'connected',
      connectionIds,
    };
  } catch (thrown) {
    const { kind, code } = asFailure(thrown);
    if (kind === 'permanent') return failed(code);
    return { page: sayGoesOn(marketplace), outcome: code };
  }
}

/** The consent, once the exchange that another request has begun is over. */
async function whenExchanged(deps: TakeCallbackDeps, consentId: string) {
  for (;;) {
    const consent = await deps.consents.get(consentId);
    if (consent?.step !== 'exchanging' || consent.until <= deps.clock.now()) return consent;
    await deps.clock.sleep(LOOK_EVERY_MS);
  }
}

async function connectedPage(
  deps: TakeCallbackDeps,
  marketplace: string,
  connectionIds: readonly string[],
  backfillMs: number,
): Promise<Page> {
  const found = await Promise.all(connectionIds.map((connectionId) => deps.connections.get(connectionId)));
  const connections = found.filter((connection) => connection !== undefined);
  const ends = await Promise.all(connections.map((each) => consentEndOf(deps, each, deps.clock.now())));
  const known = ends.filter((endsAt) => endsAt !== undefined);
  const endsAt = known.length > 0 ? Math.min(...known) : undefined;
  return sayConnected(marketplace, { connections, days: Math.round(backfillMs / DAY_MS), endsAt });
}
