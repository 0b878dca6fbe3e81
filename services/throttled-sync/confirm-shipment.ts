import type { EventOf } from '#events/index.ts';
import { type AsConnectionDeps, runAsConnection } from '#platform/functions/as-connection.ts';
import type { MessageContext } from '#platform/runtime/consume.ts';
import { asFailure, Failure } from '#platform/runtime/failure.ts';
import type { Random } from '#platform/runtime/random.ts';
import { type Commands, commandIdOf, type ShipmentCommand, type ShipmentState } from '#platform/state/commands.ts';
import type { Connections } from '#platform/state/connections.ts';
import type { Leases } from '#platform/state/leases.ts';
import { type AnswerCommandDeps, answerCommand, commandUnknown, isLastWord, targetOf } from './finish-command.ts';

/** how long nobody else may ship from an order, if whoever does dies, ms: longer than any procedure takes */
const LEASE_MS = 300_000;
/** when to look again for an order that another command ships from, ms */
const ORDER_IN_USE_MS = 2_000;

export type ConfirmShipmentDeps = AsConnectionDeps &
  AnswerCommandDeps & {
    random: Pick<Random, 'hex'>;
    connections: Pick<Connections, 'get'>;
    commands: Pick<Commands, 'get' | 'settleShipment' | 'answered'>;
    leases: Leases;
  };

/**
 * Confirms a shipment and answers. The procedures read the order before they ship, since some marketplaces count a package
 * twice that is told twice; so of one order only one runs at a time.
 */
export async function confirmShipment(
  deps: ConfirmShipmentDeps,
  wish: EventOf<'shipment-confirmation.requested'>,
  context: MessageContext,
): Promise<void> {
  const commandId = commandIdOf(wish.data.idempotencyKey);
  const command = await deps.commands.get(commandId);
  if (command?.type !== 'shipment-confirmation') throw commandUnknown();
  if (command.finishedAt !== null) return answerCommand(deps, command);
  let state: ShipmentState;
  try {
    state = await confirm(deps, command, context);
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (!isLastWord(failure, context.attempt)) throw failure;
    const { code, message } = failure;
    deps.logger.warn({ commandId, code }, 'shipment given up');
    state = { outcome: 'failed', code, message };
  }
  await answerCommand(deps, await deps.commands.settleShipment(commandId, state, deps.clock.now()));
}

async function confirm(
  deps: ConfirmShipmentDeps,
  command: ShipmentCommand,
  context: MessageContext,
): Promise<ShipmentState> {
  const { member, connection } = await targetOf(deps, command);
  const { shipments, name } = member.marketplace;
  if (!shipments) throw new Failure('permanent', `${name} takes no shipments`, { code: 'not-supported' });
  const { connectionId, trackingUrl, shippedAt, ...told } = command.data;
  const shipment = { ...told, ...(trackingUrl && { trackingUrl }), shippedAt: Date.parse(shippedAt) };
  const lease = `shipments#${connectionId}#${told.orderId}`;
  const owner = deps.random.hex(8);
  const now = deps.clock.now();
  const taken = await deps.leases.take([lease], { owner, until: now + LEASE_MS, now });
  if (taken.size === 0) {
    const details = { code: 'order-in-use', retryAfterMs: ORDER_IN_USE_MS };
    throw new Failure('throttled', 'another shipment of the order is under way', details);
  }
  try {
    const { result } = await runAsConnection(
      deps,
      member,
      connection,
      (callContext, answers) => shipments.confirm(callContext, shipment, answers),
      { ...context, cause: command.cause, orderIds: [told.orderId] },
    );
    return result;
  } finally {
    await deps.leases.giveBack(taken, owner, deps.clock.now());
  }
}
