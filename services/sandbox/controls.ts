import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { FAULTS, type Faults } from '#marketplaces/sandbox-kit/faults.ts';
import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';

/** largest clock skew that can be told, ms: a day */
const MAX_SKEW_MS = 86_400_000;

const fault = z.union([
  z.strictObject({ fault: z.enum(FAULTS), rate: z.number().min(0).max(1) }),
  z.strictObject({ fault: z.enum(FAULTS), next: z.literal(true), pathContains: z.string().optional() }),
]);
const clock = z.strictObject({ skewMs: z.int().min(-MAX_SKEW_MS).max(MAX_SKEW_MS) });
const text = z.string().min(1);
const order = z.strictObject({
  /** absent: the first seller */
  sellerId: text.optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('GBP'),
  lines: z
    .array(
      z.strictObject({
        sku: text,
        title: text,
        quantity: z.int().min(1),
        unitPrice: z.string().regex(/^\d+(\.\d{1,2})?$/),
      }),
    )
    .min(1),
  buyer: z
    .strictObject({
      name: text,
      email: text,
      phone: text,
      street: text,
      city: text,
      postalCode: text,
      countryCode: z.string().regex(/^[A-Z]{2}$/),
    })
    .default({
      name: 'Test Buyer',
      email: 'buyer@buyers.example',
      phone: '+44 20 7946 0000',
      street: '1 Market Street',
      city: 'London',
      postalCode: 'N1 9GU',
      countryCode: 'GB',
    }),
});
const listing = z.strictObject({
  /** absent: the first seller */
  sellerId: text.optional(),
  sku: text,
  quantity: z.int().min(0).default(0),
});
const change = z.discriminatedUnion('change', [
  z.strictObject({ change: z.literal('ship'), carrier: text.default('DPD'), trackingNumber: text }),
  z.strictObject({ change: z.literal('deliver') }),
  z.strictObject({ change: z.literal('cancel') }),
]);

/** What a person or a test does to the simulated world, under `/_sandbox`. No marketplace has these routes. */
export function createControls(
  deps: { faults: Faults; setSkew(ms: number): void; startedAt: number },
  byName: ReadonlyMap<string, Sandbox>,
): Hono {
  const app = new Hono();
  const refuse = (c: Context, status: 400 | 404 | 409, error: string): Response => c.json({ error }, status);

  /** Reads the body, lets `use` do what it says, and answers a wrong one with the places that are wrong. */
  async function withBody<Body>(c: Context, schema: z.ZodType<Body>, use: (body: Body) => Response): Promise<Response> {
    const json: unknown = await c.req.json().catch(() => undefined);
    if (json === undefined) return refuse(c, 400, 'the body is not JSON');
    const { success, data, error } = schema.safeParse(json);
    return success ? use(data) : refuse(c, 400, z.prettifyError(error));
  }

  /** The sandbox that the path names. */
  function withSandbox(
    c: Context,
    use: (sandbox: Sandbox) => Response | Promise<Response>,
  ): Response | Promise<Response> {
    const sandbox = byName.get(c.req.param('marketplace') ?? '');
    return sandbox ? use(sandbox) : refuse(c, 404, `there is ${[...byName.keys()].join(', ')}`);
  }

  // Everything is in memory: whoever has seen another start knows that all tokens and orders of then are forgotten.
  app.get('/health', (c) => c.json({ status: 'ok', startedAt: deps.startedAt }));
  app.get('/registrations', (c) =>
    c.json(
      Object.fromEntries([...byName].map(([name, { registration, sellers }]) => [name, { registration, sellers }])),
    ),
  );
  app.post('/faults', (c) =>
    withBody(c, fault, (told) => {
      if ('rate' in told) deps.faults.setRate(told.fault, told.rate);
      else deps.faults.next(told.fault, told.pathContains);
      return c.json({ ok: true });
    }),
  );
  app.post('/clock', (c) =>
    withBody(c, clock, ({ skewMs }) => {
      deps.setSkew(skewMs);
      return c.json({ ok: true });
    }),
  );
  app.get('/:marketplace/stats', (c) =>
    withSandbox(c, ({ books, webhooks, webhooksUnderWay, calls }) =>
      c.json({ orders: books.orders.size, webhooks, webhooksUnderWay: webhooksUnderWay(), calls }),
    ),
  );
  app.get('/:marketplace/orders', (c) => withSandbox(c, ({ books }) => c.json([...books.orders.values()])));
  app.post('/:marketplace/orders', (c) =>
    withSandbox(c, ({ books, sellers }) =>
      withBody(c, order, ({ sellerId = sellers[0]?.sellerId, ...draft }) => {
        if (!sellers.some((seller) => seller.sellerId === sellerId)) return refuse(c, 404, 'there is no such seller');
        return c.json(books.place(sellerId!, draft), 201);
      }),
    ),
  );
  app.post('/:marketplace/orders/:order', (c) =>
    withSandbox(c, ({ books }) =>
      withBody(c, change, (told) => {
        const orderId = c.req.param('order');
        if (!books.orders.has(orderId)) return refuse(c, 404, 'there is no such order');
        try {
          if (told.change === 'ship') return c.json(books.ship(orderId, told));
          return c.json(told.change === 'deliver' ? books.deliver(orderId) : books.cancel(orderId));
        } catch (thrown) {
          return refuse(c, 409, (thrown as Error).message);
        }
      }),
    ),
  );
  app.get('/:marketplace/listings', (c) =>
    withSandbox(c, ({ books }) =>
      c.json([...books.listings].map(([key, found]) => ({ sellerId: key.split('/', 1)[0], ...found }))),
    ),
  );
  app.post('/:marketplace/listings', (c) =>
    withSandbox(c, ({ books, sellers }) =>
      withBody(c, listing, ({ sellerId = sellers[0]?.sellerId, sku, quantity }) => {
        if (!sellers.some((seller) => seller.sellerId === sellerId)) return refuse(c, 404, 'there is no such seller');
        books.setStock(sellerId!, sku, quantity);
        return c.json({ sellerId, ...books.listing(sellerId!, sku) }, 201);
      }),
    ),
  );
  return app;
}
