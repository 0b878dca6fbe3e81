import { once } from 'node:events';
import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Config } from '#platform/runtime/config.ts';
import type { Health } from './health.ts';

/** longest a request may take to arrive as a whole, ms; a slower sender is cut off */
const REQUEST_TIMEOUT_MS = 30_000;

export type Served = {
  /** the port in use, where 0 was asked for */
  port: number;
  /** Takes no more connections, lets requests under way end, and resolves. */
  stop(): Promise<void>;
};

/** Serves an app over HTTP; rejects with an error that names the setting when the port can't be had. */
export async function serveHttp(app: Hono, options: { host: string; port: number; setting: string }): Promise<Served> {
  const server = serve({ fetch: app.fetch, hostname: options.host, port: options.port }) as Server;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  try {
    if (!server.listening) await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is in use by another process' : `can't be listened on (${code})`;
    throw new Error(`port ${options.port} of ${options.host} ${why}: set ${options.setting} to a free one`);
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

/** An app, the port that it is served on, and the setting that chooses the port. */
export type Serving = { app: Hono; port: number; setting: string };

/** Health has a port of its own, where one is set. */
export const healthServings = (
  { app }: Pick<Health, 'app'>,
  { healthPort: port }: Pick<Config, 'healthPort'>,
): Serving[] => (port === undefined ? [] : [{ app, port, setting: 'SLUICE_HEALTH_PORT' }]);

/** Serves one app after the other on the host that is set. */
export async function serveAll(servings: readonly Serving[], { host }: Pick<Config, 'host'>): Promise<Served[]> {
  const served: Served[] = [];
  for (const { app, port, setting } of servings) served.push(await serveHttp(app, { host, port, setting }));
  return served;
}

/** Takes no more connections on any, lets requests under way end, and resolves. */
export async function stopAll(served: readonly Served[]): Promise<void> {
  await Promise.all(served.map((each) => each.stop()));
}
