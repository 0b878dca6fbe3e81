import type { Call, CallContext } from '#marketplaces/marketplace.ts';
import { type Answered, type CallDeps, callMarketplace, type Origin } from '#platform/functions/call-marketplace.ts';
import { hasNewRegistration, type Member, type Members, registrationChanged } from '#platform/functions/deps.ts';
import { Failure, NO_TOKEN } from '#platform/runtime/failure.ts';
import type { Connection } from '#platform/state/connections.ts';
import type { Credentials } from '#platform/state/credentials.ts';

/** a token this close to its end is not used any more, ms: longer than a call may take */
const TOKEN_MARGIN_MS = 60_000;

export type ReadDeps = CallDeps & {
  members: Members;
  credentials: Pick<Credentials, 'accessToken' | 'generation'>;
};

/** Makes a call with a connection's access token; a failure of kind `auth`, without a call, where there is no good one. */
export async function readAsConnection(
  deps: ReadDeps,
  member: Member,
  connection: Connection,
  build: (context: CallContext<unknown>) => Call,
  about: Origin & { orderIds: readonly string[] },
): Promise<Answered> {
  const { marketplace, app } = member;
  const { connectionId } = connection;
  const token = await deps.credentials.accessToken(connectionId);
  if (!token || token.expiresAt - TOKEN_MARGIN_MS <= deps.clock.now()) {
    throw new Failure('auth', 'there is no access token in force', {
      code: NO_TOKEN,
      connectionId,
      credentialsVersion: token?.generation ?? (await deps.credentials.generation(connectionId)),
    });
  }
  return callMarketplace(deps, {
    marketplace,
    connectionId,
    build: (now) => build({ app, connection, accessToken: token.accessToken, now }),
    ...about,
    credentialsVersion: token.generation,
  }).catch(async (failure: Failure) => {
    throw (await hasNewRegistration(deps.members, member, failure)) ? registrationChanged() : failure;
  });
}
