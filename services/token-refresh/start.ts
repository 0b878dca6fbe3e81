import { type AnyEvent, parseEvent } from '#events/index.ts';
import { deadLetterQueue } from '#events/routes.ts';
import { describeEvent, type FunctionDeps, type Running } from '#platform/functions/deps.ts';
import { consume, type MessageContext } from '#platform/runtime/consume.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { finishDueConsents } from './finish-due-consents.ts';
import { refreshToken } from './refresh-token.ts';
import { createRenewal } from './renew-old-tokens.ts';
import { requestDueRefreshes } from './request-due-refreshes.ts';
import { tellConsentEnds } from './tell-consent-ends.ts';
import { LEASE_MS } from './times.ts';

/** Consumes the token-refresh queue: ticks and wishes for a new token. It also sees to what consents need. */
export function startTokenRefresh(deps: FunctionDeps): Running {
  const renewal = createRenewal(deps);
  const handle = async (event: AnyEvent, message: MessageContext): Promise<void> => {
    switch (event.type) {
      case 'schedule.elapsed':
        if (event.data.schedule === 'consents') return finishDueConsents(deps);
        if (event.data.schedule === 'consent-calendar') return tellConsentEnds(deps);
        await requestDueRefreshes(deps);
        return renewal.renewSome();
      case 'token-refresh.requested':
        return refreshToken(deps, event, message);
      default:
        throw new Failure('permanent', `${event.type} is not for this queue`, { code: 'not-for-this-queue' });
    }
  };
  return consume(deps, {
    queue: 'token-refresh',
    deadLetterQueue: deadLetterQueue('token-refresh'),
    handler: 'token-refresh',
    parse: parseEvent,
    describe: describeEvent,
    handle,
    // A refresh that was cut off is taken up again when its lease ends.
    visibilityTimeoutMs: LEASE_MS,
    ...deps.consuming,
  });
}
