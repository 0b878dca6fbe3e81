import { Hono } from 'hono';
import { createAmazonSandbox } from '#marketplaces/amazon/sandbox/index.ts';
import { createEbaySandbox } from '#marketplaces/ebay/sandbox/index.ts';
import { createLazadaSandbox } from '#marketplaces/lazada/sandbox/index.ts';
import { createMercadolibreSandbox } from '#marketplaces/mercadolibre/sandbox/index.ts';
import type { Sandbox, SandboxDeps, SandboxOptions } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createShopeeSandbox } from '#marketplaces/shopee/sandbox/index.ts';
import { createShopifySandbox } from '#marketplaces/shopify/sandbox/index.ts';
import { createTiktokShopSandbox } from '#marketplaces/tiktok-shop/sandbox/index.ts';
import { createWalmartSandbox } from '#marketplaces/walmart/sandbox/index.ts';
import { createControls } from './controls.ts';

const factories: Record<string, (deps: SandboxDeps, options: SandboxOptions) => Sandbox> = {
  amazon: createAmazonSandbox,
  ebay: createEbaySandbox,
  lazada: createLazadaSandbox,
  mercadolibre: createMercadolibreSandbox,
  shopee: createShopeeSandbox,
  shopify: createShopifySandbox,
  'tiktok-shop': createTiktokShopSandbox,
  walmart: createWalmartSandbox,
};

export type Sandboxes = { app: Hono; byName: ReadonlyMap<string, Sandbox> };

/**
 * Every simulated marketplace under `/<marketplace>` on one app, and `/_sandbox` to look into the books and to tell
 * faults.
 * @param options.publicUrl where this app is reached; `webhooksUrl`: what `/<marketplace>` is added to for webhooks;
 *   `names`: only these marketplaces, all where absent
 */
export function createSandboxes(
  deps: SandboxDeps,
  options: { publicUrl: string; webhooksUrl: string; sellers: number; names?: readonly string[] | undefined },
): Sandboxes {
  const byName = new Map<string, Sandbox>();
  const app = new Hono();
  /** how far the marketplaces' clock is ahead of everyone else's, ms */
  let skewMs = 0;
  const skewed: SandboxDeps = { ...deps, now: () => Math.floor(deps.now() + skewMs) };
  // In memory, the caller sees the cut connection as an error; over HTTP the socket is gone already.
  app.onError((error) => {
    throw error;
  });
  for (const [name, create] of Object.entries(factories)) {
    if (options.names?.includes(name) === false) continue;
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
  app.route('/_sandbox', createControls({ faults: deps.faults, setSkew, startedAt: deps.now() }, byName));
  return { app, byName };
}
