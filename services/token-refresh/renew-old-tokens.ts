import type { Connections } from '#platform/state/connections.ts';
import type { Credentials } from '#platform/state/credentials.ts';

/** how many connections' tokens are looked at on one tick: ten thousand in under half an hour */
const AT_A_TICK = 100;

export type RenewOldTokensDeps = {
  connections: Pick<Connections, 'list'>;
  credentials: Pick<Credentials, 'newestOfSeveralKeys' | 'renew'>;
};

/**
 * After the data key was rolled, seals anew the tokens that no refresh writes soon: some on each tick, until all
 * connections were looked at under the newest key.
 */
export function createRenewal({ connections, credentials }: RenewOldTokensDeps) {
  let newest: string | undefined;
  let left: string[] = [];
  return {
    async renewSome(): Promise<void> {
      const key = credentials.newestOfSeveralKeys();
      if (key === undefined) return;
      if (key !== newest) {
        left = (await connections.list()).map(({ connectionId }) => connectionId);
        newest = key;
      }
      const now = left.slice(0, AT_A_TICK);
      for (const connectionId of now) await credentials.renew(connectionId);
      left = left.slice(now.length);
    },
  };
}
