import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Answer } from '#marketplaces/marketplace.ts';
import { type Address, emptyAnswer, type ReceiveDeliveryDeps, receiveDelivery } from './receive-delivery.ts';

/** largest body of a delivery, bytes: what a queue message may hold, far above any marketplace's webhook */
const MAX_BODY_BYTES = 1_048_576;

const NO_BODY = new Uint8Array();

/**
 * `/webhooks/<marketplace>` and `/webhooks/<marketplace>/<connection>`, and `/health`.
 * @param options.publicUrl where marketplaces reach this server, without a slash at its end; some sign the URL
 */
export function createIntakeApp(deps: ReceiveDeliveryDeps, options: { publicUrl: string }): Hono {
  const app = new Hono();

  async function receive(c: Context): Promise<Response> {
    const address: Address = {
      marketplace: c.req.param('marketplace') ?? '',
      connectionId: c.req.param('connection'),
    };
    const url = new URL(c.req.url);
    const answer = await receiveDelivery(deps, address, {
      method: c.req.method,
      url: `${options.publicUrl}${url.pathname}${url.search}`,
      query: Object.fromEntries(url.searchParams),
      headers: c.req.header(),
      body: c.req.method === 'POST' ? new Uint8Array(await c.req.arrayBuffer()) : NO_BODY,
      receivedAt: deps.clock.now(),
    });
    return asResponse(answer);
  }

  for (const path of ['/webhooks/:marketplace', '/webhooks/:marketplace/:connection']) {
    app.post(path, limit, receive);
    app.get(path, receive);
  }
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.onError((error) => {
    deps.logger.error({ detail: error.name }, 'request failed');
    return asResponse(emptyAnswer(503));
  });
  return app;
}

const tooLarge = (): Response => asResponse(emptyAnswer(413));
const limitStream = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge });

/** A body whose length is told need not become a web stream, which costs more than all else here: HTTP holds it to that. */
const limit: MiddlewareHandler = async (c, next) => {
  const length = c.req.header('content-length');
  if (length === undefined || c.req.header('transfer-encoding') !== undefined) return limitStream(c, next);
  return Number(length) > MAX_BODY_BYTES ? tooLarge() : next();
};

const asResponse = ({ status, headers, body }: Answer): Response =>
  new Response(body === '' ? null : body, { status, headers });
