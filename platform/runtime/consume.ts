import { backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import { coalesce } from './coalesce.ts';
import { asFailure, Failure, type FailureKind, isOutsideTrouble } from './failure.ts';
import type { Logger } from './logger.ts';
import type { Random } from './random.ts';

/** messages worked on at once */
const WINDOW = 100;
/** messages that rest beside those, at most: they wait for their place in a marketplace's budget, and cost only memory */
const MAX_RESTING = 1_000;
/** how long a message stays invisible without a sign of life, ms */
const VISIBILITY_TIMEOUT_MS = 60_000;
/** looks at what is in flight in that time: a message is extended at the second one, and once more before it would come back */
const BEATS = 4;
/** how long one receive waits for messages, ms: SQS's longest poll */
const WAIT_MS = 20_000;
/** own attempts before the dead-letter queue; with full jitter about an hour and a half in all */
export const MAX_ATTEMPTS = 22;
/** the same for failures of the engine, and for a missing token, which say nothing of the message; about two days */
const MAX_OUTSIDE_TROUBLES = 200;
/** receives of one copy of a message that were never answered: its handler ends the process each time; about two hours */
const MAX_UNANSWERED_RECEIVES = 100;
/** so many unanswered receives, and a message is suspect: it ends the process, or was in flight beside one that does */
const SUSPECT_RECEIVES = 20;
/** how long suspects have before the next ones begin, ms: whatever ends the process does it at once */
const SUSPECT_HEAD_START_MS = 200;
/** longest delay of one message, ms: SQS's DelaySeconds; longer waits are a chain of delayed copies */
const MAX_DELAY_MS = 900_000;
/** how long a message waits for the token that it asked for, ms */
const AUTH_WAIT_MS = 3_000;
/** how long acknowledgements wait for others to share a call, ms */
const COALESCE_MS = 2;
/** pause after the queue itself failed, ms */
const QUEUE_TROUBLE_MS = 1_000;
/** how long a stop waits for messages in flight, ms: under the 30 s that Docker and ECS give after SIGTERM */
const DRAIN_MS = 25_000;

type Received = {
  receipt: string;
  body: string;
  attributes: Record<string, string>;
  groupId: string | undefined;
  receiveCount: number;
};
type EntryResult = { ok: true } | { ok: false; reason: string };
type Outgoing = {
  body: string;
  delayMs?: number | undefined;
  groupId?: string | undefined;
  attributes?: Record<string, string> | undefined;
};

/** What consuming needs of a queue engine. */
export type ConsumeQueues = {
  send(queue: string, messages: readonly Outgoing[]): Promise<EntryResult[]>;
  receive(
    queue: string,
    options: { maxMessages: number; visibilityTimeoutMs: number; waitMs: number; signal?: AbortSignal | undefined },
  ): Promise<Received[]>;
  acknowledge(queue: string, receipts: readonly string[]): Promise<EntryResult[]>;
  extend(queue: string, receipts: readonly string[], visibilityTimeoutMs: number): Promise<EntryResult[]>;
};

export type ConsumeDeps = {
  queues: ConsumeQueues;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Asks for a new token; called for failures of kind `auth`. */
  requestTokenRefresh(failure: Failure): Promise<void>;
};

/** What a handler is told of the message beside its content. */
export type MessageContext = {
  /** 1 at first; waiting is not counted */
  attempt: number;
  /** its place in the line of a budget, where it was told to come back; epoch ms of the engine's clock */
  turnAt: number | undefined;
  /** Lets other messages be worked on while this one only waits. */
  rest<Result>(wait: Promise<Result>): Promise<Result>;
};

export type ConsumeOptions<Message> = {
  queue: string;
  deadLetterQueue: string;
  /** the function's name, for logs and dead letters */
  handler: string;
  /** Throws for a body that is none; its error must not quote the body. */
  parse(body: string): Message;
  /** What to log of a message: ids and types only. */
  describe(message: Message): Record<string, unknown>;
  handle(message: Message, context: MessageContext): Promise<void>;
  /** What of a body may lie in the dead-letter queue; all of it where absent. */
  buried?(body: string): string;
  window?: number;
  waitMs?: number;
  /** how long after a crash its messages are taken up by another, ms; VISIBILITY_TIMEOUT_MS where absent */
  visibilityTimeoutMs?: number;
  /** pause after a receive that did not bring all it might, ms, so that what nobody waits for shares calls; none where absent */
  gatherMs?: number;
  watch?: ConsumerWatch;
};

/** Who looks on: at how each receive ended, and at how many messages are in flight whenever that changes. */
export type ConsumerWatch = {
  received(queue: string, outcome: 'ok' | 'failed'): void;
  inFlight(queue: string, messages: number): void;
};

export type Consumer = {
  /** Takes no more messages, lets those in flight end, and resolves. */
  stop(): Promise<void>;
};

/**
 * What a failure does to its message. Waiting is not failing: only `retryable` and `auth` count as attempts.
 *
 *   kind       | comes back after                    | counts | ends in the dead-letter queue
 *   retryable  | backoff with full jitter            | yes    | after MAX_ATTEMPTS
 *   throttled  | retryAfterMs of the failure         | no     | never
 *   auth       | AUTH_WAIT_MS, a refresh is asked for | yes   | after MAX_ATTEMPTS
 *   permanent  | never                               | -      | at once
 */
const TABLE: Record<FailureKind, { counts: boolean; delayMs(f: Failure, attempt: number, random: Random): number }> = {
  retryable: { counts: true, delayMs: (failure, n, random) => failure.retryAfterMs ?? backoffMs(n, random) },
  throttled: { counts: false, delayMs: (failure, n, random) => failure.retryAfterMs ?? backoffMs(n, random) },
  auth: { counts: true, delayMs: (_, n, random) => AUTH_WAIT_MS + (n > 1 ? backoffMs(n, random) : 0) },
  permanent: { counts: true, delayMs: () => 0 },
};

/**
 * Keeps up to `window` messages of a queue in flight, each on its own: a slow one holds up no other. It tells the queue
 * that they are alive, acknowledges what is done, and does with failures what the table above says.
 */
export function consume<Message>(deps: ConsumeDeps, options: ConsumeOptions<Message>): Consumer {
  const { window = WINDOW, visibilityTimeoutMs = VISIBILITY_TIMEOUT_MS, gatherMs = 0 } = options;
  const { buried = (body) => body, watch } = options;
  const inFlight = new Set<string>();
  let resting = 0;
  const suspects: Received[] = [];
  let areSuspectsUnderWay = false;
  let suspectsAtOnce = 1;
  const stopping = new AbortController();
  /** a place in the window is free, or nothing is in flight any more */
  let wake: () => void = () => {};
  /** something is in flight again */
  let busy: () => void = () => {};

  const acknowledge = coalesce<string, EntryResult>((receipts) => deps.queues.acknowledge(options.queue, receipts), {
    clock: deps.clock,
    waitMs: COALESCE_MS,
    maxItems: WINDOW,
  });

  /** Sends a copy elsewhere, or later; only when the queue has it may the caller acknowledge the message itself. */
  async function sendCopy(queue: string, copy: Outgoing): Promise<void> {
    const [result] = await deps.queues.send(queue, [copy]);
    if (!result?.ok) throw new Error(`${queue} did not take a message: ${result?.reason ?? 'no answer'}`);
  }

  async function rest<Result>(wait: Promise<Result>): Promise<Result> {
    resting += 1;
    wake();
    try {
      return await wait;
    } finally {
      resting -= 1;
    }
  }

  const freePlaces = (): number => (resting >= MAX_RESTING ? 0 : window - (inFlight.size - resting));

  type Counted = { attempt: number; outsideTroubles: number; turnAt?: number | undefined };

  const comeBack = (message: Received, delayMs: number, { attempt, outsideTroubles, turnAt }: Counted): Promise<void> =>
    sendCopy(options.queue, {
      body: message.body,
      groupId: message.groupId,
      delayMs: Math.min(delayMs, MAX_DELAY_MS),
      attributes: {
        attempt: String(attempt),
        ...(outsideTroubles === 0 ? {} : { outsideTroubles: String(outsideTroubles) }),
        ...(turnAt === undefined ? {} : { turnAt: String(turnAt) }),
        ...(delayMs > MAX_DELAY_MS ? { notBefore: String(deps.clock.now() + delayMs) } : {}),
      },
    });

  const bury = (message: Received, failure: Failure, attempt: number, eventId: unknown): Promise<void> =>
    sendCopy(options.deadLetterQueue, {
      body: buried(message.body),
      groupId: message.groupId,
      attributes: {
        reason: failure.code,
        detail: failure.message.slice(0, 500),
        handler: options.handler,
        attempt: String(attempt),
        queue: options.queue,
        diedAt: new Date(deps.clock.now()).toISOString(),
        ...(typeof eventId === 'string' ? { eventId } : {}),
      },
    });

  /** Handles one message to its end and says what came of it. */
  async function settle(message: Received, log: Record<string, unknown>): Promise<string> {
    const attempt = Number(message.attributes.attempt ?? 1);
    const outsideTroubles = Number(message.attributes.outsideTroubles ?? 0);
    const notBefore = Number(message.attributes.notBefore ?? 0);
    const turnAt = message.attributes.turnAt === undefined ? undefined : Number(message.attributes.turnAt);
    if (notBefore > deps.clock.now()) {
      await comeBack(message, notBefore - deps.clock.now(), { attempt, outsideTroubles, turnAt });
      return 'waits';
    }
    let failure: Failure;
    try {
      if (message.receiveCount > MAX_UNANSWERED_RECEIVES) {
        throw new Failure('permanent', 'received again and again without an end', { code: 'never-answered' });
      }
      const parsed = parse(options, message.body);
      Object.assign(log, options.describe(parsed));
      await options.handle(parsed, { attempt, turnAt, rest });
      return 'done';
    } catch (thrown) {
      failure = asFailure(thrown);
      log.failure = failure.code;
      log.detail = failure.message;
      if (failure.code === 'unclassified') log.stack = stackOf(failure.cause);
    }
    const row = TABLE[failure.kind];
    if (isOutsideTrouble(failure) && outsideTroubles < MAX_OUTSIDE_TROUBLES) {
      if (failure.kind === 'auth') await deps.requestTokenRefresh(failure);
      const delayMs =
        failure.kind === 'auth'
          ? row.delayMs(failure, outsideTroubles + 1, deps.random)
          : backoffMs(outsideTroubles + 1, deps.random);
      log.delayMs = delayMs;
      await comeBack(message, delayMs, { attempt, outsideTroubles: outsideTroubles + 1, turnAt });
      return failure.kind;
    }
    if (failure.kind === 'permanent' || (row.counts && attempt >= MAX_ATTEMPTS)) {
      await bury(message, failure, attempt, log.eventId);
      return 'dead';
    }
    if (failure.kind === 'auth') await deps.requestTokenRefresh(failure);
    const delayMs = row.delayMs(failure, attempt, deps.random);
    log.delayMs = delayMs;
    await comeBack(message, delayMs, {
      attempt: row.counts ? attempt + 1 : attempt,
      outsideTroubles,
      turnAt: failure.turnAt,
    });
    return failure.kind;
  }

  async function work(message: Received): Promise<void> {
    const startedAt = deps.clock.now();
    const log: Record<string, unknown> = { queue: options.queue, handler: options.handler };
    try {
      log.outcome = await settle(message, log);
      await acknowledge(message.receipt);
    } catch (thrown) {
      // The queue is in trouble. The message was not acknowledged, so it comes back by its visibility timeout.
      log.outcome = 'left';
      log.detail = thrown instanceof Error ? thrown.message : String(thrown);
    }
    log.durationMs = deps.clock.now() - startedAt;
    log.attempt = Number(message.attributes.attempt ?? 1);
    const write = log.outcome === 'dead' || log.outcome === 'left' ? deps.logger.error : deps.logger.info;
    write.call(deps.logger, log, 'message');
    inFlight.delete(message.receipt);
    watch?.inFlight(options.queue, inFlight.size);
    wake();
  }

  /**
   * Suspects begin one, then two, four, eight at once as long as the process lives, in random order, another each time: so of
   * those that were in flight together when it ended, all but the one that ends it come to their end.
   */
  function begin(messages: readonly Received[]): void {
    for (const message of messages) {
      inFlight.add(message.receipt);
      if (message.receiveCount <= SUSPECT_RECEIVES) void work(message);
      else suspects.splice(Math.floor(deps.random.fraction() * (suspects.length + 1)), 0, message);
    }
    if (!areSuspectsUnderWay && suspects.length > 0) void workOnSuspects();
  }

  async function workOnSuspects(): Promise<void> {
    areSuspectsUnderWay = true;
    while (suspects.length > 0) {
      const begun = suspects.splice(0, suspectsAtOnce).map(work);
      await Promise.race([Promise.all(begun), deps.clock.sleep(SUSPECT_HEAD_START_MS)]);
      suspectsAtOnce *= 2;
    }
    areSuspectsUnderWay = false;
  }

  async function receiveLoop(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (freePlaces() <= 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      try {
        const maxMessages = freePlaces();
        const messages = await deps.queues.receive(options.queue, {
          maxMessages,
          visibilityTimeoutMs,
          waitMs: options.waitMs ?? WAIT_MS,
          signal: stopping.signal,
        });
        watch?.received(options.queue, 'ok');
        begin(messages);
        if (messages.length > 0) {
          watch?.inFlight(options.queue, inFlight.size);
          busy();
          if (gatherMs > 0 && messages.length < maxMessages) await deps.clock.sleep(gatherMs, stopping.signal);
        }
      } catch (thrown) {
        watch?.received(options.queue, 'failed');
        deps.logger.error({ queue: options.queue, detail: String(thrown) }, 'receive failed');
        await deps.clock.sleep(QUEUE_TROUBLE_MS, stopping.signal);
      }
    }
  }

  /** Extends what was in flight one beat ago too: most messages are done before they would have to be extended. */
  async function heartbeat(ended: AbortSignal): Promise<void> {
    let before = new Set<string>();
    for (;;) {
      if (inFlight.size === 0) {
        await new Promise<void>((resolve) => {
          busy = resolve;
        });
      }
      await deps.clock.sleep(visibilityTimeoutMs / BEATS, ended);
      if (ended.aborted) return;
      const slow = [...inFlight].filter((receipt) => before.has(receipt));
      before = new Set(inFlight);
      if (slow.length === 0) continue;
      await deps.queues.extend(options.queue, slow, visibilityTimeoutMs).catch((thrown: unknown) => {
        deps.logger.warn({ queue: options.queue, detail: String(thrown) }, 'extend failed');
      });
    }
  }

  const ended = new AbortController();
  const receiving = receiveLoop();
  void heartbeat(ended.signal);

  return {
    async stop() {
      stopping.abort('stop');
      wake();
      await receiving;
      const deadline = deps.clock.now() + DRAIN_MS;
      while (inFlight.size > 0 && deps.clock.now() < deadline) {
        await Promise.race([
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
          deps.clock.sleep(deadline - deps.clock.now()),
        ]);
      }
      ended.abort('stop');
    },
  };
}

function parse<Message>(options: Pick<ConsumeOptions<Message>, 'parse'>, body: string): Message {
  try {
    return options.parse(body);
  } catch (thrown) {
    const detail = thrown instanceof Failure || thrown instanceof Error ? thrown.message : 'unreadable';
    throw new Failure('permanent', detail, { code: 'unreadable-message' });
  }
}

/** a line of a stack that tells a place in the code */
const STACK_FRAME = /^ {4}at .*:\d+:\d+\)?$/;

/** Where an unclassified error came from, without its message, which may quote its input on several lines. */
function stackOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const frames = cause.stack?.split('\n').filter((line) => STACK_FRAME.test(line)) ?? [];
  return frames.slice(0, 3).join(' ').trim();
}
