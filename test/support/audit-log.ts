import type { Store } from '#platform/engines/engine.ts';
import type { AuditEntry } from '#platform/state/audit-log/entry.ts';
import { type AuditLog, openAuditLog } from '#platform/state/audit-log/log.ts';
import { type Signer, signerFromSeed } from '#platform/state/audit-log/note.ts';
import type { Source } from '#platform/state/audit-log/verify.ts';

export const ORIGIN = 'sluice.example/audit';
/** 2026-11-24T06:00:00Z */
const FIRST_AT = 1_795_500_000_000;
const MS_PER_ENTRY = 1000;
const MARKETPLACES = ['amazon', 'ebay', 'shopee'] as const;
const CONNECTIONS = 5;
const ENTRIES_PER_ORDER = 4;

export const testSigner = (fill = 7, name = ORIGIN): Signer => signerFromSeed(name, new Uint8Array(32).fill(fill));

/** The entry that tells of the call number `n`: about 600 bytes, and no two alike. */
export function testEntry(n: number): AuditEntry {
  const marketplace = MARKETPLACES[n % MARKETPLACES.length]!;
  const orderId = `026-${String(1_000_000 + Math.floor(n / ENTRIES_PER_ORDER))}-7654321`;
  return {
    schema: 1,
    id: `call-${n}`,
    kind: 'api-call.recorded',
    at: new Date(FIRST_AT + n * MS_PER_ENTRY).toISOString(),
    marketplace,
    connectionId: `${marketplace}-${n % CONNECTIONS}`,
    orderIds: [orderId],
    requestId: `request-${n}`,
    outcome: n % 10 === 9 ? 'http-500' : 'ok',
    traceparent: `00-${String(n).padStart(32, '0')}-00f067aa0ba902b7-01`,
    data: {
      operation: 'getOrder',
      method: 'GET',
      path: `/orders/2026-01-01/orders/${orderId}`,
      status: 200,
      durationMs: 118,
      requestBytes: 0,
      responseBytes: 2048,
      responseSha256: String(n).padStart(64, '0'),
    },
  };
}

export const testEntries = (from: number, to: number): AuditEntry[] =>
  Array.from({ length: to - from }, (_, i) => testEntry(from + i));

export const openTestLog = (store: Store, now: () => number = () => FIRST_AT): AuditLog =>
  openAuditLog({ store, signer: testSigner(), origin: ORIGIN, clock: { now } });

/** A folder in memory, as `exportTo` writes it and `verifyLog` reads it. */
export type Files = Map<string, Uint8Array>;

export async function exported(log: AuditLog, time?: { from?: string; to?: string }): Promise<Files> {
  const files: Files = new Map();
  await log.exportTo((path, bytes) => void files.set(path, bytes), time);
  return files;
}

export const sourceOf = (files: Files): Source => ({
  read: async (path) => files.get(path),
  list: () => [...files.keys()],
});
