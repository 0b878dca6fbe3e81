import type { Store } from '#platform/engines/engine.ts';
import type { World } from '#platform/functions/deps.ts';
import { type AuditReader, type FoundEntry, openAuditReader } from '#platform/state/audit-log/reader.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';
import { time } from './options.ts';

/** The audit log for reading. `origin` is its name, `key` the verifier key that checks its signatures. */
export type Audit = { store: Store; reader: AuditReader; origin: string; key: string };

export async function openAudit({ engine, random }: World): Promise<Audit> {
  const { store, secrets } = engine;
  const { verifier } = await loadAuditSigner({ secrets, random }, { createIfAbsent: false });
  const { name: origin, text: key } = verifier;
  return { store, origin, key, reader: openAuditReader({ store, origin, verifierKeys: [key] }) };
}

export const spanOptions = { from: time('only from this time on'), to: time('only before this time') };

/** An entry beside its place in the log. */
export const flatEntry = ({ index, entry }: FoundEntry) => ({ index, ...entry });

/** What an entry tells beyond its kind and outcome, in a few words. */
export function gist({ kind, data }: FoundEntry['entry']): string {
  const { operation, method, path, status, durationMs, topic, orderVersion, previousStatus, foundBy, reason } = data;
  switch (kind) {
    case 'webhook.received':
      return `${topic}`;
    case 'api-call.recorded':
      return `${operation}, ${method} ${path}: ${status ?? 'no answer'} in ${durationMs} ms`;
    case 'order.changed':
      return `version ${orderVersion}, ${previousStatus ?? 'new'} to ${status}, found by ${foundBy}`;
    case 'order-sync.requested':
      return `${reason} from ${data.windowFrom} to ${data.windowTo}, page ${data.pageNumber}`;
    case 'inventory-update.requested':
    case 'shipment-confirmation.requested':
      return `${data.idempotencyKey}${data.lines === undefined ? '' : `, ${data.lines} lines`}`;
    case 'inventory-update.completed':
    case 'inventory-update.failed':
      return `${data.idempotencyKey}, ${data.failed} of ${data.lines} lines failed`;
    case 'shipment-confirmation.completed':
    case 'shipment-confirmation.failed':
      return `${data.idempotencyKey}`;
    case 'operator-action.recorded':
      return `${data.action} of ${data.target} by ${data.operator}`;
    default:
      return reason === undefined ? '' : `${reason}`;
  }
}
