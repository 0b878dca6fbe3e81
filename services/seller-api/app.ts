import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import { idempotencyKey } from '#events/command.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import type { Commands, Wish } from '#platform/state/commands.ts';
import type { SellerApiKeys } from '#platform/state/secrets.ts';
import { type AcceptCommandDeps, acceptCommand, MAX_WISH_BYTES } from './accept-command.ts';
import { statusOf } from './command-status.ts';
import { openApiDocument } from './openapi.ts';
import { inventoryUpdateBody, type Problem, shipmentConfirmationBody } from './schemas.ts';

export type SellerApiDeps = AcceptCommandDeps & {
  logger: Logger;
  apiKeys: SellerApiKeys;
  commands: Pick<Commands, 'get'>;
};

/** Takes the commands of the seller's systems, and tells what became of them. `openapi.ts` describes it. */
export function createSellerApp(deps: SellerApiDeps): Hono {
  const app = new Hono();

  /** The head alone decides whether a body is read at all. */
  const authenticated: MiddlewareHandler = async (c, next) => {
    const key = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (key !== undefined && (await deps.apiKeys.accepts(key))) return next();
    c.header('www-authenticate', 'Bearer realm="sluice"');
    return refuse(c, 401, 'unauthorized', 'the header Authorization must be: Bearer <a key of the seller API>');
  };
  const keyed: MiddlewareHandler = async (c, next) => {
    if (idempotencyKey.safeParse(c.req.header('idempotency-key')).success) return next();
    const detail = 'the header Idempotency-Key must be 1 to 200 printable ASCII characters without a space';
    return refuse(c, 400, 'idempotency-key-missing', detail);
  };
  const limited = bodyLimit({
    maxSize: MAX_WISH_BYTES,
    onError: (c) => refuse(c, 413, 'too-large', `a body has at most ${MAX_WISH_BYTES} bytes`),
  });

  /** Reads a body of one form and accepts what it wishes. */
  const takes =
    <Body extends { connectionId: string }>(schema: z.ZodType<Body>, wishOf: (body: Body) => Wish) =>
    async (c: Context): Promise<Response> => {
      const json: unknown = await c.req.json().catch(() => undefined);
      if (json === undefined) return refuse(c, 400, 'not-json', 'the body is not JSON');
      const body = schema.safeParse(json);
      if (!body.success) {
        const places = body.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
        return refuse(c, 400, 'invalid-body', 'the body is not of the form that /openapi.json describes', places);
      }
      if (!(await deps.connections.get(body.data.connectionId))) {
        return refuse(c, 422, 'connection-unknown', 'there is no such connection: sluice connections lists them');
      }
      const key = c.req.header('idempotency-key')!;
      const { outcome, commandId } = await acceptCommand(deps, { wish: wishOf(body.data), idempotencyKey: key });
      deps.logger.info({ commandId, connectionId: body.data.connectionId, outcome }, 'command');
      if (outcome === 'conflict') {
        return refuse(c, 409, 'idempotency-key-reused', 'this Idempotency-Key has been used with another content');
      }
      c.header('location', `/v1/commands/${commandId}`);
      return c.json({ commandId }, 202);
    };

  app.use('/v1/*', authenticated);
  app.post(
    '/v1/inventory-updates',
    keyed,
    limited,
    takes(inventoryUpdateBody, (data) => ({ type: 'inventory-update', data })),
  );
  app.post(
    '/v1/shipment-confirmations',
    keyed,
    limited,
    takes(shipmentConfirmationBody, (data) => {
      const shippedAt = new Date(data.shippedAt).toISOString();
      return { type: 'shipment-confirmation', data: { ...data, shippedAt } };
    }),
  );
  app.get('/v1/commands/:command', async (c) => {
    const command = await deps.commands.get(c.req.param('command'));
    // What is not queued was not promised to anybody.
    if (!command?.isQueued) return refuse(c, 404, 'command-unknown', 'no such command was accepted');
    return c.json(statusOf(command), 200, { 'cache-control': 'no-store' });
  });
  const document = openApiDocument();
  app.get('/openapi.json', (c) => c.json(document));
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.notFound((c) => refuse(c, 404, 'not-found', 'there is nothing at this path: /openapi.json lists the paths'));
  app.onError((error, c) => {
    deps.logger.error({ detail: error.name }, 'request failed');
    return refuse(c, 503, 'try-again', 'nothing can be accepted right now: send it again with the same key');
  });
  return app;
}

const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  503: 'Service Unavailable',
} as const;

function refuse(c: Context, status: keyof typeof TITLES, code: string, detail: string, places?: string[]): Response {
  const body: Problem = { title: TITLES[status], status, code, detail, ...(places && { places }) };
  return c.body(JSON.stringify(body), status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
}
