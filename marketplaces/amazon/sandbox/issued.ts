/** how long an ended entry is still known as ended, ms; our choice, it only bounds memory */
const KNOWN_AFTER_END_MS = 24 * 3_600_000;

export type Issued<Value> = ReturnType<typeof createIssued<Value>>;

/** What was issued for a limited time, by its secret: authorization codes, refresh, access and pagination tokens. */
export function createIssued<Value>(options: { now: () => number; lifetimeMs: number }) {
  // All live equally long, so the order of insertion is the order of ending.
  const entries = new Map<string, { value: Value; endsAt: number }>();

  function forgetLongEnded(): void {
    for (const [secret, entry] of entries) {
      if (entry.endsAt + KNOWN_AFTER_END_MS > options.now()) return;
      entries.delete(secret);
    }
  }

  return {
    issue(secret: string, value: Value): void {
      forgetLongEnded();
      entries.set(secret, { value, endsAt: options.now() + options.lifetimeMs });
    },
    find(secret: string): { value: Value; ended: boolean } | undefined {
      const entry = entries.get(secret);
      return entry && { value: entry.value, ended: options.now() >= entry.endsAt };
    },
    /** Ends it before its time; it is still known as ended. */
    end(secret: string): void {
      const entry = entries.get(secret);
      if (entry) entry.endsAt = Math.min(entry.endsAt, options.now());
    },
    /** Forgets it, as if it had never been issued. */
    revoke(secret: string): void {
      entries.delete(secret);
    },
  };
}
