import { type Command, isOpen, type LineState } from '#platform/state/commands.ts';
import type { CommandStatus } from './schemas.ts';

/** A command as the seller's systems see it. */
export function statusOf(command: Command): CommandStatus {
  const { commandId, idempotencyKey, connectionId, marketplace, finishedAt } = command;
  const common = {
    commandId,
    idempotencyKey,
    connectionId,
    marketplace,
    acceptedAt: new Date(command.acceptedAt).toISOString(),
    finishedAt: finishedAt === null ? null : new Date(finishedAt).toISOString(),
  };
  if (command.type === 'shipment-confirmation') {
    const { orderId, trackingNumber } = command.data;
    const { shipment, type } = command;
    const status = { waiting: 'under-way', confirmed: 'completed', failed: 'failed' } as const;
    return {
      ...{ ...common, type, status: status[shipment.outcome], orderId, trackingNumber },
      packageId: shipment.outcome === 'confirmed' ? shipment.packageId : null,
      ...reasonOf(shipment),
    };
  }
  const { type, data, lines } = command;
  const isFailed = lines.some(({ outcome }) => outcome === 'failed');
  return {
    ...{ ...common, type },
    status: lines.some(isOpen) ? 'under-way' : isFailed ? 'failed' : 'completed',
    lines: data.lines.map((line, index) => {
      const state = lines[index]!;
      return { ...line, outcome: state.outcome, ...reasonOf(state) };
    }),
  };
}

function reasonOf(state: { outcome: LineState['outcome'] | 'confirmed'; code?: string; message?: string }) {
  return { code: state.code ?? null, message: state.message ?? null };
}
