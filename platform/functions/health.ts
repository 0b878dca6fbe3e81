import { Hono } from 'hono';
import type { Clock } from '#platform/runtime/clock.ts';
import type { ConsumerWatch } from '#platform/runtime/consume.ts';

/** how long a queue may fail before the function is no longer well, ms: a restart mends nothing that passes by itself */
const FAILING_MS = 60_000;

export type Health = Pick<ConsumerWatch, 'received'> & {
  /** It takes no more work from now on. */
  stopping(): void;
  /** `ok`, or why not: `stopping`, or `queue-failing` after a minute in which no receive from a queue ended well. */
  status(): 'ok' | 'stopping' | 'queue-failing';
  /** `GET /health`: 200 while `status` is `ok`, else 503. */
  app: Hono;
};

/** The health of a function that has started. */
export function createHealth({ clock }: { clock: Pick<Clock, 'now'> }): Health {
  const failingSince = new Map<string, number>();
  let isStopping = false;

  function status(): ReturnType<Health['status']> {
    if (isStopping) return 'stopping';
    const isFailing = [...failingSince.values()].some((since) => clock.now() - since >= FAILING_MS);
    return isFailing ? 'queue-failing' : 'ok';
  }

  const app = new Hono();
  app.get('/health', (c) => c.json({ status: status() }, status() === 'ok' ? 200 : 503));

  return {
    app,
    status,
    stopping() {
      isStopping = true;
    },
    received(queue, outcome) {
      if (outcome === 'ok') failingSince.delete(queue);
      else if (!failingSince.has(queue)) failingSince.set(queue, clock.now());
    },
  };
}
