import { Hono } from 'hono';
import type { Logger } from '#platform/runtime/logger.ts';
import type { AuditReader } from '#platform/state/audit-log/reader.ts';
import { parseTilePath, TILE_WIDTH } from '#platform/state/audit-log/tiles.ts';

const PREFIX = '/audit/';
/** for good: what a full tile says never changes */
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** full bundles of entries don't change either, but hold order ids, and a cache must not keep them for long after us */
const IMMUTABLE_BUNDLE = 'private, max-age=86400, immutable';
/** a partial tile is of use only until the next one */
const PARTIAL = 'private, max-age=60';

/**
 * The audit log, read-only, under `/audit/`, in the paths of C2SP tlog-tiles and those that `AuditReader.read` adds, so
 * that witnesses and monitors can follow it; and `/health`.
 */
export function createAuditApp(deps: { log: Pick<AuditReader, 'read'>; logger: Logger }): Hono {
  const app = new Hono();

  app.get(`${PREFIX}*`, async (c) => {
    const path = c.req.path.slice(PREFIX.length);
    const bytes = await deps.log.read(path);
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
