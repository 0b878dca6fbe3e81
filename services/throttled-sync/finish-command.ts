import type { EventOf } from '#events/index.ts';
import { type Member, type Members, memberOf } from '#platform/functions/deps.ts';
import { MAX_ATTEMPTS } from '#platform/runtime/consume.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { Command, Commands, InventoryCommand, LineState, ShipmentCommand } from '#platform/state/commands.ts';
import type { Connection, Connections } from '#platform/state/connections.ts';

/** Where a command goes. A permanent failure, which is then its answer, where it can't go there. */
export async function targetOf(
  deps: { members: Members; connections: Pick<Connections, 'get'> },
  { connectionId }: Pick<Command, 'connectionId'>,
): Promise<{ member: Member; connection: Connection }> {
  const connection = await deps.connections.get(connectionId);
  if (connection?.grant !== 'seller') {
    throw new Failure('permanent', 'there is no such connection', { code: 'connection-unknown' });
  }
  if (connection.status !== 'active') {
    throw new Failure('permanent', 'the seller has to consent again before anything can be sent', {
      code: connection.status,
    });
  }
  return { member: memberOf(deps.members, connection.marketplace), connection };
}

/** A message about a command that nobody accepted, or that was accepted too long ago. */
export const commandUnknown = (): Failure =>
  new Failure('permanent', 'no such command was accepted', { code: 'command-unknown' });

/**
 * Is the failure the last word about what was tried? Then the seller is told, instead of the dead-letter queue. Trouble of
 * the engine is not: it can't be told either.
 */
export function isLastWord({ kind, code }: Failure, attempt: number): boolean {
  if (kind === 'permanent') return true;
  return kind !== 'throttled' && attempt >= MAX_ATTEMPTS && !code.startsWith('engine-');
}

export type AnswerCommandDeps = {
  newEvent: NewEvent;
  publisher: Publisher;
  commands: Pick<Commands, 'answered'>;
};

/** Publishes the answer of a command that is finished, under one id however often it comes to that. */
export async function answerCommand(deps: AnswerCommandDeps, command: Command): Promise<void> {
  if (command.finishedAt === null || command.isAnswered) return;
  await deps.publisher.publish(
    command.type === 'inventory-update' ? inventoryAnswer(deps, command) : shipmentAnswer(deps, command),
  );
  await deps.commands.answered(command.commandId);
}

function inventoryAnswer(
  { newEvent }: AnswerCommandDeps,
  command: InventoryCommand,
): EventOf<'inventory-update.completed' | 'inventory-update.failed'> {
  const lines = command.data.lines.map((line, index) => ({ ...line, ...lineAnswer(command.lines[index]!) }));
  const type = lines.some(({ outcome }) => outcome === 'failed')
    ? 'inventory-update.failed'
    : 'inventory-update.completed';
  return newEvent(type, { ...answered(command), lines }, options(command));
}

function lineAnswer(state: LineState) {
  if (state.outcome === 'failed') return state;
  if (state.outcome === 'applied' || state.outcome === 'superseded') {
    return { outcome: state.outcome, code: null, message: null };
  }
  throw new Error('a line of a finished command is open');
}

function shipmentAnswer({ newEvent }: AnswerCommandDeps, command: ShipmentCommand) {
  const { orderId, trackingNumber } = command.data;
  const about = { ...answered(command), orderId, trackingNumber };
  const { shipment } = command;
  if (shipment.outcome === 'confirmed') {
    const { packageId } = shipment;
    return newEvent('shipment-confirmation.completed', { ...about, packageId }, options(command));
  }
  if (shipment.outcome === 'waiting') throw new Error('the shipment of a finished command is open');
  const { code, message } = shipment;
  return newEvent('shipment-confirmation.failed', { ...about, code, message }, options(command));
}

const answered = ({ commandId, idempotencyKey, connectionId, marketplace }: Command) => ({
  commandId,
  idempotencyKey,
  connectionId,
  marketplace,
});

const options = ({ commandId, cause }: Command) => ({ id: `${commandId}-answer`, subject: commandId, cause });
