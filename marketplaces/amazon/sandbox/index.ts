import { Hono } from 'hono';
import { createBooks } from '#marketplaces/sandbox-kit/books.ts';
import {
  apiCalls,
  type CallStats,
  type Sandbox,
  type SandboxDeps,
  type SandboxOptions,
  type SandboxSeller,
} from '#marketplaces/sandbox-kit/sandbox.ts';
import { internalFailure, quotaExceeded } from './answers.ts';
import { FIRST_DESTINATION_ID } from './destinations.ts';
import { createFeedDocuments } from './feed-documents.ts';
import { addFeeds } from './feeds.ts';
import { createGateway } from './gateway.ts';
import { createListingChanges } from './listing-changes.ts';
import { addListings } from './listings.ts';
import { createLwa } from './lwa.ts';
import { addNotifications } from './notifications.ts';
import { createOrderIndex } from './order-index.ts';
import { addOrders } from './orders.ts';
import { createPackages } from './packages.ts';
import { addParticipations } from './participations.ts';
import { createQueueSender } from './queue-sender.ts';
import { MARKETPLACE_ID } from './render-order.ts';
import { addShipmentConfirmation } from './shipment-confirmation.ts';
import { addStaticSandbox } from './static-sandbox.ts';

/** The developer's registration: fixed, so that a configuration for the sandbox can be written down. */
const REGISTRATION = {
  clientId: 'amzn1.application-oa2-client.sandbox',
  clientSecret: 'amzn1.oa2-cs.v1.sandbox-client-secret',
  applicationId: 'amzn1.sp.solution.5a4db0c0-0000-4000-8000-000000000001',
};

/** Where Amazon's own static sandbox is, which on the real network is a host of its own. */
const STATIC_PREFIX = '/static';

/**
 * Amazon's Selling Partner API as a seller's application in the United Kingdom meets it: Login with Amazon, orders and
 * the confirmation of shipments, stock by listing and by feed, participations, and ORDER_CHANGE notifications to the
 * developer's own queue. Sellers are `A1SANDBOX0001` upwards with the refresh tokens `Atzr|sandbox-refresh-1` upwards.
 * Under `/static` it is Amazon's static sandbox. A consent leads to `/oauth/amazon/callback` at the webhook's origin
 * unless `redirect_uri` names another place.
 */
export function createAmazonSandbox(deps: SandboxDeps, options: SandboxOptions): Sandbox {
  const sellers = Array.from({ length: options.sellers }, (_, number) => createSeller(number + 1));
  const books = createBooks({ now: deps.now, resolutionMs: 1, newOrderId, newLineId, newReference });
  const calls: CallStats = { made: 0, throttled: 0 };
  const app = new Hono();

  const redirectUri = new URL('/oauth/amazon/callback', options.webhookUrl).href;
  const lwa = createLwa(deps, { ...REGISTRATION, redirectUri }, sellers);
  const gateway = createGateway(deps, lwa);
  const queue = createQueueSender(deps);
  const index = createOrderIndex(books);
  const packages = createPackages(deps, books, (order) => {
    index.refresh(order);
    notifications.publish(order);
  });
  const changes = createListingChanges(deps, books);
  const documents = createFeedDocuments(deps, options.publicUrl);

  // A cut connection must reach an in-memory caller as an error, and a bug too.
  app.onError((error) => {
    throw error;
  });
  app.use(gateway.headers);
  app.use('/auth/o2/token', apiCalls(deps, calls, lwa));
  for (const api of ['orders', 'notifications', 'listings', 'feeds', 'sellers', 'static']) {
    app.use(`/${api}/*`, apiCalls(deps, calls, { throttled: quotaExceeded, serverError: internalFailure }));
  }
  app.use('/feed-documents/*', apiCalls(deps, calls, documents));

  app.get('/apps/authorize/consent', lwa.consent);
  app.post('/auth/o2/token', lwa.token);
  addOrders(app, deps, { gateway, books, index, packages });
  addShipmentConfirmation(app, { gateway, books, packages });
  addListings(app, deps, { gateway, changes });
  addFeeds(app, deps, { gateway, changes, documents });
  documents.addRoutes(app);
  addParticipations(app, gateway);
  addStaticSandbox(app, gateway, STATIC_PREFIX);
  const { applicationId } = REGISTRATION;
  const { deliver } = queue;
  const notifications = addNotifications(app, deps, { gateway, applicationId, sellers, packages, deliver });
  books.onChange(notifications.publish);

  return {
    name: 'amazon',
    app,
    registration: {
      ...REGISTRATION,
      apiUrl: options.publicUrl,
      tokenUrl: `${options.publicUrl}/auth/o2/token`,
      consentUrl: `${options.publicUrl}/apps/authorize/consent`,
      destinationId: FIRST_DESTINATION_ID,
    },
    sellers,
    books,
    webhooks: queue.stats,
    webhooksUnderWay: queue.underWay,
    calls,
  };
}

function createSeller(number: number): SandboxSeller {
  return {
    sellerId: `A1SANDBOX${String(number).padStart(4, '0')}`,
    refreshToken: `Atzr|sandbox-refresh-${number}`,
    settings: { marketplaceIds: MARKETPLACE_ID },
  };
}

/** In the form of a UK order id, `026-1234567-0000001`. */
function newOrderId(sequence: number): string {
  return `026-1234567-${String(sequence).padStart(7, '0')}`;
}

/** Fourteen digits. */
function newLineId(sequence: number): string {
  return `2026${String(sequence).padStart(10, '0')}`;
}

/** Both ways to name a listing's type are in use: every other one has a type of its own. */
function newReference(sequence: number): Record<string, string> {
  return sequence % 2 === 0 ? { productType: 'HOME' } : {};
}
