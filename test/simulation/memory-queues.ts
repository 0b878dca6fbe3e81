import type { EntryResult, OutgoingMessage, Queues, ReceivedMessage } from '#platform/engines/engine.ts';
import { MAX_BODY_BYTES, MAX_DELAY_MS } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';

/** A message as it lies in its queue. */
export type Message = {
  id: number;
  queue: string;
  body: string;
  attributes: Record<string, string>;
  groupId: string;
  sentAt: number;
  visibleAt: number;
  receiveCount: number;
  isGone: boolean;
};

type Queue = {
  messages: Map<number, Message>;
  /** waits for its time, the earliest first */
  hidden: Hidden[];
  /** visible, by group, in the order in which the groups have their turn */
  ready: Map<string, Message[]>;
  waiting: Set<() => void>;
};
/** `at` is what the message's `visibleAt` was when it was put here; where it has changed since, the entry is void */
type Hidden = { at: number; message: Message };

const OK: EntryResult = { ok: true };
const NOT_NEWEST: EntryResult = { ok: false, reason: 'not the newest receipt of a message of this queue' };

/** Queues in memory, with turns of the groups. What a call does, it does when it is called. */
export function createMemoryQueues(
  clock: Clock,
  watching: { sent(message: Message): void; acknowledged(message: Message): void },
): Queues & { close(): void } {
  const queues = new Map<string, Queue>();
  let sequence = 0;
  let isClosed = false;

  function queueOf(name: string): Queue {
    let queue = queues.get(name);
    if (!queue) {
      queue = { messages: new Map(), hidden: [], ready: new Map(), waiting: new Set() };
      queues.set(name, queue);
    }
    return queue;
  }

  function wake(queue: Queue): void {
    for (const resolve of queue.waiting) resolve();
    queue.waiting.clear();
  }

  function place(queue: Queue, message: Message): void {
    if (message.visibleAt > clock.now()) {
      addHidden(queue.hidden, { at: message.visibleAt, message });
      return;
    }
    const group = queue.ready.get(message.groupId);
    if (group) group.push(message);
    else queue.ready.set(message.groupId, [message]);
  }

  function showDue(queue: Queue): void {
    const now = clock.now();
    for (let first = queue.hidden[0]; first && first.at <= now; first = queue.hidden[0]) {
      removeFirst(queue.hidden);
      if (!first.message.isGone && first.message.visibleAt === first.at) place(queue, first.message);
    }
  }

  /** One message of the group whose turn it is; the group goes to the end. */
  function takeOne(queue: Queue): Message | undefined {
    for (const [groupId, group] of queue.ready) {
      queue.ready.delete(groupId);
      let message = group.shift();
      while (message && (message.isGone || message.visibleAt > clock.now())) message = group.shift();
      if (group.length > 0) queue.ready.set(groupId, group);
      if (message) return message;
    }
    return undefined;
  }

  function take(queue: Queue, maxMessages: number, visibilityTimeoutMs: number): ReceivedMessage[] {
    showDue(queue);
    const taken: ReceivedMessage[] = [];
    while (taken.length < maxMessages) {
      const message = takeOne(queue);
      if (!message) break;
      message.receiveCount += 1;
      message.visibleAt = Math.ceil(clock.now() + visibilityTimeoutMs);
      place(queue, message);
      taken.push(received(message));
    }
    return taken;
  }

  function named(queue: Queue, receipt: string): Message | undefined {
    const [id, count] = receipt.split('.').map(Number);
    const message = queue.messages.get(id ?? 0);
    return message?.receiveCount === count ? message : undefined;
  }

  /** Waits until something may be visible, `ms` are over or the signal aborts. */
  async function wait(queue: Queue, ms: number, signal: AbortSignal | undefined): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort('wake');
    queue.waiting.add(end);
    signal?.addEventListener('abort', end, { once: true });
    await clock.sleep(ms, over.signal);
    signal?.removeEventListener('abort', end);
    queue.waiting.delete(end);
  }

  return {
    async send(name, outgoing) {
      const queue = queueOf(name);
      const results = outgoing.map((message): EntryResult => {
        const reason = refusalOf(message);
        if (reason !== undefined) return { ok: false, reason };
        const now = clock.now();
        const { body, attributes = {}, groupId = '', delayMs = 0 } = message;
        const id = ++sequence;
        const visibleAt = Math.ceil(now + delayMs);
        const entry: Message = {
          ...{ id, queue: name, body, attributes: { ...attributes }, groupId },
          ...{ sentAt: now, visibleAt, receiveCount: 0, isGone: false },
        };
        queue.messages.set(id, entry);
        place(queue, entry);
        watching.sent(entry);
        return OK;
      });
      wake(queue);
      return results;
    },

    async receive(name, { maxMessages, visibilityTimeoutMs, waitMs, signal }) {
      if (!(visibilityTimeoutMs >= 1 && visibilityTimeoutMs <= MAX_DELAY_MS))
        throw new RangeError('visibilityTimeoutMs');
      const queue = queueOf(name);
      const endAt = clock.now() + waitMs;
      for (;;) {
        if (signal?.aborted || isClosed) return [];
        const messages = take(queue, maxMessages, visibilityTimeoutMs);
        const now = clock.now();
        if (messages.length > 0 || now >= endAt) return messages;
        await wait(queue, Math.min(endAt, queue.hidden[0]?.at ?? endAt) - now, signal);
      }
    },

    async acknowledge(name, receipts) {
      const queue = queueOf(name);
      return receipts.map((receipt) => {
        const message = named(queue, receipt);
        if (!message) return NOT_NEWEST;
        message.isGone = true;
        queue.messages.delete(message.id);
        watching.acknowledged(message);
        return OK;
      });
    },

    async extend(name, receipts, visibilityTimeoutMs) {
      const queue = queueOf(name);
      const results = receipts.map((receipt) => {
        const message = named(queue, receipt);
        if (!message) return NOT_NEWEST;
        message.visibleAt = Math.ceil(clock.now() + visibilityTimeoutMs);
        place(queue, message);
        return OK;
      });
      wake(queue);
      return results;
    },

    async depth(name) {
      const now = clock.now();
      const depth = { visible: 0, inFlight: 0, delayed: 0 };
      for (const message of queueOf(name).messages.values()) {
        if (message.visibleAt <= now) depth.visible += 1;
        else if (message.receiveCount > 0) depth.inFlight += 1;
        else depth.delayed += 1;
      }
      return depth;
    },

    close() {
      isClosed = true;
      for (const queue of queues.values()) wake(queue);
    },
  };
}

function received(message: Message): ReceivedMessage {
  return {
    messageId: String(message.id),
    receipt: `${message.id}.${message.receiveCount}`,
    body: message.body,
    attributes: { ...message.attributes },
    groupId: message.groupId === '' ? undefined : message.groupId,
    receiveCount: message.receiveCount,
    sentAt: message.sentAt,
  };
}

function refusalOf({ body, delayMs = 0 }: OutgoingMessage): string | undefined {
  // A third of the limit in UTF-16 units can't be more in bytes.
  const isLarge = body.length > MAX_BODY_BYTES / 3 && Buffer.byteLength(body) > MAX_BODY_BYTES;
  if (isLarge) return `the body is longer than ${MAX_BODY_BYTES} bytes`;
  return delayMs >= 0 && delayMs <= MAX_DELAY_MS ? undefined : `delayMs is ${delayMs}`;
}

/** A binary heap by time, then by message. */
const isEarlier = (a: Hidden, b: Hidden): boolean => a.at < b.at || (a.at === b.at && a.message.id < b.message.id);

function addHidden(heap: Hidden[], entry: Hidden): void {
  let i = heap.push(entry) - 1;
  for (let parent = (i - 1) >> 1; i > 0 && isEarlier(entry, heap[parent]!); parent = (i - 1) >> 1) {
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = entry;
}

function removeFirst(heap: Hidden[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isEarlier(heap[child + 1]!, heap[child]!)) child += 1;
    if (!isEarlier(heap[child]!, last)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = last;
}
