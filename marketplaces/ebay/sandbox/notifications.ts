import { Hono } from 'hono';
import { z } from 'zod';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Access } from './access.ts';
import { badRequest, NOTIFICATION, refuse } from './answers.ts';
import { type Destination, destinationsApi } from './destinations.ts';
import { SCOPE_BASE } from './grants.ts';
import type { Notifier } from './notifier.ts';
import type { Quotas } from './quotas.ts';
import { publicKeyAnswer, SANDBOX_TEST_KEY_ID } from './signing-key.ts';
import { type Subscriptions, subscriptionsApi } from './subscriptions.ts';
import { topicsApi } from './topics.ts';
import { newUuid } from './uuid.ts';

const SCOPE_SUBSCRIPTION = `${SCOPE_BASE}/commerce.notification.subscription`;

const config = z.object({ alertEmail: z.email() });

/** The Notification API: configuration, public keys, topics, destinations, subscriptions. */
export function notificationsApi(
  deps: Pick<SandboxDeps, 'now' | 'send' | 'randomHex'>,
  options: {
    baseUrl: string;
    access: Access;
    quotas: Quotas;
    destinations: Map<string, Destination>;
    subscriptions: Subscriptions;
    notifier: Notifier;
    exemptEndpoint: string;
  },
): Hono {
  const { access, quotas } = options;
  let alertEmail: string | undefined;

  const app = new Hono();
  for (const path of ['/config', '/public_key/*', '/topic/*', '/destination/*']) {
    app.use(path, access.application, quotas.count('notification'));
  }
  app.use('/subscription/*', access.applicationOrSeller(SCOPE_BASE, SCOPE_SUBSCRIPTION), quotas.count('notification'));

  app.get('/config', (c) =>
    alertEmail === undefined
      ? refuse(c, 404, { ...badRequest(NOTIFICATION, 195026, 'No configuration is set.'), category: 'APPLICATION' })
      : c.json({ alertEmail }),
  );
  app.put('/config', async (c) => {
    const request = config.safeParse(await c.req.json().catch(() => undefined));
    if (!request.success) return refuse(c, 400, badRequest(NOTIFICATION, 195025, 'alertEmail must be an address.'));
    alertEmail = request.data.alertEmail;
    return c.body(null, 204);
  });

  app.get('/public_key/:id', (c) =>
    c.req.param('id') === SANDBOX_TEST_KEY_ID
      ? c.json(publicKeyAnswer)
      : refuse(c, 404, badRequest(NOTIFICATION, 195001, 'There is no such public key.')),
  );

  const resources = { ...options, newId: () => newUuid(deps), isConfigured: () => alertEmail !== undefined };
  app.route('/topic', topicsApi(options.baseUrl));
  app.route('/destination', destinationsApi(deps, { ...resources, isInUse: options.subscriptions.isDestinationUsed }));
  app.route('/subscription', subscriptionsApi(deps, resources));
  return app;
}
