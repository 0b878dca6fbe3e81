import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { HttpRequest } from '#platform/runtime/http.ts';
import type { Books } from './books.ts';
import { type Faults, SLOW_MS, TIMEOUT_MS } from './faults.ts';

/** The world as a sandbox sees it: everything comes in as an argument, so that it also runs in simulated time. */
export type SandboxDeps = {
  /** epoch ms */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** uniform in [0, 1) */
  random(): number;
  /** `length` random bytes as lower-case hex */
  randomHex(length: number): string;
  /** Sends a webhook; throws when there is no answer. */
  send(request: HttpRequest, options: { timeoutMs: number }): Promise<{ status: number }>;
  /** Amazon delivers to the developer's own SQS queue, named by the last part of its ARN. */
  enqueue(queue: string, body: string): Promise<void>;
  faults: Faults;
};

export type SandboxOptions = {
  /** where this sandbox is reached, without a slash at its end: `http://127.0.0.1:4700/ebay` */
  publicUrl: string;
  /** where it sends webhooks: `http://127.0.0.1:4600/webhooks/ebay` */
  webhookUrl: string;
  /** how many seller accounts exist */
  sellers: number;
};

export type SandboxSeller = {
  sellerId: string;
  /** a grant as if the seller had consented already: fixed and documented, spent or not as the marketplace does */
  refreshToken: string;
  settings: Record<string, string>;
};

/** One simulated marketplace. */
export type Sandbox = {
  name: string;
  /** the HTTP API with the marketplace's own paths, to be mounted under `/<name>` */
  app: Hono;
  /** the developer's registration, in the shape that the connector's `appSchema` takes */
  registration: Record<string, unknown>;
  sellers: SandboxSeller[];
  books: Books;
  webhooks: WebhookStats;
  /** notifications sent or waiting for a retry */
  webhooksUnderWay(): number;
  calls: CallStats;
};

export type WebhookStats = { sent: number; accepted: number; refused: number; lost: number };

export type CallStats = { made: number; throttled: number };

/** Thrown by an in-memory call whose connection the sandbox cuts. */
export class ConnectionDropped extends Error {}

/**
 * Counts every API call and applies the faults that need no knowledge of the marketplace; its own error answers come
 * in as `answers`. Put it before the routes of the API, not before the control routes.
 */
export function apiCalls(
  deps: Pick<SandboxDeps, 'sleep' | 'faults'>,
  calls: CallStats,
  answers: { throttled(c: Context): Response; serverError(c: Context): Response },
): MiddlewareHandler {
  return async (c, next) => {
    const path = c.req.path;
    calls.made += 1;
    if (deps.faults.strikes('drop-connection', path)) return drop(c);
    if (deps.faults.strikes('timeout', path)) await deps.sleep(TIMEOUT_MS);
    if (deps.faults.strikes('slow', path)) await deps.sleep(SLOW_MS);
    if (deps.faults.strikes('server-error', path)) return answers.serverError(c);
    if (deps.faults.strikes('throttle', path)) {
      // An invented 429, not one that the caller's pace earned: it is not counted as throttled.
      return answers.throttled(c);
    }
    await next();
    if (c.res.status === 429) calls.throttled += 1;
    if (deps.faults.strikes('server-error-after-effect', path)) c.res = answers.serverError(c);
    if (deps.faults.strikes('drop-answer', path)) return drop(c);
    if (deps.faults.strikes('truncate', path)) {
      const body = await c.res.text();
      c.res = new Response(body.slice(0, Math.floor(body.length / 2)), c.res);
    }
  };
}

function drop(c: Context): never {
  const outgoing = (c.env as { outgoing?: { destroy(): void } } | undefined)?.outgoing;
  outgoing?.destroy();
  throw new ConnectionDropped('the sandbox cut this connection, as it was told to');
}
