import { hash } from 'node:crypto';
import type { AuditEntry } from './entry.ts';

/**
 * Which of so many logs an entry belongs to, a number from 0: all entries of a connection to the same, so that an order's
 * story is in one log; those of no connection by their own id.
 */
export function logOf({ connectionId, id }: Pick<AuditEntry, 'connectionId' | 'id'>, logs: number): number {
  return logs === 1 ? 0 : hash('sha256', connectionId ?? id, 'buffer').readUInt32BE(0) % logs;
}
