import type { AuditEntry } from './entry.ts';

/** What `find` looks for; absent members match everything. `from <= at < to`. */
export type AuditFilter = {
  connectionId?: string | undefined;
  orderId?: string | undefined;
  requestId?: string | undefined;
  kind?: string | undefined;
  outcome?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

/**
 * What one bundle of entries holds, small enough to pass by thousands of them: its times and a 32-bit fingerprint of
 * each key. A fingerprint that is not there rules the bundle out; one that is there makes it worth reading.
 */
export type BundleIndex = { firstAt: string; lastAt: string; fingerprints: Set<number> };
export type StoredIndex = { firstAt: string; lastAt: string; fingerprints: string };

/** Sorts after and before every instant, so that an empty index matches no time. */
const AFTER_ALL = '~';
const BEFORE_ALL = '';
const FINGERPRINT_BYTES = 4;

export const emptyIndex = (): BundleIndex => ({ firstAt: AFTER_ALL, lastAt: BEFORE_ALL, fingerprints: new Set() });

/** A copy that can grow while the original stays. */
export const copyIndex = (index: BundleIndex): BundleIndex => ({ ...index, fingerprints: new Set(index.fingerprints) });

export function addToIndex(index: BundleIndex, entry: AuditEntry): void {
  if (entry.at < index.firstAt) index.firstAt = entry.at;
  if (entry.at > index.lastAt) index.lastAt = entry.at;
  const { fingerprints } = index;
  fingerprints.add(fingerprint('kind', entry.kind));
  fingerprints.add(fingerprint('outcome', entry.outcome));
  if (entry.connectionId !== null) fingerprints.add(fingerprint('connectionId', entry.connectionId));
  if (entry.requestId !== null) fingerprints.add(fingerprint('requestId', entry.requestId));
  for (const orderId of entry.orderIds) fingerprints.add(fingerprint('orderId', orderId));
}

export function storeIndex({ firstAt, lastAt, fingerprints }: BundleIndex): StoredIndex {
  const bytes = Buffer.alloc(fingerprints.size * FINGERPRINT_BYTES);
  let offset = 0;
  for (const value of [...fingerprints].sort((a, b) => a - b)) offset = bytes.writeUInt32BE(value, offset);
  return { firstAt, lastAt, fingerprints: bytes.toString('base64') };
}

export function loadIndex({ firstAt, lastAt, fingerprints }: StoredIndex): BundleIndex {
  const bytes = Buffer.from(fingerprints, 'base64');
  const values = new Set<number>();
  for (let offset = 0; offset < bytes.length; offset += FINGERPRINT_BYTES) values.add(bytes.readUInt32BE(offset));
  return { firstAt, lastAt, fingerprints: values };
}

/** Whether a bundle may hold an entry that the filter matches. */
export function mayMatch(index: StoredIndex, filter: AuditFilter, wanted: readonly number[]): boolean {
  if (filter.from !== undefined && index.lastAt < filter.from) return false;
  if (filter.to !== undefined && index.firstAt >= filter.to) return false;
  if (wanted.length === 0) return true;
  const bytes = Buffer.from(index.fingerprints, 'base64');
  return wanted.every((value) => includes(bytes, value));
}

/** Fingerprints of the keys that a filter asks for. */
export function wantedFingerprints(filter: AuditFilter): number[] {
  const keys = ['orderId', 'requestId', 'connectionId', 'kind', 'outcome'] as const;
  return keys.flatMap((key) => (filter[key] === undefined ? [] : [fingerprint(key, filter[key])]));
}

export function matches(entry: AuditEntry, filter: AuditFilter): boolean {
  return (
    (filter.from === undefined || entry.at >= filter.from) &&
    (filter.to === undefined || entry.at < filter.to) &&
    (filter.kind === undefined || entry.kind === filter.kind) &&
    (filter.outcome === undefined || entry.outcome === filter.outcome) &&
    (filter.connectionId === undefined || entry.connectionId === filter.connectionId) &&
    (filter.requestId === undefined || entry.requestId === filter.requestId) &&
    (filter.orderId === undefined || entry.orderIds.includes(filter.orderId))
  );
}

/** FNV-1a over UTF-16 code units, 32 bits: fast, and a false match only costs one bundle read. */
function fingerprint(key: keyof AuditFilter, value: string): number {
  let hash = 0x811c9dc5;
  for (const text of [key, '=', value]) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

function includes(sorted: Buffer, wanted: number): boolean {
  let [low, high] = [0, sorted.length / FINGERPRINT_BYTES];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = sorted.readUInt32BE(middle * FINGERPRINT_BYTES);
    if (value === wanted) return true;
    if (value < wanted) low = middle + 1;
    else high = middle;
  }
  return false;
}
