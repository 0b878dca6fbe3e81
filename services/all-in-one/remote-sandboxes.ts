import { z } from 'zod';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { CallStats, Sandbox, WebhookStats } from '#marketplaces/sandbox-kit/sandbox.ts';
import { asFailure } from '#platform/runtime/failure.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import type { Send } from '#platform/runtime/send.ts';
import type { Shop } from './demo/replay.ts';

const TIMEOUT_MS = 10_000;

/** What a sandbox has counted since it started. */
export type SandboxStats = { orders: number; webhooks: WebhookStats; webhooksUnderWay: number; calls: CallStats };

/** A sandbox of another process, by its control routes. */
export type RemoteSandbox = Pick<Sandbox, 'name' | 'registration' | 'sellers'> &
  Shop & {
    orders(): Promise<BookOrder[]>;
    stats(): Promise<SandboxStats>;
  };

export type RemoteSandboxes = {
  /** when their process started, epoch ms: what was before, they have forgotten */
  startedAt: number;
  all: RemoteSandbox[];
};

const health = z.object({ startedAt: z.number() });
const registrations = z.record(
  z.string(),
  z.object({
    registration: z.record(z.string(), z.unknown()),
    sellers: z.array(
      z.object({ sellerId: z.string(), refreshToken: z.string(), settings: z.record(z.string(), z.string()) }),
    ),
  }),
);

/**
 * Reaches the sandboxes that `services/sandbox` serves at `url`, without a slash at its end. An error names the URL and
 * what to do.
 */
export async function reachSandboxes(send: Send, url: string): Promise<RemoteSandboxes> {
  async function call(method: HttpRequest['method'], path: string, body?: object): Promise<unknown> {
    const at = `${url}/_sandbox/${path}`;
    const answer = await send(
      {
        method,
        url: at,
        headers: { 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      },
      { timeoutMs: TIMEOUT_MS },
    ).catch((thrown: unknown) => {
      const why = asFailure(thrown).message;
      throw new Error(`no sandbox answers at ${url} (${why}): start it, or name another with --sandbox`);
    });
    if (answer.status >= 300) throw new Error(`${method} ${at} was answered ${answer.status}: ${answer.body}`);
    return JSON.parse(answer.body);
  }

  const { startedAt } = health.parse(await call('GET', 'health'));
  const found = Object.entries(registrations.parse(await call('GET', 'registrations')));
  return {
    startedAt,
    all: found.map(([name, { registration, sellers }]) => ({
      name,
      registration,
      sellers,
      place: async (sellerId, draft) => (await call('POST', `${name}/orders`, { sellerId, ...draft })) as BookOrder,
      change: async (orderId, change) =>
        void (await call('POST', `${name}/orders/${encodeURIComponent(orderId)}`, change)),
      orders: async () => (await call('GET', `${name}/orders`)) as BookOrder[],
      stats: async () => (await call('GET', `${name}/stats`)) as SandboxStats,
    })),
  };
}
