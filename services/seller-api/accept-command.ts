import type { Clock } from '#platform/runtime/clock.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { Random } from '#platform/runtime/random.ts';
import { newTraceparent } from '#platform/runtime/trace.ts';
import { type Command, type Commands, commandIdOf, contentHashOf, type Wish } from '#platform/state/commands.ts';
import type { Connections } from '#platform/state/connections.ts';
import type { LatestUpdates } from '#platform/state/latest-updates.ts';

/** largest wish, bytes of JSON: with what became of each line its record stays below DynamoDB's 400 KB an item */
export const MAX_WISH_BYTES = 262_144;

export type AcceptCommandDeps = {
  clock: Clock;
  random: Pick<Random, 'hex'>;
  newEvent: NewEvent;
  publisher: Publisher;
  connections: Pick<Connections, 'get'>;
  commands: Pick<Commands, 'create' | 'queued'>;
  latestUpdates: Pick<LatestUpdates, 'nextAt' | 'put'>;
};

export type Asked = {
  wish: Wish;
  idempotencyKey: string;
  /** when the seller's system said it, epoch ms; absent: now, and after all that was accepted before */
  wishedAt?: number;
  /** `traceparent` of what led to it; absent: a new trace begins */
  cause?: string;
};

/** `conflict`: the key has been used for another wish. */
export type Accepted = { outcome: 'accepted' | 'conflict'; commandId: string };

/**
 * Accepts a wish, once for each key. Remember, queue, mark, in this order: whoever asks again after a crash finds it
 * remembered and has it queued, and it is done once, since its event and its lines are those of one command.
 */
export async function acceptCommand(deps: AcceptCommandDeps, asked: Asked): Promise<Accepted> {
  const wished = await newCommand(deps, asked);
  const command = await deps.commands.create(wished);
  const { commandId, connectionId, wishedAt, idempotencyKey, cause } = command;
  if (command.contentHash !== wished.contentHash) return { outcome: 'conflict', commandId };
  if (command.isQueued) return { outcome: 'accepted', commandId };
  const options = { id: commandId, cause };
  if (command.type === 'inventory-update') {
    const { lines } = command.data;
    await deps.latestUpdates.put(connectionId, { commandId, wishedAt, lines }, deps.clock.now());
    const data = { ...command.data, idempotencyKey };
    await deps.publisher.publish(deps.newEvent('inventory-update.requested', data, options));
  } else {
    const data = { ...command.data, idempotencyKey };
    await deps.publisher.publish(deps.newEvent('shipment-confirmation.requested', data, options));
  }
  await deps.commands.queued(commandId);
  return { outcome: 'accepted', commandId };
}

async function newCommand(deps: AcceptCommandDeps, { wish, idempotencyKey, ...asked }: Asked): Promise<Command> {
  const { connectionId } = wish.data;
  const now = deps.clock.now();
  const common = {
    commandId: commandIdOf(idempotencyKey),
    idempotencyKey,
    connectionId,
    marketplace: (await deps.connections.get(connectionId))?.marketplace ?? null,
    contentHash: contentHashOf(wish),
    acceptedAt: now,
    cause: asked.cause ?? newTraceparent(deps.random),
    isQueued: false,
    finishedAt: null,
    isAnswered: false,
  };
  // What is said to be of the future would keep all that is really later from being sent.
  const saidAt = asked.wishedAt === undefined ? undefined : Math.min(asked.wishedAt, now);
  if (wish.type === 'shipment-confirmation') {
    return { ...common, ...wish, wishedAt: saidAt ?? now, shipment: { outcome: 'waiting' } };
  }
  const wishedAt = saidAt ?? (await deps.latestUpdates.nextAt(connectionId, wish.data.lines, now));
  return { ...common, ...wish, wishedAt, lines: wish.data.lines.map(() => ({ outcome: 'waiting' })) };
}
