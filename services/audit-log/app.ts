import { Hono } from 'hono';
import type { Logger } from '#platform/runtime/logger.ts';
import { parseTilePath, TILE_WIDTH } from '#platform/state/audit-log/tiles.ts';
import type { LogWriter } from './log-writer.ts';

const PREFIX = '/audit/';
/** the list of the logs, and what each of them begins with */
const LOGS = '/audit/logs';
/** for good: what a full tile says never changes */
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** full bundles of entries don't change either, but hold order ids, and a cache must not keep them for long after us */
const IMMUTABLE_BUNDLE = 'private, max-age=86400, immutable';
/** a partial tile is of use only until the next one */
const PARTIAL = 'private, max-age=60';

/**
 * The audit logs, read-only, in the paths of C2SP tlog-tiles and those that `AuditReader.read` adds, so that witnesses and
 * monitors can follow them: the first under `/audit/`, each under `/audit/logs/<name>/`, the list of them at
 * `/audit/logs`; and `/health`.
 */
export function createAuditApp(deps: {
  logs: readonly Pick<LogWriter, 'name' | 'origin' | 'key' | 'log'>[];
  logger: Logger;
}): Hono {
  const app = new Hono();

  app.get(LOGS, (c) => {
    const logs = deps.logs.map(({ name, origin, key }) => {
      return { name, origin, key, url: new URL(`${LOGS}/${name}`, c.req.url).href };
    });
    return c.json({ logs }, 200, { 'cache-control': 'no-store' });
  });
  app.get(`${PREFIX}*`, async (c) => {
    const [, name, inLog] = /^\/audit\/logs\/([^/]+)\/(.*)$/.exec(c.req.path) ?? [];
    const served = name === undefined ? deps.logs[0] : deps.logs.find((each) => each.name === name);
    const path = inLog ?? c.req.path.slice(PREFIX.length);
    const bytes = await served?.log.read(path);
    if (!bytes) return c.notFound();
    return new Response(new Uint8Array(bytes), { headers: headersOf(path) });
  });
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.notFound(() => new Response(null, { status: 404, headers: { 'cache-control': 'no-store' } }));
  app.onError((error) => {
    deps.logger.error({ detail: error.name }, 'request failed');
    return new Response(null, { status: 503, headers: { 'cache-control': 'no-store' } });
  });
  return app;
}

function headersOf(path: string): Record<string, string> {
  const tile = parseTilePath(path);
  if (!tile) return { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
  const full = tile.level === 'entries' ? IMMUTABLE_BUNDLE : IMMUTABLE;
  const caching = tile.width === TILE_WIDTH ? full : PARTIAL;
  return { 'content-type': 'application/octet-stream', 'cache-control': caching };
}
