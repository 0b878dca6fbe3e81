// The packages here are a package of their own, where `#room` is not known: this one file reaches the rooms by path.
import { Hono } from 'hono';
import type { BookOrder, OrderDraft } from '../../marketplaces/sandbox-kit/books.ts';
import { createFaults } from '../../marketplaces/sandbox-kit/faults.ts';
import type { Sandbox, SandboxDeps, SandboxOptions } from '../../marketplaces/sandbox-kit/sandbox.ts';
import { serveHttp } from '../../platform/functions/serve.ts';
import { realClock } from '../../platform/runtime/clock.ts';
import { realRandom } from '../../platform/runtime/random.ts';

export { createAmazonSandbox } from '../../marketplaces/amazon/sandbox/index.ts';
export { createEbaySandbox } from '../../marketplaces/ebay/sandbox/index.ts';
export { createLazadaSandbox } from '../../marketplaces/lazada/sandbox/index.ts';
export { createMercadolibreSandbox } from '../../marketplaces/mercadolibre/sandbox/index.ts';
export { createShopeeSandbox } from '../../marketplaces/shopee/sandbox/index.ts';
export { createShopifySandbox } from '../../marketplaces/shopify/sandbox/index.ts';
export { createTiktokShopSandbox } from '../../marketplaces/tiktok-shop/sandbox/index.ts';
export { createWalmartSandbox } from '../../marketplaces/walmart/sandbox/index.ts';

export type Create<S extends Sandbox = Sandbox> = (deps: SandboxDeps, options: SandboxOptions) => S;

const DRAFT: OrderDraft = {
  currency: 'GBP',
  lines: [
    { sku: '85123A', title: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 6, unitPrice: '2.55' },
    { sku: '71053', title: 'WHITE METAL LANTERN', quantity: 1, unitPrice: '3.39' },
  ],
  buyer: {
    name: 'Ada Example',
    email: 'ada@buyers.example',
    phone: '+44 20 7946 0000',
    street: '1 High Street',
    city: 'London',
    postalCode: 'N1 9GU',
    countryCode: 'GB',
  },
};

export type Served<S extends Sandbox = Sandbox> = {
  sandbox: S;
  /** the sandbox's registration, whose values are texts as far as a client needs them */
  app: Record<string, string>;
  url: string;
  port: number;
  /** Lets the marketplace's clock run ahead, beyond what it takes its time for. */
  advance(ms: number): void;
  /** So many orders of the first seller, each a second after the other. */
  place(count: number): BookOrder[];
  /** The parameters that the marketplace's consent page leads back with. */
  consent(path: string): Promise<URLSearchParams>;
  stop(): Promise<void>;
};

/** A sandbox over HTTP, on a free loopback port and at the root of it, in real time that can be moved on. */
export async function serveSandbox<S extends Sandbox>(create: Create<S>): Promise<Served<S>> {
  let ahead = 0;
  const front = new Hono();
  front.onError((error) => {
    throw error;
  });
  front.all('*', (c) => sandbox.app.fetch(c.req.raw, c.env));
  const { port, stop } = await serveHttp(front, { host: '127.0.0.1', port: 0, setting: 'the port' });
  const url = `http://127.0.0.1:${port}`;
  const sandbox = create(
    {
      now: () => realClock.now() + ahead,
      sleep: (ms) => realClock.sleep(ms),
      random: realRandom.fraction,
      randomHex: realRandom.hex,
      send: async () => ({ status: 200 }),
      enqueue: async () => {},
      faults: createFaults(realRandom.fraction),
    },
    { publicUrl: url, webhookUrl: 'https://seller.example/webhooks', sellers: 2 },
  );
  const advance = (ms: number): void => {
    ahead += ms;
  };
  return {
    sandbox,
    app: sandbox.registration as Record<string, string>,
    url,
    port,
    advance,
    place: (count) =>
      Array.from({ length: count }, () => {
        advance(1_000);
        return sandbox.books.place(sandbox.sellers[0]!.sellerId, DRAFT);
      }),
    async consent(path) {
      const response = await fetch(url + path, { redirect: 'manual' });
      const location = response.headers.get('location');
      if (!location) throw new Error(`the consent page answered ${response.status}: ${await response.text()}`);
      return new URL(location).searchParams;
    },
    stop,
  };
}
