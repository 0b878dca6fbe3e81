import { type FinishConsentDeps, finishConsent } from '#platform/functions/finish-consent.ts';
import { asFailure } from '#platform/runtime/failure.ts';
import type { Random } from '#platform/runtime/random.ts';
import { newTraceparent } from '#platform/runtime/trace.ts';
import type { Consents } from '#platform/state/consents.ts';

/** most consents taken up at one tick: the next one takes the rest */
const MAX_DUE = 100;
/** when a consent that could not be finished is taken up again, ms */
const AGAIN_MS = 60_000;

export type FinishDueConsentsDeps = FinishConsentDeps & {
  random: Random;
  consents: Pick<Consents, 'get' | 'connected' | 'fail' | 'due' | 'postpone'>;
};

/** On a tick: finishes consents whose seller's request was cut off after the exchange, or met a marketplace in trouble. */
export async function finishDueConsents(deps: FinishDueConsentsDeps): Promise<void> {
  const now = deps.clock.now();
  for (const consentId of await deps.consents.due(now, MAX_DUE)) {
    await deps.consents.postpone(consentId, now + AGAIN_MS, now);
    try {
      const connectionIds = await finishConsent(deps, consentId, { cause: newTraceparent(deps.random) });
      deps.logger.info({ consentId, connectionIds, outcome: 'connected' }, 'consent');
    } catch (thrown) {
      const { code, message, kind } = asFailure(thrown);
      const write = kind === 'permanent' ? deps.logger.error : deps.logger.warn;
      write.call(deps.logger, { consentId, outcome: code, detail: message }, 'consent');
    }
  }
}
