import { type AnyEvent, type DataOf, definitions, type EventOf, type EventType } from '#events/index.ts';
import { type QueueName, routes } from '#events/routes.ts';
import type { Clock } from './clock.ts';
import { coalesce } from './coalesce.ts';
import { Failure } from './failure.ts';
import type { Random } from './random.ts';
import { childTraceparent, newTraceparent } from './trace.ts';

/** how long events wait for others to share a queue write, ms */
const COALESCE_MS = 5;
/** the same for audit entries while others are being written, ms: those that share a message share what it costs */
const AUDIT_BUSY_WAIT_MS = 100;
/** most messages in one queue write */
const MAX_MESSAGES = 100;
/** most bytes of events that share one audit message; a quarter of what a queue takes, to leave room for the last one */
const MAX_AUDIT_BATCH_BYTES = 262_144;

type OutgoingMessage = { body: string; groupId?: string | undefined };

/** What publishing needs of a queue engine. */
export type PublishQueues = {
  send(queue: string, messages: readonly OutgoingMessage[]): Promise<({ ok: true } | { ok: false; reason: string })[]>;
};

export type Publisher = {
  /** Resolves when every queue that `routes` names has the event durably; else throws a retryable `Failure`. */
  publish(event: AnyEvent): Promise<void>;
};

type Outgoing = { event: AnyEvent; body: string };

/** Sends events where `events/routes.ts` says. Events published at about the same time share queue writes. */
export function createPublisher(deps: { queues: PublishQueues; clock: Clock }): Publisher {
  const senders = new Map<QueueName, (outgoing: Outgoing) => Promise<void>>();

  function senderTo(queue: QueueName): (outgoing: Outgoing) => Promise<void> {
    const known = senders.get(queue);
    if (known) return known;
    const pack = queue === 'audit' ? packBatches : packOneEach;
    const sender = coalesce<Outgoing, void>(
      async (group) => {
        const results = await deps.queues.send(queue, pack(group));
        const refused = results.find((result) => !result.ok);
        // All of the group fail: which of them the queue has does not matter, since each may come twice.
        if (refused) throw new Failure('retryable', `${queue} did not take a message`, { code: 'queue-refused' });
        return group.map(() => undefined);
      },
      {
        clock: deps.clock,
        waitMs: COALESCE_MS,
        maxItems: MAX_MESSAGES,
        ...(queue === 'audit' && { busyWaitMs: AUDIT_BUSY_WAIT_MS }),
      },
    );
    senders.set(queue, sender);
    return sender;
  }

  return {
    async publish(event) {
      const body = JSON.stringify(event);
      await Promise.all(routes[event.type].map((queue) => senderTo(queue)({ event, body })));
    },
  };
}

/** Whose message it is, so that the queue can be fair between connections. */
function groupOf(event: AnyEvent): string | undefined {
  if ('connectionId' in event.data) return event.data.connectionId ?? undefined;
  return event.type === 'order.changed' ? event.data.order.connectionId : undefined;
}

function packOneEach(group: Outgoing[]): OutgoingMessage[] {
  return group.map(({ event, body }) => ({ body, groupId: groupOf(event) }));
}

/** Audit entries share messages, as JSON arrays (CloudEvents' JSON batch format): many small ones are what costs. */
function packBatches(group: Outgoing[]): OutgoingMessage[] {
  const messages: OutgoingMessage[] = [];
  let batch: string[] = [];
  let bytes = 0;
  for (const { body } of group) {
    if (batch.length > 0 && bytes + body.length > MAX_AUDIT_BATCH_BYTES) {
      messages.push({ body: `[${batch.join()}]` });
      batch = [];
      bytes = 0;
    }
    batch.push(body);
    bytes += body.length;
  }
  messages.push({ body: `[${batch.join()}]` });
  return messages;
}

export type NewEvent = <Type extends EventType>(
  type: Type,
  data: DataOf<Type>,
  options?: {
    /** makes a repeat of the same thing carry the same id; absent: a new id */
    id?: string;
    subject?: string;
    /** the `traceparent` of what led to this event; absent: a new trace begins */
    cause?: string | undefined;
  },
) => EventOf<Type>;

/** Makes events of one source, `/sluice/throttled-sync`. */
export function createEventFactory(deps: { source: string; clock: Clock; random: Random }): NewEvent {
  return <Type extends EventType>(type: Type, data: DataOf<Type>, options: Parameters<NewEvent>[2] = {}) =>
    ({
      specversion: '1.0',
      id: options.id ?? deps.random.hex(16),
      source: deps.source,
      type: definitions[type].type,
      time: new Date(deps.clock.now()).toISOString(),
      ...(options.subject === undefined ? {} : { subject: options.subject }),
      datacontenttype: 'application/json',
      traceparent: options.cause ? childTraceparent(options.cause, deps.random) : newTraceparent(deps.random),
      data,
    }) as unknown as EventOf<Type>;
}
