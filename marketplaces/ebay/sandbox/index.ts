import { Hono } from 'hono';
import { createBooks } from '#marketplaces/sandbox-kit/books.ts';
import {
  apiCalls,
  type CallStats,
  type Sandbox,
  type SandboxDeps,
  type SandboxOptions,
} from '#marketplaces/sandbox-kit/sandbox.ts';
import { createAccess } from './access.ts';
import { sellerUsername } from './accounts.ts';
import { serverError, tooManyRequests } from './answers.ts';
import { createFulfillments } from './fulfillments.ts';
import { createGrants } from './grants.ts';
import { identityApi } from './identity.ts';
import { inventoryApi } from './inventory.ts';
import { confirmOrders, createAccountNotices } from './notices.ts';
import { notificationsApi } from './notifications.ts';
import { createNotifier } from './notifier.ts';
import { consentPage, tokenEndpoint } from './oauth.ts';
import { createOffers } from './offers.ts';
import { ordersApi } from './orders.ts';
import { analyticsApi, createQuotas } from './quotas.ts';
import { createDestinations, createRegistration, createSellers, KEYSET, subscribeAll } from './registration.ts';
import { createSubscriptions } from './subscriptions.ts';

/** spreads running numbers over all ten-digit ones without a repetition: it shares no factor with 10^10 */
const ORDER_ID_STRIDE = 395_536_441;
/** the first of the fourteen-digit ids of order lines */
const FIRST_LINE_ID = 10_000_000_000_000;

export type EbaySandbox = Sandbox & ReturnType<typeof createAccountNotices>;

/**
 * eBay's Sell APIs as far as orders and stock go: consent, tokens, orders, shipments, stock, notifications, what is
 * left of the quotas. The sellers have consented already and are subscribed to ORDER_CONFIRMATION at `webhookUrl`,
 * which is exempt from the rule that an endpoint be public and https; so is the application to the notices that
 * `deleteAccount` and `revokeAuthorization` send. Consent leads to `/connections/callback/ebay` at the webhook's origin
 * unless `acceptUrl` names another place.
 */
export function createEbaySandbox(deps: SandboxDeps, options: SandboxOptions): EbaySandbox {
  const sellers = createSellers(options.sellers);
  const offers = createOffers();
  const books = createBooks({
    now: deps.now,
    resolutionMs: 1,
    newOrderId(sequence) {
      const digits = String((sequence * ORDER_ID_STRIDE) % 1e10).padStart(10, '0');
      return `01-${digits.slice(0, 5)}-${digits.slice(5)}`;
    },
    newLineId: (sequence) => String(FIRST_LINE_ID + sequence),
    newReference: offers.newReference,
  });

  const destinations = createDestinations(options.webhookUrl);
  const subscriptions = createSubscriptions();
  subscribeAll(subscriptions, sellers, deps.now());
  const notifier = createNotifier(deps, { destinations, subscriptions });

  const grants = createGrants(deps, sellers);
  const access = createAccess(deps, grants);
  const quotas = createQuotas(deps);
  const fulfillments = createFulfillments(deps, books);
  const calls: CallStats = { made: 0, throttled: 0 };

  const app = new Hono();
  // A cut connection must reach an in-memory caller as an error, not as an answer.
  app.onError((error) => {
    throw error;
  });
  // eBay's consent pages are on a host of their own and no API.
  const acceptUrl = new URL('/connections/callback/ebay', options.webhookUrl).href;
  app.route('/oauth2/authorize', consentPage(KEYSET, grants, sellers, acceptUrl));

  app.use('*', apiCalls(deps, calls, { throttled: tooManyRequests, serverError }));
  app.route('/identity/v1/oauth2/token', tokenEndpoint(deps, KEYSET, grants));
  const api = (path: string) => ({ baseUrl: `${options.publicUrl}${path}`, access, quotas });
  const fulfillment = '/sell/fulfillment/v1';
  app.route(fulfillment, ordersApi(deps, { ...api(fulfillment), books, fulfillments }));
  const inventory = '/sell/inventory/v1';
  app.route(inventory, inventoryApi(deps, { ...api(inventory), books, offers }));
  const notification = '/commerce/notification/v1';
  const exemptEndpoint = options.webhookUrl;
  app.route(
    notification,
    notificationsApi(deps, { ...api(notification), destinations, subscriptions, notifier, exemptEndpoint }),
  );
  app.route('/commerce/identity/v1', identityApi(access, sellerUsername));
  app.route('/developer/analytics/v1_beta', analyticsApi(access, quotas));

  confirmOrders(books, notifier);

  return {
    name: 'ebay',
    app,
    registration: createRegistration(options),
    sellers,
    books,
    webhooks: notifier.stats,
    webhooksUnderWay: notifier.underWay,
    calls,
    ...createAccountNotices(deps, { books, grants, notifier }),
  };
}
