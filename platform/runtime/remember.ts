import type { Clock } from './clock.ts';

/**
 * Asks once for what many ask for at about the same time: an answer is good for `keptMs`, and whoever asks before it is
 * there waits for it. That there is none (undefined), or that asking failed, is not remembered.
 * @param options.maxKept answers that are remembered; then all are forgotten, which costs an asking each
 */
export function remember<Key extends readonly string[], Answer>(
  ask: (...key: Key) => Promise<Answer | undefined>,
  { clock, keptMs, maxKept }: { clock: Pick<Clock, 'now'>; keptMs: number; maxKept: number },
): (...key: Key) => Promise<Answer | undefined> {
  const kept = new Map<string, { until: number; answer: Promise<Answer | undefined> }>();

  return async (...key) => {
    const name = JSON.stringify(key);
    const known = kept.get(name);
    if (known && known.until > clock.now()) return known.answer;
    if (kept.size >= maxKept) kept.clear();
    const entry = { until: clock.now() + keptMs, answer: ask(...key) };
    kept.set(name, entry);
    const forget = (): void => {
      if (kept.get(name) === entry) kept.delete(name);
    };
    try {
      const answer = await entry.answer;
      if (answer === undefined) forget();
      return answer;
    } catch (thrown) {
      forget();
      throw thrown;
    }
  };
}
