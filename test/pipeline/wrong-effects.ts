import { type AnyEvent, type EventOf, parseEvent } from '#events/index.ts';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { Queues } from '#platform/engines/engine.ts';
import type { FunctionDeps } from '#platform/functions/deps.ts';
import { openAuditReader } from '#platform/state/audit-log/reader.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';
import { connectionIdOf } from '#services/all-in-one/connect-sandboxes.ts';
import { differences } from '#services/all-in-one/demo/compare.ts';

export type OrderChanged = EventOf<'order.changed'>;

/** What a marketplace's own books say. */
export type Account = { name: string; sellers: readonly { sellerId: string }[]; orders: Iterable<BookOrder> };

const keyOf = ({ order }: OrderChanged['data']): string => `${order.connectionId}/${order.orderId}`;

/**
 * What each order's state, versions and events lack, a line each: every order of the books is stored as it is there, and
 * was told in each of its versions, each under one event id.
 */
export async function wrongEffects(
  deps: Pick<FunctionDeps, 'orders'>,
  accounts: readonly Account[],
  events: readonly OrderChanged[],
): Promise<string[]> {
  const idsByVersion = new Map<string, Map<number, Set<string>>>();
  const lastEvents = new Map<string, OrderChanged>();
  for (const event of events) {
    const key = keyOf(event.data);
    const versions = idsByVersion.get(key) ?? new Map<number, Set<string>>();
    idsByVersion.set(key, versions);
    versions.set(event.data.orderVersion, (versions.get(event.data.orderVersion) ?? new Set()).add(event.id));
    if ((lastEvents.get(key)?.data.orderVersion ?? 0) <= event.data.orderVersion) lastEvents.set(key, event);
  }
  const wrong: string[] = [];
  for (const { name, sellers, orders } of accounts) {
    for (const book of orders) {
      const index = sellers.findIndex(({ sellerId }) => sellerId === book.sellerId);
      const connectionId = connectionIdOf(name, index);
      const key = `${connectionId}/${book.orderId}`;
      const versions = idsByVersion.get(key) ?? new Map<number, Set<string>>();
      idsByVersion.delete(key);
      const stored = await deps.orders.get(connectionId, book.orderId);
      if (!stored) {
        wrong.push(`${key} is missing`);
        continue;
      }
      for (const field of differences(book, stored.order)) wrong.push(`${key} has another ${field} than the books`);
      const numbers = [...versions.keys()].sort((a, b) => a - b);
      const expected = Array.from({ length: stored.orderVersion }, (_, index) => index + 1);
      if (numbers.join() !== expected.join()) wrong.push(`${key} has events of versions ${numbers}, not ${expected}`);
      for (const [version, ids] of versions) {
        if (ids.size !== 1) wrong.push(`${key} has ${ids.size} events of version ${version}`);
      }
      const last = lastEvents.get(key)?.data.order;
      if (JSON.stringify(last) !== JSON.stringify(stored.order)) wrong.push(`${key}: its last event differs`);
    }
  }
  for (const key of idsByVersion.keys()) wrong.push(`${key} is in no book`);
  return wrong;
}

/** Takes everything that is in the sellers' queue, as the seller's systems would. */
export async function takeSellerEvents(queues: Pick<Queues, 'receive' | 'acknowledge'>): Promise<AnyEvent[]> {
  const events: AnyEvent[] = [];
  for (;;) {
    const options = { maxMessages: 100, visibilityTimeoutMs: 60_000, waitMs: 0 };
    const messages = await queues.receive('seller-events', options);
    if (messages.length === 0) return events;
    events.push(...messages.map(({ body }) => parseEvent(body)));
    const receipts = messages.map(({ receipt }) => receipt);
    await queues.acknowledge('seller-events', receipts);
  }
}

/** Ids of the audit log's entries, by kind; an id that is there twice is there twice. */
export async function auditedIds(
  deps: Pick<FunctionDeps, 'store' | 'secrets' | 'random'>,
  kind?: string,
): Promise<ReadonlyMap<string, string[]>> {
  const { verifier } = await loadAuditSigner(deps, { createIfAbsent: false });
  const reader = openAuditReader({ store: deps.store, origin: verifier.name, verifierKeys: [verifier.text] });
  const found = await reader.find({ ...(kind !== undefined && { kind }), limit: Number.MAX_SAFE_INTEGER });
  const ids = new Map<string, string[]>();
  for (const { entry } of found) {
    const ofKind = ids.get(entry.kind) ?? [];
    ofKind.push(entry.id);
    ids.set(entry.kind, ofKind);
  }
  return ids;
}

export async function haveTokens({
  connections,
  credentials,
}: Pick<FunctionDeps, 'connections' | 'credentials'>): Promise<boolean> {
  const list = await connections.list();
  const tokens = await Promise.all(list.map(({ connectionId }) => credentials.accessToken(connectionId)));
  return tokens.length > 0 && tokens.every((token) => token !== undefined);
}
