import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createFunctionDeps, type World } from '#platform/functions/deps.ts';
import { appConnectionId } from '#platform/state/connections.ts';
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
  const { connections, credentials, cursors, members, clock, publisher, newEvent } = await createFunctionDeps(
    world,
    'connect-sandboxes',
  );
  const now = clock.now();
  /** The first token is asked for at once, not at the next tick. */
  const askForToken = async (connectionId: string): Promise<void> => {
    const credentialsVersion = await credentials.generation(connectionId);
    await publisher.publish(newEvent('token-refresh.requested', { connectionId, reason: 'due', credentialsVersion }));
  };
  for (const { name, sellers } of all) {
    for (const [index, { sellerId, settings, refreshToken }] of sellers.entries()) {
      const connectionId = `${name}-${index + 1}`;
      if (await connections.get(connectionId)) continue;
      await credentials.put(connectionId, { refreshToken, dueAt: now });
      await connections.put({ connectionId, marketplace: name, sellerId, settings, grant: 'seller' });
      await cursors.start(connectionId, now, now);
      await publisher.publish(newEvent('connection.connected', { marketplace: name, connectionId, sellerId }));
      await askForToken(connectionId);
    }
    const appConnection = appConnectionId(name);
    if (members.get(name)?.marketplace.auth.appTokenCall && !(await connections.get(appConnection))) {
      await credentials.put(appConnection, { refreshToken: null, dueAt: now });
      const settings = {};
      await connections.put({
        connectionId: appConnection,
        marketplace: name,
        sellerId: 'app',
        settings,
        grant: 'app',
      });
      await askForToken(appConnection);
    }
  }
}
