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
import { createAccess } from './access.ts';
import { serverError, tooManyRequests } from './answers.ts';
import type { Destination } from './destinations.ts';
import { createGrants } from './grants.ts';
import { identityApi } from './identity.ts';
import { notificationsApi } from './notifications.ts';
import { consentPage, tokenEndpoint } from './oauth.ts';
import { createOrderConfirmations } from './order-confirmation.ts';
import { ordersApi } from './orders.ts';
import { analyticsApi, createQuotas } from './quotas.ts';
import { createSubscriptions, ORDER_CONFIRMATION, SCHEMA_VERSION } from './subscriptions.ts';

/** The one application of this sandbox: made up, fixed, and good for nothing else. */
const KEYSET = {
  clientId: 'Sluice-Sandbox-PRD-000000000-00000001',
  clientSecret: 'PRD-sandbox-client-secret-0001',
  ruName: 'Sluice-SluiceSa-Sandbo-aaaaaaaaa',
};
const VERIFICATION_TOKEN = 'sandbox-verification-token-0123456789abcdef';
const DESTINATION_ID = 'sandbox-destination-1';

/** spreads running numbers over all ten-digit ones without a repetition: it shares no factor with 10^10 */
const ORDER_ID_STRIDE = 395_536_441;
/** the first of the fourteen-digit ids of order lines */
const FIRST_LINE_ID = 10_000_000_000_000;

/**
 * eBay's Sell APIs as far as orders go: consent, tokens, orders, notifications, what is left of the quotas. The
 * sellers have consented already (refresh tokens `v^1.1#i^1#sandbox-refresh-1`, -2, …) and are subscribed to
 * ORDER_CONFIRMATION at `webhookUrl`, which is exempt from the rule that an endpoint be public and https. Consent
 * leads to `/oauth/ebay/callback` at the webhook's origin unless `acceptUrl` names another place.
 */
export function createEbaySandbox(deps: SandboxDeps, options: SandboxOptions): Sandbox {
  const sellers: SandboxSeller[] = Array.from({ length: options.sellers }, (_, index) => ({
    sellerId: `sandboxuser${String(index + 1).padStart(4, '0')}`,
    refreshToken: `v^1.1#i^1#sandbox-refresh-${index + 1}`,
    settings: {},
  }));
  // Names may change and ids may not, so the two differ.
  const usernameOf = (sellerId: string): string => sellerId.replace('sandboxuser', 'shop-');

  const books = createBooks({
    now: deps.now,
    resolutionMs: 1,
    newOrderId(sequence) {
      const digits = String((sequence * ORDER_ID_STRIDE) % 1e10).padStart(10, '0');
      return `01-${digits.slice(0, 5)}-${digits.slice(5)}`;
    },
    newLineId: (sequence) => String(FIRST_LINE_ID + sequence),
  });

  const destinations = new Map<string, Destination>([
    [
      DESTINATION_ID,
      {
        destinationId: DESTINATION_ID,
        name: 'registered webhook',
        status: 'ENABLED',
        deliveryConfig: { endpoint: options.webhookUrl, verificationToken: VERIFICATION_TOKEN },
      },
    ],
  ]);
  const subscriptions = createSubscriptions();
  for (const [index, seller] of sellers.entries()) {
    subscriptions.add(seller.sellerId, {
      subscriptionId: `sandbox-subscription-${index + 1}`,
      topicId: ORDER_CONFIRMATION,
      status: 'ENABLED',
      creationDate: new Date(deps.now()).toISOString(),
      payload: { format: 'JSON', deliveryProtocol: 'HTTPS', schemaVersion: SCHEMA_VERSION },
      destinationId: DESTINATION_ID,
    });
  }

  const grants = createGrants(deps, sellers);
  const access = createAccess(deps, grants);
  const quotas = createQuotas(deps);
  const calls: CallStats = { made: 0, throttled: 0 };
  const url = (path: string): string => `${options.publicUrl}${path}`;

  const app = new Hono();
  // A cut connection must reach an in-memory caller as an error, not as an answer.
  app.onError((error) => {
    throw error;
  });
  // eBay's consent pages are on a host of their own and no API.
  const acceptUrl = new URL('/oauth/ebay/callback', options.webhookUrl).href;
  app.route('/oauth2/authorize', consentPage(KEYSET, grants, sellers, acceptUrl));

  app.use('*', apiCalls(deps, calls, { throttled: tooManyRequests, serverError }));
  app.route('/identity/v1/oauth2/token', tokenEndpoint(deps, KEYSET, grants));
  app.route(
    '/sell/fulfillment/v1',
    ordersApi(deps, { baseUrl: url('/sell/fulfillment/v1'), books, access, quotas, usernameOf }),
  );
  app.route(
    '/commerce/notification/v1',
    notificationsApi(deps, { baseUrl: url('/commerce/notification/v1'), access, quotas, destinations, subscriptions }),
  );
  app.route('/commerce/identity/v1', identityApi(access, usernameOf));
  app.route('/developer/analytics/v1_beta', analyticsApi(access, quotas));

  const confirmations = createOrderConfirmations(deps, { destinations, subscriptions, usernameOf });
  books.onChange((order, change) => {
    if (change === 'placed') confirmations.send(order);
  });

  return {
    name: 'ebay',
    app,
    registration: {
      ...KEYSET,
      verificationToken: VERIFICATION_TOKEN,
      webhookUrl: options.webhookUrl,
      apiUrl: options.publicUrl,
      consentUrl: url('/oauth2/authorize'),
    },
    sellers,
    books,
    webhooks: confirmations.stats,
    webhooksUnderWay: confirmations.underWay,
    calls,
  };
}
