import type { Hono } from 'hono';
import type { Clock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import type { Send } from '#platform/runtime/send.ts';
import type { Dice } from './dice.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import type { Arrival, Call, Posted } from './watch.ts';

/** how long a request takes one way, ms, from … to */
const LATENCY_FROM_MS = 20;
const LATENCY_TO_MS = 120;

/** how late a late answer comes, ms, at the most: what it says may be old by then */
const LATE_MS = 20_000;

export type Network = ReturnType<typeof createNetwork>;

/** Carries calls from the workers to the sandboxes and webhooks to whichever intake worker is alive. */
export function createNetwork(parts: {
  clock: Clock;
  dice: Dice;
  faults: Faults;
  ledger: Ledger;
  sandboxes(): Hono;
  intakes(): { app: Hono; life: AbortSignal }[];
  /** Changes an answer on its way. */
  spoil(marketplace: string, request: HttpRequest, response: HttpResponse): HttpResponse;
  callStarted(call: Call): void;
  callEnded(call: Call): void;
  posted(posted: Posted): void;
  arrived(arrival: Arrival): void;
}) {
  const { clock, dice, faults, ledger } = parts;
  const latency = (): Promise<void> => clock.sleep(dice.between(LATENCY_FROM_MS, LATENCY_TO_MS));
  const asRequest = ({ method, url, headers, body }: HttpRequest): Request =>
    new Request(url, { method, headers, body: body ?? null });
  const marketplaceOf = (url: string): string =>
    new URL(url).pathname.split('/').find((part) => part !== 'webhooks' && part !== '') ?? '';
  let calls = 0;

  async function atSandbox(request: HttpRequest, exchanged: string | undefined): Promise<HttpResponse> {
    const marketplace = marketplaceOf(request.url);
    const answer = await parts.sandboxes().fetch(asRequest(ledger.asArriving(request)));
    const whole = { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    ledger.answered(exchanged, whole);
    return damaged(marketplace, parts.spoil(marketplace, request, whole));
  }

  /** What is left of an answer: the call took effect. */
  function damaged(marketplace: string, response: HttpResponse): HttpResponse {
    if (faults.strikes('drop-answer', marketplace)) throw new Error('the connection was cut');
    if (faults.strikes('server-error-after-effect', marketplace)) return { ...response, status: 500, body: 'Sorry' };
    if (!faults.strikes('truncate', marketplace)) return response;
    return { ...response, body: response.body.slice(0, Math.floor(response.body.length / 2)) };
  }

  /** A call of a sandbox, without anybody's faults but the sandbox's own. */
  async function send(request: HttpRequest, timeoutMs: number, exchanged: string | undefined): Promise<HttpResponse> {
    const answered = new AbortController();
    const exchange = (async () => {
      try {
        await latency();
        const response = await atSandbox(request, exchanged);
        const marketplace = marketplaceOf(request.url);
        if (faults.strikes('late-answer', marketplace)) await clock.sleep(faults.between('late-answer', 0, LATE_MS));
        if (faults.strikes('no-answer', marketplace)) await clock.sleep(timeoutMs);
        await latency();
        return response;
      } catch (thrown) {
        throw new Failure('retryable', 'the connection failed', { code: 'network', cause: thrown });
      } finally {
        answered.abort('answered');
      }
    })();
    const timeout = clock.sleep(timeoutMs, answered.signal).then(() => {
      if (answered.signal.aborted) return exchange;
      exchange.catch(() => {}); // what comes after the timeout, nobody waits for
      throw new Failure('retryable', `no whole answer within ${timeoutMs} ms`, { code: 'timeout' });
    });
    return Promise.race([exchange, timeout]);
  }

  async function deliver(request: HttpRequest, timeoutMs: number, isForged: boolean): Promise<{ status: number }> {
    const marketplace = marketplaceOf(request.url);
    const posted = { marketplace, headers: request.headers, body: request.body ?? '', isForged };
    if (faults.strikes('webhook-unreached', marketplace)) throw new Error('not reached');
    await latency();
    const intakes = parts.intakes();
    if (intakes.length === 0) throw new Error('nobody listens');
    const { app, life } = dice.pick(intakes);
    parts.posted(posted);
    const over = new AbortController();
    const end = (): void => over.abort('over');
    life.addEventListener('abort', end, { once: true });
    const cut = clock.sleep(timeoutMs, over.signal).then(() => undefined);
    const answer = await Promise.race([app.fetch(asRequest(request)), cut]);
    life.removeEventListener('abort', end);
    const isCut = answer === undefined || life.aborted;
    over.abort('over');
    parts.arrived({ ...posted, status: isCut ? 0 : answer.status });
    if (isCut || faults.strikes('webhook-answer-lost', marketplace)) throw new Error('no answer');
    await latency();
    return { status: answer.status };
  }

  return {
    /** @param sentAt when a worker sends a call, by its own clock */
    sendFrom:
      (worker: string, sentAt: number): Send =>
      async (request, { timeoutMs }) => {
        const url = new URL(request.url);
        const exchangeOf = ledger.exchangeOf(request);
        const call: Call = {
          ...{ id: ++calls, worker, marketplace: marketplaceOf(request.url), method: request.method },
          ...{
            path: url.pathname,
            exchangeOf,
            startedAt: clock.now(),
            sentAt,
            endedAt: undefined,
            response: undefined,
          },
          isOrphan: false,
        };
        parts.callStarted(call);
        try {
          call.response = await send(request, timeoutMs, exchangeOf);
          return call.response;
        } finally {
          call.endedAt = clock.now();
          parts.callEnded(call);
        }
      },
    /** A person's call, from no worker. */
    send,
    deliver,
  };
}
