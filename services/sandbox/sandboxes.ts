import { Hono } from 'hono';
import { createAmazonSandbox } from '#marketplaces/amazon/sandbox/index.ts';
import { createEbaySandbox } from '#marketplaces/ebay/sandbox/index.ts';
import type { Sandbox, SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createShopeeSandbox } from '#marketplaces/shopee/sandbox/index.ts';
import { createControls } from './controls.ts';

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
  /** how far the marketplaces' clock is ahead of everyone else's, ms */
  let skewMs = 0;
  const skewed: SandboxDeps = { ...deps, now: () => deps.now() + skewMs };
  // In memory, the caller sees the cut connection as an error; over HTTP the socket is gone already.
  app.onError((error) => {
    throw error;
  });
  for (const [name, create] of Object.entries(factories)) {
    const sandbox = create(skewed, {
      publicUrl: `${options.publicUrl}/${name}`,
      webhookUrl: `${options.webhooksUrl}/${name}`,
      sellers: options.sellers,
    });
    byName.set(name, sandbox);
    app.route(`/${name}`, sandbox.app);
  }
  const setSkew = (ms: number): void => {
    skewMs = ms;
  };
  app.route('/_sandbox', createControls({ faults: deps.faults, setSkew }, byName));
  return { app, byName };
}
