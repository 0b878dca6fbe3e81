import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import { connectApp, connectSeller } from '#platform/functions/connect-seller.ts';
import { createFunctionDeps, type World } from '#platform/functions/deps.ts';
import { registrationSecret } from '#platform/state/secrets.ts';

/** What connecting takes of a sandbox. */
export type Connectable = Pick<Sandbox, 'name' | 'registration' | 'sellers'>;

/** The connection of a sandbox's n-th seller (from 0). */
export const connectionIdOf = (name: string, index: number): string => `${name}-${index + 1}`;

/**
 * Connects every seller of the sandboxes, as if each had consented: registrations into the secrets, a connection with
 * its grant and a cursor for each seller. What is there already stays as it is.
 * @param options.consentedAt when they consented, epoch ms: a connection of an older consent gets the new grant, since
 *   sandboxes that have started anew know nothing of the old one. Where absent, no connection is touched.
 * @returns how many sellers were connected
 */
export async function connectSandboxes(
  world: World,
  sandboxes: Iterable<Connectable>,
  options: { consentedAt?: number } = {},
): Promise<number> {
  const { secrets } = world.engine;
  const all = [...sandboxes];
  const putRegistration = async ({ name, registration }: Connectable): Promise<void> => {
    const text = JSON.stringify(registration);
    if ((await secrets.get(registrationSecret(name))) !== text) await secrets.put(registrationSecret(name), text);
  };
  await Promise.all(all.map(putRegistration));
  const deps = await createFunctionDeps(world, 'connect-sandboxes');
  const { consentedAt } = options;
  const connect = async ({ name, sellers }: Connectable): Promise<number> => {
    let connected = 0;
    for (const [index, { sellerId, settings, refreshToken }] of sellers.entries()) {
      const connectionId = connectionIdOf(name, index);
      const existing = await deps.connections.get(connectionId);
      if (existing && (existing.consentedAt ?? 0) >= (consentedAt ?? 0)) continue;
      const consent = { connectionId, marketplace: name, sellerId, settings, grant: 'seller' as const, refreshToken };
      await connectSeller(deps, consentedAt === undefined ? consent : { ...consent, consentedAt });
      connected += 1;
    }
    await connectApp(deps, name);
    return connected;
  };
  const connected = await Promise.all(all.map(connect));
  return connected.reduce((sum, count) => sum + count, 0);
}
