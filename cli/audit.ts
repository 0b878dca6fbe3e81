import type { Store } from '#platform/engines/engine.ts';
import type { World } from '#platform/functions/deps.ts';
import { type AuditReader, type FoundEntry, openAuditReader } from '#platform/state/audit-log/reader.ts';
import { AUDIT_LOG, loadAuditSigner } from '#platform/state/secrets.ts';
import { WrongCall } from './command.ts';
import { text, time } from './options.ts';

/** An audit log for reading. `origin` is what it signs as, `key` the verifier key that checks its signatures. */
export type Audit = { log: string; store: Store; reader: AuditReader; origin: string; key: string };

const DEFAULT_LOGS = [AUDIT_LOG];

/** All logs of the installation, the first first. */
export const openAudits = async (world: World): Promise<Audit[]> =>
  Promise.all((world.auditLogs ?? DEFAULT_LOGS).map((log) => openAudit(world, log)));

/** The log of this name, or the first. */
export async function openNamedAudit(world: World, name: string | undefined): Promise<Audit> {
  const logs = world.auditLogs ?? DEFAULT_LOGS;
  const log = name ?? logs[0]!;
  if (logs.includes(log)) return openAudit(world, log);
  throw new WrongCall(`there is no audit log ${log}: name one of ${logs.join(', ')}, or set SLUICE_AUDIT_LOGS`);
}

async function openAudit({ engine, random }: World, log: string): Promise<Audit> {
  const { store, secrets } = engine;
  const { verifier } = await loadAuditSigner({ secrets, random }, { createIfAbsent: false }, log);
  const { name: origin, text: key } = verifier;
  return { log, store, origin, key, reader: openAuditReader({ store, origin, verifierKeys: [key] }) };
}

/** An entry, and the log that it is in. */
export type LoggedEntry = FoundEntry & { log: string };

/** What `find` finds in each log: of one in its order, of several by time and index. */
export async function findInAll(
  audits: readonly { log: string; reader: Pick<AuditReader, 'find'> }[],
  filter: Parameters<AuditReader['find']>[0],
): Promise<LoggedEntry[]> {
  const found = await Promise.all(
    audits.map(async ({ log, reader }) => (await reader.find(filter)).map((entry) => ({ ...entry, log }))),
  );
  return found.length > 1 ? found.flat().sort(byTime) : found.flat();
}

export const byTime = (a: FoundEntry, b: FoundEntry): number => compare(a.entry.at, b.entry.at) || a.index - b.index;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const logOption = { log: text('NAME', 'in this log, where there are several; the first where it is not given') };
export const spanOptions = { from: time('only from this time on'), to: time('only before this time') };

/** An entry beside its place, which names the log where there are several. */
export const flatEntry = ({ log, index, entry }: LoggedEntry, audits: readonly Audit[]) => ({
  ...(audits.length > 1 ? { log } : {}),
  index,
  ...entry,
});

/** Cells about the log of an entry, or their headings: none where there is only one. */
export const ifSeveral = <Of>(audits: readonly Audit[], cell: Of): Of[] => (audits.length > 1 ? [cell] : []);

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
