import { Hono } from 'hono';
import type { BookChange, BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createWebhookSender } from '#marketplaces/sandbox-kit/webhook-sender.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { forbidden, invalid } from './answers.ts';
import type { SellerEnv } from './gateway.ts';
import { shipmentIdOf } from './ids.ts';
import { CLIENT_ID } from './registration.ts';
import type { Tokens } from './tokens.ts';

const MINUTE_MS = 60_000;
// Mercado Libre developer guide, notifications.
/** a notification is lost after eight tries within an hour; how they are spread over it is this sandbox's choice */
const RETRY_AFTER_MS = [1, 2, 4, 8, 12, 15, 18].map((minutes) => minutes * MINUTE_MS);
/** how long the receiver may take to answer with 200 */
const TIMEOUT_MS = 500;
/** how long a lost notification can be read back: 2 days */
const MISSED_KEPT_MS = 2 * 24 * 60 * MINUTE_MS;
const DEFAULT_LIMIT = '10';

type Topic = 'orders_v2' | 'shipments';

type Missed = { lostAt: number; topic: Topic; message: Record<string, unknown> };

export type Notifications = ReturnType<typeof createNotifications>;

/**
 * Tells the application which orders and shipments changed: pointers only, unsigned. The topics and the address are set
 * where applications are managed, which no API does. That Mercado Libre switches off a topic that fails again and again
 * is not simulated, for only a person could switch it on again.
 */
export function createNotifications(
  deps: Pick<SandboxDeps, 'now' | 'sleep' | 'send' | 'faults' | 'randomHex'>,
  { tokens, webhookUrl }: { tokens: Tokens; webhookUrl: string },
) {
  const statuses = new WeakMap<HttpRequest, number>();
  const sender = createWebhookSender(
    {
      now: () => deps.now(),
      sleep: (ms) => deps.sleep(ms),
      faults: deps.faults,
      async send(request, options) {
        const { status } = await deps.send(request, options);
        statuses.set(request, status);
        return { status: status === 200 ? 200 : 500 }; // no other success will do
      },
    },
    { retryAfterMs: RETRY_AFTER_MS, timeoutMs: TIMEOUT_MS },
  );
  const missed: Missed[] = [];

  function notify(order: BookOrder, topic: Topic, resource: string): void {
    if (!tokens.isGranted(order.sellerId)) return;
    const fixed = {
      _id: deps.randomHex(16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
      resource,
      user_id: Number(order.sellerId),
      topic,
      application_id: Number(CLIENT_ID),
    };
    const received = new Date(deps.now()).toISOString();
    let last: { message: Record<string, unknown>; request: HttpRequest } | undefined;
    const headers = { 'content-type': 'application/json' };
    sender.deliver(
      (attempts) => {
        const message = { ...fixed, attempts, sent: new Date(deps.now()).toISOString(), received };
        const request = { method: 'POST' as const, url: webhookUrl, headers, body: JSON.stringify(message) };
        last = { message, request };
        return request;
      },
      () => {
        const { message, request } = last!;
        const response = { req_time: TIMEOUT_MS, http_code: statuses.get(request) ?? 0, body: '', headers: {} };
        const sent = { url: webhookUrl, headers, data: request.body };
        missed.push({ lostAt: deps.now(), topic, message: { ...message, request: sent, response } });
      },
    );
  }

  return {
    stats: sender.stats,
    underWay: sender.underWay,
    announce(order: BookOrder, change: BookChange | 'told'): void {
      notify(order, 'orders_v2', `/orders/${order.orderId}`);
      if (change !== 'cancelled') notify(order, 'shipments', `/shipments/${shipmentIdOf(order.orderId)}`);
    },
    /** What was lost, of all sellers of the application: reading it takes nothing away. */
    api(): Hono<SellerEnv> {
      const app = new Hono<SellerEnv>();
      app.get('/missed_feeds', (c) => {
        const { app_id, topic, offset = '0', limit = DEFAULT_LIMIT } = c.req.query();
        if (!app_id) return invalid(c, 'app_id is required');
        if (app_id !== CLIENT_ID) return forbidden(c, 'The application is not yours');
        if (!/^\d{1,6}$/.test(offset) || !/^\d{1,3}$/.test(limit)) return invalid(c, 'offset or limit is invalid');
        while (missed[0] && missed[0].lostAt <= deps.now() - MISSED_KEPT_MS) missed.shift();
        const found = missed.filter((one) => topic === undefined || one.topic === topic);
        const start = Number(offset);
        return c.json({ messages: found.slice(start, start + Number(limit)).map(({ message }) => message) });
      });
      return app;
    },
  };
}
