import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import { connectApp, connectSeller } from '#platform/functions/connect-seller.ts';
import { createFunctionDeps, type World } from '#platform/functions/deps.ts';
import { registrationSecret } from '#platform/state/secrets.ts';

/**
 * Connects every seller of the sandboxes, as if each had consented: registrations into the secrets, a connection with
 * its grant and a cursor for each seller. What is there already stays as it is.
 */
export async function connectSandboxes(world: World, sandboxes: Iterable<Sandbox>): Promise<void> {
  const all = [...sandboxes];
  for (const { name, registration } of all) {
    await world.engine.secrets.put(registrationSecret(name), JSON.stringify(registration));
  }
  const deps = await createFunctionDeps(world, 'connect-sandboxes');
  for (const { name, sellers } of all) {
    for (const [index, { sellerId, settings, refreshToken }] of sellers.entries()) {
      const connectionId = `${name}-${index + 1}`;
      if (await deps.connections.get(connectionId)) continue;
      await connectSeller(deps, { connectionId, marketplace: name, sellerId, settings, grant: 'seller', refreshToken });
    }
    await connectApp(deps, name);
  }
}
