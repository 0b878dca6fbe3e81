import type { HttpResponse } from '#platform/runtime/http.ts';
import type { FaultKind } from './faults.ts';
import type { Message } from './memory-queues.ts';
import type { Change } from './memory-store.ts';

/** One call of a marketplace by a worker. */
export type Call = {
  id: number;
  worker: string;
  marketplace: string;
  method: string;
  path: string;
  /** the connection whose refresh token it exchanges; undefined for every other call */
  exchangeOf: string | undefined;
  startedAt: number;
  /** the same by the worker's own clock */
  sentAt: number;
  endedAt: number | undefined;
  response: HttpResponse | undefined;
  /** its worker crashed while it was under way: nobody waits for the answer */
  isOrphan: boolean;
};

/** A webhook on its way to the intake. */
export type Posted = { marketplace: string; headers: Record<string, string>; body: string; isForged: boolean };
/** One arrival of a webhook; `status` 0: it was not answered. */
export type Arrival = Posted & { status: number };

/**
 * One promise of the design, watched from outside: the effects in the engine, the calls, the webhooks, the logs. `by` is
 * the worker, or who else caused it.
 */
export type Checker = {
  /** the promise, as it is named where it is broken */
  rule: string;
  sent?(message: Message, by: string): void;
  acknowledged?(message: Message, by: string): void;
  wrote?(change: Change, by: string): void;
  callStarted?(call: Call): void;
  /** The worker has the answer, or knows that there is none. */
  callEnded?(call: Call): void;
  posted?(posted: Posted): void;
  arrived?(arrival: Arrival): void;
  logged?(by: string, line: string): void;
  struck?(kind: FaultKind, by: string): void;
  crashed?(worker: string): void;
  /** Once a simulated minute. */
  everyMinute?(): void;
  /** When all faults have stopped and the pipeline has come to rest. */
  finish?(): void | Promise<void>;
};

export type Violation = { rule: string; text: string; at: number };
export type Violate = (text: string) => void;
