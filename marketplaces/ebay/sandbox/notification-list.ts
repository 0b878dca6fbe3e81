import type { Context } from 'hono';
import { badRequest, NOTIFICATION, refuse } from './answers.ts';

/** entries in a page [eBay Notification API, getDestinations] */
const MIN_LIMIT = 10;
const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 20;

/** A page of a list of the Notification API. The continuation token is the position to go on at. */
export function answerList(c: Context, url: string, key: string, entries: readonly unknown[]): Response {
  const limit = Number(c.req.query('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < MIN_LIMIT || limit > MAX_LIMIT) {
    return refuse(c, 400, badRequest(NOTIFICATION, 195004, 'limit must be between 10 and 100.'));
  }
  const start = Number(c.req.query('continuation_token') ?? 0);
  if (!Number.isInteger(start) || start < 0 || (start > 0 && start >= entries.length)) {
    return refuse(c, 400, badRequest(NOTIFICATION, 195005, 'This continuation token is not one of this list.'));
  }
  const end = start + limit;
  return c.json({
    href: `${url}${new URL(c.req.url).search}`,
    limit,
    total: entries.length,
    ...(end < entries.length ? { next: `${url}?limit=${limit}&continuation_token=${end}` } : {}),
    [key]: entries.slice(start, end),
  });
}
