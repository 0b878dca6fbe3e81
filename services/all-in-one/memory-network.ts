import type { Hono } from 'hono';
import type { Clock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import type { Random } from '#platform/runtime/random.ts';
import type { Send } from '#platform/runtime/send.ts';

/** how long a request takes one way, ms, from … to */
const LATENCY_FROM_MS = 20;
const LATENCY_TO_MS = 120;

/** A network inside one process, in simulated time: apps by their origin, each way with its own random latency. */
export function createMemoryNetwork(deps: { clock: Clock; random: Random }) {
  const apps = new Map<string, Hono>();
  const latencyMs = (): number => LATENCY_FROM_MS + deps.random.fraction() * (LATENCY_TO_MS - LATENCY_FROM_MS);

  const send: Send = async (request, { timeoutMs }) => {
    const app = apps.get(new URL(request.url).origin);
    if (!app) throw new Failure('retryable', 'nobody listens there', { code: 'network' });
    const answered = new AbortController();
    const exchange = (async (): Promise<HttpResponse> => {
      try {
        await deps.clock.sleep(latencyMs());
        const init = { method: request.method, headers: request.headers, body: request.body ?? null };
        const response = await app.fetch(new Request(request.url, init));
        const body = await response.text();
        await deps.clock.sleep(latencyMs());
        return { status: response.status, headers: Object.fromEntries(response.headers), body };
      } catch (thrown) {
        throw new Failure('retryable', 'the connection failed', { code: 'network', cause: thrown });
      } finally {
        answered.abort('answered');
      }
    })();
    const timeout = deps.clock.sleep(timeoutMs, answered.signal).then(() => {
      if (answered.signal.aborted) return exchange;
      exchange.catch(() => {}); // what comes after the timeout, nobody waits for
      throw new Failure('retryable', `no whole answer within ${timeoutMs} ms`, { code: 'timeout' });
    });
    return Promise.race([exchange, timeout]);
  };

  return {
    send,
    /** Puts an app at an origin, `http://sandbox.test`. */
    listen(origin: string, app: Hono): void {
      apps.set(origin, app);
    },
  };
}
