import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { Buckets } from './buckets.ts';
import { isGranted } from './call.ts';
import type { Caller, Gateway } from './gateway.ts';
import type { Item } from './listings.ts';
import type { OrderIndex } from './order-index.ts';
import type { OrderParts } from './order-state.ts';
import type { Shop } from './registration.ts';
import { addRestFulfillmentRoutes } from './rest-fulfillments.ts';
import { addRestOrderRoutes } from './rest-orders.ts';
import { addRestStockRoutes } from './rest-stock.ts';
import { addRestWebhookRoutes } from './rest-webhooks.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Tokens } from './tokens.ts';

/** how long a client is told to wait, s [Shopify, REST Admin API rate limits] */
const RETRY_AFTER = '2.0';

export type RestParts = OrderParts & {
  now: () => number;
  index: OrderIndex;
  subscriptions: Subscriptions;
  tokens: Tokens;
  onStockSet(item: Item): void;
  onUninstalled(shop: Shop): void;
};

export type RestEnv = { Variables: { caller: Caller } };

/** Adds a route under both forms of a path, with its access scopes; none are needed where there are none. */
export type AddRoute = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  scopes: readonly string[],
  handler: (c: Context<RestEnv>) => Response | Promise<Response>,
) => void;

/**
 * The REST Admin API, which is legacy since October 2024 and still answers: as far as clients of it read orders, set
 * stock and tell of fulfillments.
 */
export function addRestRoutes(
  app: Hono,
  { gateway, calls, ...parts }: RestParts & { gateway: Gateway; calls: Buckets },
) {
  const admit: MiddlewareHandler<RestEnv> = async (c, next) => {
    const caller = gateway.admit(c);
    if (caller instanceof Response) return caller;
    const { sellerId } = caller.shop;
    const isTaken = calls.take(sellerId, 1);
    c.header('X-Shopify-Shop-Api-Call-Limit', `${calls.size - calls.available(sellerId)}/${calls.size}`);
    if (!isTaken) return refuseCall(c, calls);
    c.set('caller', caller);
    return next();
  };

  const route: AddRoute = (method, path, scopes, handler) => {
    for (const prefix of ['/:shop/admin', '/admin']) {
      for (const versioned of [`${prefix}/api/:version`, prefix]) {
        (app as unknown as Hono<RestEnv>).on(method, `${versioned}/${path}`, admit, (c) => {
          if (scopes.length === 0 || isGranted(c.get('caller').access.scopes, scopes)) return handler(c);
          const message = `[API] This action requires merchant approval for ${scopes[0]} scope.`;
          return c.json({ errors: message }, 403);
        });
      }
    }
  };
  addRestOrderRoutes(route, parts);
  addRestFulfillmentRoutes(route, parts);
  addRestStockRoutes(route, parts);
  addRestWebhookRoutes(route, parts);
}

/** 429 of a caller that is too fast, or that a fault makes so. */
export function refuseCall(c: Context, calls: Buckets): Response {
  c.header('Retry-After', RETRY_AFTER);
  const message = `Exceeded ${calls.perSecond} calls per second for api client. Reduce request rates to resume uninterrupted service.`;
  return c.json({ errors: message }, 429);
}

/** 422 that says what is wrong with which field. */
export function unprocessable(c: Context, errors: Record<string, string[]> | string[]): Response {
  return c.json({ errors }, 422);
}

/** The JSON body of a request; an empty object where it is none. */
export async function readJson(c: Context): Promise<Record<string, unknown>> {
  const body: unknown = await c.req.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}
