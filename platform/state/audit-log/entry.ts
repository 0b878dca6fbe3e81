import { z } from 'zod';
import { instant } from '#events/envelope.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { canonicalJson } from './canonical-json.ts';

/** Largest entry, bytes: C2SP tlog-tiles prefixes each entry of a bundle with its length as a uint16. */
export const MAX_ENTRY_BYTES = 65_535;

/** One thing that happened. Personal data appears only as a salted commitment (`commitment.ts`), secrets not at all. */
export const auditEntry = z.strictObject({
  schema: z.literal(1),
  /** id of the event that told of it */
  id: z.string().min(1).max(256),
  /** type of that event */
  kind: z.string().min(1),
  at: instant,
  marketplace: z.string().nullable(),
  connectionId: z.string().nullable(),
  orderIds: z.array(z.string()),
  /** the marketplace's own id of the request */
  requestId: z.string().nullable(),
  /** `ok`, or a stable word for what went wrong */
  outcome: z.string().min(1),
  /** joins webhook, calls, order and order event */
  traceparent: z.string().regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/),
  data: z.record(z.string(), z.unknown()),
});

export type AuditEntry = z.infer<typeof auditEntry>;

/** The bytes that are hashed and stored: canonical JSON in UTF-8. What is no entry, or too large, fails for good. */
export function encodeEntry(entry: AuditEntry): Buffer {
  const checked = auditEntry.safeParse(entry);
  if (!checked.success) {
    const places = checked.error.issues.map((issue) => `${issue.path.join('.') || 'entry'} (${issue.code})`);
    throw new Failure('permanent', `not an audit entry: ${places.join(', ')}`, { code: 'audit-entry-invalid' });
  }
  const bytes = Buffer.from(canonicalJson(entry), 'utf8');
  if (bytes.length > MAX_ENTRY_BYTES) {
    throw new Failure('permanent', `an audit entry of ${bytes.length} bytes; ${MAX_ENTRY_BYTES} is the most`, {
      code: 'audit-entry-too-large',
    });
  }
  return bytes;
}

/** The entry that `encodeEntry` wrote. */
export const decodeEntry = (bytes: Uint8Array): AuditEntry =>
  JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
