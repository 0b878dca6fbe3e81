import type { Step } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import type { Operation, World } from './world.ts';

/** Every call that reads orders or authorizes, each bound to succeed; those that spend what they are made of come last. */
export async function operations(world: World): Promise<Operation[]> {
  const { app, connection, marketplace } = world;
  const { auth, orders, webhook } = marketplace;
  const [order] = await world.trade(1);
  const window = world.wholeWindow();
  const redirectUri = 'https://sluice.example/callback';
  const callback = await world.consent('state', redirectUri);
  const appTokenCall = auth.appTokenCall;
  const keyCall = await publicKeyCall(world);
  return [
    {
      name: 'a page',
      build: () => orders.pageCall(world.context(), window),
      read: (response) => orders.readPage(response, connection, window),
    },
    {
      name: 'details',
      build: () => orders.detailCall(world.context(), [order!.orderId]),
      read: (response) => orders.readDetails(response, connection),
    },
    ...(await wholeCalls(world, order!.orderId)),
    ...(keyCall
      ? [{ name: 'a public key', build: () => keyCall, read: webhook.publicKey!.readKey } satisfies Operation]
      : []),
    ...(appTokenCall
      ? [{ name: 'an app token', build: () => appTokenCall(app, { now: world.now() }), read: world.readTokens }]
      : []),
    { name: 'a refresh', build: () => world.refreshCall(world.refreshToken), read: world.readTokens },
    // An exchange ends the grants before it, at Shopify, so it comes after the refresh.
    {
      name: 'an exchange',
      build: () => auth.exchangeCall(app, { callback, redirectUri, now: world.now() }),
      read: world.readTokens,
    },
  ];
}

/** The calls of the procedures that read orders whole, each with the answers before it. */
async function wholeCalls(world: World, orderId: string): Promise<Operation[]> {
  const { whole } = world.marketplace.orders;
  const window = world.wholeWindow();
  const page = whole?.page;
  return [
    ...(page ? await callsOf(world, 'a whole page', (answers) => page(world.context(), window, answers)) : []),
    ...(whole
      ? await callsOf(world, 'whole details', (answers) => whole.details(world.context(), [orderId], answers))
      : []),
  ];
}

async function callsOf(
  world: World,
  name: string,
  next: (answers: readonly HttpResponse[]) => Step<unknown>,
): Promise<Operation[]> {
  const found: Operation[] = [];
  for (let before: readonly HttpResponse[] = []; ; ) {
    const answers = before;
    const step = next(answers);
    if ('done' in step) return found;
    found.push({
      name: `${name}, call ${answers.length + 1}`,
      build() {
        const again = next(answers);
        if ('done' in again) throw new Error('a procedure of the same answers makes the same call');
        return again.call;
      },
      read: (response) => next([...answers, response]),
    });
    before = [...answers, await world.call(step.call, (response) => response)];
  }
}

/** The refused operation that some marketplaces take for a list that holds nothing. */
export const REVERSED_WINDOW = 'a window that ends before it begins';

/** The same calls, each bound to be refused. */
export async function refusedOperations(world: World): Promise<Operation[]> {
  const { marketplace, connection, sandbox } = world;
  const { auth, orders } = marketplace;
  const window = world.wholeWindow();
  const readPage: Operation['read'] = (response) => orders.readPage(response, connection, window);
  const wrongApp = marketplace.appSchema.parse(
    Object.fromEntries(
      Object.entries(sandbox.registration).map(([field, value]) => [
        field,
        /(secret|key)$/i.test(field) ? `${value}-not` : value,
      ]),
    ),
  );
  return [
    { name: 'a token of nobody', build: () => orders.pageCall(world.context('unknown'), window), read: readPage },
    {
      name: REVERSED_WINDOW,
      build: () => orders.pageCall(world.context(), { ...window, from: window.to, to: window.from - 1_000 }),
      read: readPage,
    },
    {
      name: 'a wrong app',
      build: () => auth.refreshCall(wrongApp, { connection, refreshToken: world.refreshToken, now: world.now() }),
      read: world.readTokens,
    },
    { name: 'a dead grant', build: () => world.refreshCall(`${world.refreshToken}-not`), read: world.readTokens },
  ];
}

async function publicKeyCall(world: World) {
  const [arrival] = world.arrivals;
  if (!world.marketplace.webhook.publicKey || arrival?.via !== 'http') return undefined;
  const { headers, body = '' } = arrival.request;
  const delivery = { method: 'POST', url: '', query: {}, headers, body: Buffer.from(body), receivedAt: world.now() };
  const keyId = world.marketplace.webhook.publicKey.keyId(delivery);
  return keyId === undefined ? undefined : world.publicKeyCall(keyId);
}
