/**
 * The four ports that an engine gives: queues, store, secrets, schedule; and an archive, where it has one. `embedded/`
 * (SQLite) implements them for one machine; state and services are written against this file alone. Times are epoch
 * milliseconds, durations ms.
 */
export type Engine = {
  queues: Queues;
  store: Store;
  secrets: Secrets;
  schedule: Schedule;
  /** Absent where nothing can be put out of everybody's reach. */
  archive?: Archive | undefined;
  /**
   * How far the engine's own clock is ahead of this process's, ms, as precisely as its answers tell: what workers agree
   * on when they book places in time. Absent where both are one.
   */
  clockOffsetMs?: () => number;
  /**
   * Afterwards what was deleted or overwritten can't be found in the engine's files any more. Absent where the engine has
   * none that we could get at.
   */
  purge?(): Promise<void>;
  close(): Promise<void>;
};

/** Longest delay of one message, and longest visibility that a caller may count on: SQS's DelaySeconds limit, 15 min. */
export const MAX_DELAY_MS = 900_000;
/** Largest message body, bytes: SQS's limit (1 MiB since August 2025). */
export const MAX_BODY_BYTES = 1_048_576;
/** Most items in one all-or-nothing write: DynamoDB TransactWriteItems. */
export const MAX_ATOMIC_WRITES = 100;

export type OutgoingMessage = {
  body: string;
  /** 0 to MAX_DELAY_MS; absent: visible at once */
  delayMs?: number | undefined;
  /** whose message it is (a connection), so that one busy seller does not hold up the others */
  groupId?: string | undefined;
  /** small values that travel beside the body: attempt count, dead-letter reason */
  attributes?: Record<string, string> | undefined;
};

export type ReceivedMessage = {
  messageId: string;
  /** names this receive; only the newest receipt of a message is sure to acknowledge or extend it */
  receipt: string;
  body: string;
  attributes: Record<string, string>;
  groupId: string | undefined;
  /** how often it was received, this time included; counts waits too, so it is not the attempt count */
  receiveCount: number;
  sentAt: number;
};

/** Outcome of one entry of a batch; entries of one call succeed and fail on their own. */
export type EntryResult = { ok: true } | { ok: false; reason: string };

export type QueueDepth = { visible: number; inFlight: number; delayed: number };

/** At-least-once queues without order. A message not acknowledged within its visibility timeout comes back. */
export type Queues = {
  /** Durable when it resolves, for each entry that is `ok`. Throws when nothing could be sent. */
  send(queue: string, messages: readonly OutgoingMessage[]): Promise<EntryResult[]>;
  /** Waits up to `waitMs` for at least one message; an empty list means that none came. */
  receive(
    queue: string,
    options: { maxMessages: number; visibilityTimeoutMs: number; waitMs: number; signal?: AbortSignal | undefined },
  ): Promise<ReceivedMessage[]>;
  acknowledge(queue: string, receipts: readonly string[]): Promise<EntryResult[]>;
  /** Makes messages visible `visibilityTimeoutMs` from now; 0 gives them back at once. */
  extend(queue: string, receipts: readonly string[], visibilityTimeoutMs: number): Promise<EntryResult[]>;
  depth(queue: string): Promise<QueueDepth>;
};

export type Item = {
  partition: string;
  sort: string;
  /** 1 when first written, one more at every write */
  version: number;
  value: unknown;
  /** the reader checks it: an engine may return an item past its expiry, or may have removed it */
  expiresAt: number | undefined;
};

export type Write = {
  table: string;
  partition: string;
  sort: string;
  /** `absent`: only if no item is there; a number: only if the item has this version; `none`: always */
  condition: 'absent' | 'none' | number;
  /** plain JSON; `null` deletes the item */
  value: unknown;
  expiresAt?: number | undefined;
};

/** `conflict` carries the item that was there instead, if any. */
export type WriteResult = { ok: true; version: number } | { ok: false; conflict: Item | undefined };

/** Items in partitions, sorted by `sort` (bytewise UTF-8) inside one. */
export type Store = {
  /** @param options.mayBeOld a write of the last second may be missing; costs half where the engine knows the difference */
  get(
    table: string,
    partition: string,
    sort: string,
    options?: { mayBeOld?: boolean | undefined },
  ): Promise<Item | undefined>;
  /** Each write on its own. Results in the order given. */
  write(writes: readonly Write[]): Promise<WriteResult[]>;
  /** All or none, at most MAX_ATOMIC_WRITES, at most one for each item. `true`: all were written. */
  writeAtomically(writes: readonly Write[]): Promise<boolean>;
  /** Items with `from <= sort < to` (either may be absent), in order or, with `reverse`, in reverse. */
  range(
    table: string,
    partition: string,
    options: { from?: string | undefined; to?: string | undefined; limit: number; reverse?: boolean | undefined },
  ): Promise<Item[]>;
};

export type Secrets = {
  get(name: string): Promise<string | undefined>;
  put(name: string, value: string): Promise<void>;
  /** Puts a secret only where there is none of this name; the value that is there afterwards. */
  create(name: string, value: string): Promise<string>;
};

/** Sends `body` to `queue` every `everyMs`; a tick missed while nothing ran is made up by one, not by all. */
export type Schedule = {
  put(rule: { name: string; everyMs: number; queue: string; body: string }): Promise<void>;
  remove(name: string): Promise<void>;
};

/** Files that nobody can change or remove before their time is over, not even whoever runs this. */
export type Archive = {
  /**
   * Durable when it resolves. Without `replaces` a file is put only where there is none, and resolves as well where there
   * is one. With it, it becomes the newest version of its path, beside those that are there.
   */
  put(path: string, bytes: Uint8Array, options: { replaces: boolean }): Promise<void>;
};
