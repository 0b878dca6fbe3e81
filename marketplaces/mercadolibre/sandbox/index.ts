import { Hono } from 'hono';
import { type Books, createBooks, type OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import { apiCalls, type Sandbox, type SandboxDeps, type SandboxOptions } from '#marketplaces/sandbox-kit/sandbox.ts';
import { notFound, serverError, throttled } from './answers.ts';
import { createGateway, type SellerEnv } from './gateway.ts';
import { orderIdOf } from './ids.ts';
import { itemsApi } from './items.ts';
import { createListings } from './listings.ts';
import { createNotifications } from './notifications.ts';
import { addConsentRoute, addTokenRoute } from './oauth.ts';
import { createOrderIndex } from './order-index.ts';
import { ordersApi } from './orders.ts';
import { createRegistration, createSellers } from './registration.ts';
import { createShipments } from './shipments.ts';
import { shippingApi } from './shipping.ts';
import { createTokens } from './tokens.ts';
import { userProductsApi } from './user-products.ts';
import { usersApi } from './users.ts';

/**
 * Mercado Libre's API (Brazil) as far as orders, stock, shipments by the seller's own carrier and notifications go. Its
 * registration and sellers are fixed and documented in `registration.ts`. Mercado Libre makes an order of each item in a
 * cart and a pack of them all; here the lines of an order of the books are the items of one order, alone in its pack.
 */
export function createMercadolibreSandbox(deps: SandboxDeps, options: SandboxOptions): Sandbox {
  const sellers = createSellers(options.sellers);
  const listings = createListings(() => books);
  const kitBooks = createBooks({
    now: () => deps.now(),
    resolutionMs: 1,
    newOrderId: orderIdOf,
    newLineId: String,
    newReference: listings.newReference,
  });
  const books: Books = {
    ...kitBooks,
    place: (sellerId, draft) => kitBooks.place(sellerId, withLineIds(sellerId, draft, kitBooks)),
  };
  const index = createOrderIndex(books);
  const tokens = createTokens(deps, sellers);
  const notifications = createNotifications(deps, { tokens, webhookUrl: options.webhookUrl });
  books.onChange(notifications.announce);
  const shipments = createShipments(deps, books, (order) => {
    index.refresh(order);
    notifications.announce(order, 'told');
  });
  const calls = { made: 0, throttled: 0 };

  const app = new Hono();
  // A cut connection must reach an in-memory caller as an error, not as an answer.
  app.onError((error) => {
    throw error;
  });
  // Before the count of API calls: a browser opens it.
  addConsentRoute(app, tokens, sellers);
  app.use('*', apiCalls(deps, calls, { throttled, serverError }));
  addTokenRoute(app, tokens);

  const api = new Hono<SellerEnv>();
  api.onError((error) => {
    throw error;
  });
  api.use(createGateway(deps, tokens));
  for (const part of [
    ordersApi({ books, index, shipments }),
    shippingApi(deps, { books, shipments }),
    itemsApi({ books, listings }),
    userProductsApi({ books, listings }),
    usersApi({ tokens, webhookUrl: options.webhookUrl }),
    notifications.api(),
  ]) {
    api.route('/', part);
  }
  api.all('*', (c) => notFound(c));
  // The official SDK's RestClientApi writes a whole path into one segment: `/orders%2F2000009713000001`.
  app.all('*', (c, next) => {
    const segment = c.req.path.slice(c.req.path.lastIndexOf('/') + 1);
    if (!/%2f/i.test(segment)) return next();
    const url = new URL(`/${decodeURIComponent(segment)}`, c.req.url);
    for (const [name, value] of new URL(c.req.url).searchParams) url.searchParams.set(name, value);
    return api.fetch(new Request(url, c.req.raw), c.env);
  });
  app.route('/', api);

  return {
    name: 'mercadolibre',
    app,
    registration: createRegistration(options),
    sellers,
    books,
    webhooks: notifications.stats,
    webhooksUnderWay: notifications.underWay,
    calls,
  };
}

/**
 * The draft with each line named by its item and variation, as an order tells lines apart. What is the same SKU at the
 * same price is one line, however often the buyer put it into the cart.
 */
function withLineIds(sellerId: string, draft: OrderDraft, books: Books): OrderDraft {
  const lines = new Map<string, OrderDraft['lines'][number] & { lineId: string }>();
  const taken = new Set<string>();
  for (const line of draft.lines) {
    const key = `${Number(line.unitPrice)} ${line.sku}`;
    const same = lines.get(key);
    if (same) {
      same.quantity += line.quantity;
      continue;
    }
    const { itemId, variationId } = books.listing(sellerId, line.sku).reference;
    const name = variationId === undefined ? itemId! : `${itemId}:${variationId}`;
    const lineId = taken.has(name) ? `${name}#${taken.size + 1}` : name;
    taken.add(lineId);
    lines.set(key, { ...line, lineId });
  }
  return { ...draft, lines: [...lines.values()] };
}
