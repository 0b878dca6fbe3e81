import { Hono, type MiddlewareHandler } from 'hono';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createFixedWindow } from '#marketplaces/sandbox-kit/token-bucket.ts';
import type { Access } from './access.ts';
import { tooManyRequests } from './answers.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** eBay's day starts at midnight US Pacific; the sandbox takes UTC-8 all year round, so 08:00 UTC */
const DAY_STARTS_AT_MS = 8 * 60 * 60 * 1000;

/** Calls a day and application, by API [eBay developer documentation, API call limits] */
const RESOURCES = {
  fulfillment: { apiContext: 'sell', apiName: 'fulfillment', apiVersion: 'v1', name: 'order', limit: 100_000 },
  inventory: { apiContext: 'sell', apiName: 'inventory', apiVersion: 'v1', name: 'inventory', limit: 2_000_000 },
  notification: { apiContext: 'commerce', apiName: 'notification', apiVersion: 'v1', name: 'all', limit: 10_000 },
  analytics: { apiContext: 'developer', apiName: 'analytics', apiVersion: 'v1_beta', name: 'rate_limit', limit: 5_000 },
};

type Resource = keyof typeof RESOURCES;
export type Quotas = ReturnType<typeof createQuotas>;

/** A quota of `limit` calls in eBay's day. */
export function createDailyQuota(limit: number) {
  return createFixedWindow({ limit, windowMs: DAY_MS, startsAtMs: DAY_STARTS_AT_MS });
}

/** The application's daily calls, counted once the token has told whose they are; refused ones cost nothing. */
export function createQuotas(deps: Pick<SandboxDeps, 'now'>) {
  const windows = {
    fulfillment: createDailyQuota(RESOURCES.fulfillment.limit),
    inventory: createDailyQuota(RESOURCES.inventory.limit),
    notification: createDailyQuota(RESOURCES.notification.limit),
    analytics: createDailyQuota(RESOURCES.analytics.limit),
  };
  const nextReset = (): number => {
    const days = Math.floor((deps.now() - DAY_STARTS_AT_MS) / DAY_MS) + 1;
    return DAY_STARTS_AT_MS + days * DAY_MS;
  };
  return {
    /** Counts a call against the resource, or answers 429. */
    count(resource: Resource): MiddlewareHandler {
      return async (c, next) => (windows[resource].take(deps.now()) ? next() : tooManyRequests(c));
    },
    /** What is left of a resource's day. */
    rate(resource: Resource) {
      const reset = nextReset();
      const { limit } = RESOURCES[resource];
      // A window that nobody has used since midnight still holds yesterday's count.
      const count = windows[resource].resetsAt() === reset ? windows[resource].used() : 0;
      return {
        count,
        limit,
        remaining: limit - count,
        reset: new Date(reset).toISOString(),
        timeWindow: DAY_MS / 1000,
      };
    },
  };
}

/** Developer Analytics API: what is left of the application's quotas. The names of the resources are ours. */
export function analyticsApi(access: Access, quotas: Quotas): Hono {
  const app = new Hono();
  app.use('*', access.application, quotas.count('analytics'));
  // eBay writes the path with a slash at its end.
  app.on('GET', ['/rate_limit', '/rate_limit/'], (c) => {
    const { api_context: context, api_name: name } = c.req.query();
    const isAskedFor = (resource: Resource): boolean =>
      (!context || context.toLowerCase() === RESOURCES[resource].apiContext) &&
      (!name || name.toLowerCase() === RESOURCES[resource].apiName);
    const rateLimits = (Object.keys(RESOURCES) as Resource[]).filter(isAskedFor).map((resource) => {
      const { apiContext, apiName, apiVersion, name } = RESOURCES[resource];
      const resources = [{ name: `${apiContext}.${apiName}.${name}`, rates: [quotas.rate(resource)] }];
      return { apiContext, apiName, apiVersion, resources };
    });
    return rateLimits.length === 0 ? c.body(null, 204) : c.json({ rateLimits });
  });
  return app;
}
