import type { BenchClock } from './clock.ts';

export type BenchMessage = {
  group: string;
  sentAt: number;
  receives: number;
  attempts: number;
  turnAt: number | undefined;
  notBefore: number;
};

/** longest delay of one message, ms: SQS's DelaySeconds */
const MAX_DELAY_MS = 900_000;
/** SQS counts delays in whole seconds */
const DELAY_STEP_MS = 1_000;

/** A queue as consumers see one: delays in whole seconds, longer ones as a chain, and groups take turns (fair queues). */
export function benchQueue(clock: BenchClock, onVisible: () => void) {
  const groups = new Map<string, { messages: BenchMessage[]; head: number }>();
  const ring: string[] = [];
  let turn = 0;
  let visible = 0;
  let hops = 0;

  function add(message: BenchMessage): void {
    let group = groups.get(message.group);
    if (!group) {
      group = { messages: [], head: 0 };
      groups.set(message.group, group);
      ring.push(message.group);
    }
    group.messages.push(message);
    visible += 1;
  }

  /** what is delayed, by second: so that a million waiting messages are one timer a second */
  const later = new Map<number, BenchMessage[]>();
  function delay(message: BenchMessage, ms: number): void {
    const at = Math.ceil((clock.now() + Math.min(ms, MAX_DELAY_MS)) / DELAY_STEP_MS) * DELAY_STEP_MS;
    const due = later.get(at);
    if (due) {
      due.push(message);
      return;
    }
    later.set(at, [message]);
    clock.at(at, () => {
      const messages = later.get(at)!;
      later.delete(at);
      for (const each of messages) arrive(each);
      onVisible();
    });
  }

  /** A message that waits longer than one delay is received and delayed again, without being handled. */
  function arrive(message: BenchMessage): void {
    if (message.notBefore > clock.now()) {
      message.receives += 1;
      hops += 1;
      delay(message, message.notBefore - clock.now());
    } else add(message);
  }

  return {
    visible: () => visible,
    hops: () => hops,
    send(message: BenchMessage, delayMs = 0): void {
      message.notBefore = clock.now() + delayMs;
      if (delayMs > 0) delay(message, delayMs);
      else {
        add(message);
        onVisible();
      }
    },
    take(): BenchMessage | undefined {
      if (visible === 0) return undefined;
      for (;;) {
        turn = (turn + 1) % ring.length;
        const group = groups.get(ring[turn]!)!;
        if (group.head >= group.messages.length) continue;
        const message = group.messages[group.head++]!;
        if (group.head > 1_000 && group.head * 2 > group.messages.length) {
          group.messages = group.messages.slice(group.head);
          group.head = 0;
        }
        visible -= 1;
        message.receives += 1;
        return message;
      }
    },
  };
}
