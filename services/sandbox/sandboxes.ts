import { Hono } from 'hono';
import { createAmazonSandbox } from '#marketplaces/amazon/sandbox/index.ts';
import { createEbaySandbox } from '#marketplaces/ebay/sandbox/index.ts';
import { FAULTS, type Fault } from '#marketplaces/sandbox-kit/faults.ts';
import { ConnectionDropped, type Sandbox, type SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createShopeeSandbox } from '#marketplaces/shopee/sandbox/index.ts';

const factories = { amazon: createAmazonSandbox, ebay: createEbaySandbox, shopee: createShopeeSandbox };

export type Sandboxes = { app: Hono; byName: ReadonlyMap<string, Sandbox> };

/**
 * Every simulated marketplace under `/<marketplace>` on one app, and `/_sandbox` to look into the books and to tell
 * faults.
 * @param options.publicUrl where this app is reached; `webhooksUrl`: what `/<marketplace>` is added to for webhooks
 */
export function createSandboxes(
  deps: SandboxDeps,
  options: { publicUrl: string; webhooksUrl: string; sellers: number },
): Sandboxes {
  const byName = new Map<string, Sandbox>();
  const app = new Hono();
  // In memory, the caller sees the cut connection as an error; over HTTP the socket is gone already.
  app.onError((error) => {
    throw error;
  });
  for (const [name, create] of Object.entries(factories)) {
    const sandbox = create(deps, {
      publicUrl: `${options.publicUrl}/${name}`,
      webhookUrl: `${options.webhooksUrl}/${name}`,
      sellers: options.sellers,
    });
    byName.set(name, sandbox);
    app.route(`/${name}`, sandbox.app);
  }
  app.route('/_sandbox', controls(deps, byName));
  return { app, byName };
}

export { ConnectionDropped };

/** What a person or a test does to the simulated world. No marketplace has these routes. */
function controls(deps: SandboxDeps, byName: ReadonlyMap<string, Sandbox>): Hono {
  const app = new Hono();
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/registrations', (c) =>
    c.json(
      Object.fromEntries([...byName].map(([name, { registration, sellers }]) => [name, { registration, sellers }])),
    ),
  );
  app.get('/:marketplace/books', (c) => {
    const sandbox = byName.get(c.req.param('marketplace'));
    return sandbox ? c.json([...sandbox.books.orders.values()]) : c.json({ error: 'no such marketplace' }, 404);
  });
  app.get('/:marketplace/stats', (c) => {
    const sandbox = byName.get(c.req.param('marketplace'));
    if (!sandbox) return c.json({ error: 'no such marketplace' }, 404);
    return c.json({ orders: sandbox.books.orders.size, webhooks: sandbox.webhooks, calls: sandbox.calls });
  });
  app.post('/faults', async (c) => {
    const asked = (await c.req.json()) as { fault?: string; rate?: number; next?: boolean; pathContains?: string };
    if (!FAULTS.includes(asked.fault as Fault))
      return c.json({ error: `fault must be one of ${FAULTS.join(', ')}` }, 400);
    if (asked.next) deps.faults.next(asked.fault as Fault, asked.pathContains);
    else if (typeof asked.rate === 'number' && asked.rate >= 0 && asked.rate <= 1) {
      deps.faults.setRate(asked.fault as Fault, asked.rate);
    } else return c.json({ error: 'give "rate" from 0 to 1, or "next": true' }, 400);
    return c.json({ ok: true });
  });
  return app;
}
