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
import { createGateway } from './gateway.ts';
import { createLwa } from './lwa.ts';
import { addNotifications } from './notifications.ts';
import { addOrders } from './orders.ts';
import { createQueueSender } from './queue-sender.ts';
import { MARKETPLACE_ID } from './render-order.ts';

/** The developer's registration: fixed, so that a configuration for the sandbox can be written down. */
const REGISTRATION = {
  clientId: 'amzn1.application-oa2-client.sandbox',
  clientSecret: 'amzn1.oa2-cs.v1.sandbox-client-secret',
  applicationId: 'amzn1.sp.solution.5a4db0c0-0000-4000-8000-000000000001',
};

/**
 * Amazon's Selling Partner API as a seller's application in the United Kingdom meets it: Login with Amazon, the Orders
 * API 2026-01-01 and ORDER_CHANGE notifications to the developer's own queue. Sellers are `A1SANDBOX0001` upwards with
 * the refresh tokens `Atzr|sandbox-refresh-1` upwards.
 */
export function createAmazonSandbox(deps: SandboxDeps, options: SandboxOptions): Sandbox {
  const sellers = Array.from({ length: options.sellers }, (_, number) => createSeller(number + 1));
  const books = createBooks({ now: deps.now, resolutionMs: 1, newOrderId, newLineId });
  const calls: CallStats = { made: 0, throttled: 0 };
  const app = new Hono();

  const lwa = createLwa(deps, REGISTRATION, sellers);
  const gateway = createGateway(deps, lwa);
  const queue = createQueueSender(deps);

  // A cut connection must reach an in-memory caller as an error, and a bug too.
  app.onError((error) => {
    throw error;
  });
  app.use(gateway.headers);
  app.use('/auth/o2/token', apiCalls(deps, calls, lwa));
  for (const path of ['/orders/*', '/notifications/*']) {
    app.use(path, apiCalls(deps, calls, { throttled: quotaExceeded, serverError: internalFailure }));
  }

  app.get('/apps/authorize/consent', lwa.consent);
  app.post('/auth/o2/token', lwa.token);
  addOrders(app, deps, { gateway, books });
  const { applicationId } = REGISTRATION;
  const notifications = addNotifications(app, deps, { gateway, applicationId, sellers, deliver: queue.deliver });
  books.onChange(notifications.publish);

  return {
    name: 'amazon',
    app,
    registration: {
      ...REGISTRATION,
      apiUrl: options.publicUrl,
      tokenUrl: `${options.publicUrl}/auth/o2/token`,
      consentUrl: `${options.publicUrl}/apps/authorize/consent`,
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
