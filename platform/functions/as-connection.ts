import type { Call, CallContext, Step } from '#marketplaces/marketplace.ts';
import { Failure, NO_TOKEN } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { type Connection, grantIdOf } from '#platform/state/connections.ts';
import type { Credentials } from '#platform/state/credentials.ts';
import { type Answered, type CallDeps, callMarketplace, type Origin } from './call-marketplace.ts';
import { hasNewRegistration, type Member, type Members, registrationChanged } from './deps.ts';

/** a token this close to its end is not used any more, ms: longer than a call may take */
const TOKEN_MARGIN_MS = 60_000;
/** most calls of one procedure: one that goes on without an end is a fault of its connector */
const MAX_CALLS = 500;

export type AsConnectionDeps = CallDeps & {
  members: Members;
  credentials: Pick<Credentials, 'accessToken' | 'generation'>;
};

type About = Origin & { orderIds: readonly string[] };

/** Makes a call with a connection's access token; a failure of kind `auth`, without a call, where there is no good one. */
export async function callAsConnection(
  deps: AsConnectionDeps,
  member: Member,
  connection: Connection,
  build: (context: CallContext<unknown>) => Call,
  about: About,
): Promise<Answered> {
  const { marketplace, app } = member;
  const { connectionId } = connection;
  const grantId = grantIdOf(connection);
  const token = await deps.credentials.accessToken(grantId);
  if (!token || token.expiresAt - TOKEN_MARGIN_MS <= deps.clock.now()) {
    throw new Failure('auth', 'there is no access token in force', {
      code: NO_TOKEN,
      connectionId: grantId,
      credentialsVersion: token?.generation ?? (await deps.credentials.generation(grantId)),
    });
  }
  return callMarketplace(deps, {
    marketplace,
    connectionId,
    grantId,
    build: (now) => build({ app, connection, accessToken: token.accessToken, now }),
    ...about,
    credentialsVersion: token.generation,
  }).catch(async (failure: Failure) => {
    throw (await hasNewRegistration(deps.members, member, failure)) ? registrationChanged() : failure;
  });
}

/**
 * Runs a procedure to its end; `startedAt` (epoch ms) is when its first call was sent. A failure in between ends it, and
 * whoever tries again begins anew. Its later calls go before those that have not waited yet, so that it does come to an end.
 */
export async function runAsConnection<Result>(
  deps: AsConnectionDeps,
  member: Member,
  connection: Connection,
  next: (context: CallContext<unknown>, answers: readonly HttpResponse[]) => Step<Result>,
  about: About,
): Promise<{ result: Result; startedAt: number }> {
  const { app } = member;
  const answers: HttpResponse[] = [];
  let startedAt: number | undefined;
  for (;;) {
    const now = deps.clock.now();
    const step = next({ app, connection, accessToken: '', now }, answers);
    if ('done' in step) return { result: step.done, startedAt: startedAt ?? now };
    if (answers.length === MAX_CALLS) {
      throw new Failure('permanent', `${step.call.operation} goes on and on`, { code: 'procedure-endless' });
    }
    const build = (context: CallContext<unknown>): Call => {
      const again = next(context, answers);
      if ('call' in again) return again.call;
      throw new Failure('retryable', 'the procedure had come to its end meanwhile', { code: 'procedure-changed' });
    };
    const turnAt = about.turnAt ?? startedAt;
    const isUnderWay = about.isUnderWay || answers.length > 0;
    const origin = { ...about, turnAt, isUnderWay };
    const { response, sentAt } = await callAsConnection(deps, member, connection, build, origin);
    answers.push(response);
    startedAt ??= sentAt;
  }
}
