const DAY_MS = 86_400_000;
/** how long an idempotency key is remembered [Shopify, implementing idempotency] */
const KEPT_MS = DAY_MS;

const MISMATCH = 'The same idempotency key cannot be used with different operation parameters.';
const FAILED = 'A previous request with this idempotency key failed. Retry with a new idempotency key.';

/**
 * Remembers what became of requests by their idempotency keys. One that was refused is not tried again with its key.
 * @param refuse makes the answer that says why a key is no good
 */
export function createAttempts<Payload extends { userErrors: readonly unknown[] }>(
  now: () => number,
  refuse: (code: string, message: string) => Payload,
) {
  const attempts = new Map<string, { input: string; at: number; payload: Payload }>();

  /** Keys were added in the order of time, so the old ones are at the front. */
  function forget(): void {
    for (const [key, { at }] of attempts) {
      if (now() < at + KEPT_MS) return;
      attempts.delete(key);
    }
  }

  return {
    /** Runs `attempt`, or answers as it did when the key was there before. */
    once(key: string, input: unknown, attempt: () => Payload): Payload {
      forget();
      const text = JSON.stringify(input);
      const before = attempts.get(key);
      if (!before) {
        const payload = attempt();
        attempts.set(key, { input: text, at: now(), payload });
        return payload;
      }
      if (before.input !== text) return refuse('IDEMPOTENCY_KEY_PARAMETER_MISMATCH', MISMATCH);
      return before.payload.userErrors.length === 0
        ? before.payload
        : refuse('IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED', FAILED);
    },
  };
}
