import type { Engine, EntryResult, OutgoingMessage, Queues } from '#platform/engines/engine.ts';
import { MAX_DELAY_MS } from '#platform/engines/engine.ts';
import type { Door } from './door.ts';

/** how late a late message or a duplicate comes, ms, at the most */
const LATE_MS = 120_000;
/** how soon a receipt that expires early does, ms, from … to */
const EXPIRY_FROM_MS = 200;
const EXPIRY_TO_MS = 20_000;

const REFUSED: EntryResult = { ok: false, reason: 'the queue is in trouble' };

/**
 * The engine as one worker meets it.
 * @param clockOffsetMs how far the engine's clock is ahead of the worker's
 */
export function faultyEngine(engine: Engine, door: Door, clockOffsetMs: () => number): Engine {
  const { store, secrets, schedule } = engine;
  const call = <Result>(run: () => Promise<Result>): Promise<Result> => door.pass('engine', run);
  return {
    queues: faultyQueues(engine.queues, door),
    store: {
      get: (table, partition, sort) => call(() => store.get(table, partition, sort)),
      write: (writes) => call(() => store.write(writes)),
      writeAtomically: (writes) => call(() => store.writeAtomically(writes)),
      range: (table, partition, options) => call(() => store.range(table, partition, options)),
    },
    secrets: {
      get: (name) => call(() => secrets.get(name)),
      put: (name, value) => call(() => secrets.put(name, value)),
      create: (name, value) => call(() => secrets.create(name, value)),
    },
    schedule: {
      put: (rule) => call(() => schedule.put(rule)),
      remove: (name) => call(() => schedule.remove(name)),
    },
    clockOffsetMs,
    close: async () => {},
  };
}

function faultyQueues(queues: Queues, door: Door): Queues {
  const { name, faults, life } = door;

  /** Messages are refused, come late, and twice. */
  function spoil(messages: readonly OutgoingMessage[]): { messages: OutgoingMessage[]; again: OutgoingMessage[] } {
    const late = (kind: 'message-late' | 'message-duplicate', message: OutgoingMessage): OutgoingMessage => ({
      ...message,
      delayMs: Math.min(MAX_DELAY_MS, (message.delayMs ?? 0) + Math.round(faults.between(kind, 0, LATE_MS))),
    });
    return {
      messages: messages.map((message) =>
        faults.strikes('message-late', name) ? late('message-late', message) : message,
      ),
      again: messages
        .filter(() => faults.strikes('message-duplicate', name))
        .map((message) => late('message-duplicate', message)),
    };
  }

  return {
    send: (queue, messages) =>
      door.pass('engine', async () => {
        const refused = messages.map(() => faults.strikes('message-refused', name));
        const spoilt = spoil(messages.filter((_, i) => !refused[i]));
        const sent = queues.send(queue, spoilt.messages);
        if (spoilt.again.length > 0) void queues.send(queue, spoilt.again);
        const results = await sent;
        return refused.map((isRefused) => (isRefused ? REFUSED : results.shift()!));
      }),
    receive: (queue, options) =>
      door.pass('engine', async () => {
        const over = new AbortController();
        const end = (): void => over.abort('over');
        life.addEventListener('abort', end, { once: true });
        options.signal?.addEventListener('abort', end, { once: true });
        if (options.signal?.aborted) end();
        const expires = faults.strikes('receipt-expiry', name);
        const visibilityTimeoutMs = expires
          ? faults.between('receipt-expiry', EXPIRY_FROM_MS, EXPIRY_TO_MS)
          : options.visibilityTimeoutMs;
        const received = await queues.receive(queue, { ...options, visibilityTimeoutMs, signal: over.signal });
        life.removeEventListener('abort', end);
        options.signal?.removeEventListener('abort', end);
        return received;
      }),
    acknowledge: (queue, receipts) => door.pass('engine', () => queues.acknowledge(queue, receipts)),
    extend: (queue, receipts, ms) => door.pass('engine', () => queues.extend(queue, receipts, ms)),
    depth: (queue) => door.pass('engine', () => queues.depth(queue)),
  };
}
