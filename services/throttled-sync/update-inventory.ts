import type { EventOf } from '#events/index.ts';
import type { Inventory } from '#marketplaces/marketplace.ts';
import type { MessageContext } from '#platform/runtime/consume.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { commandIdOf, type InventoryCommand } from '#platform/state/commands.ts';
import type { Connections } from '#platform/state/connections.ts';
import { checkStock, msToNextLook } from './check-stock.ts';
import { answerCommand, commandUnknown, targetOf } from './finish-command.ts';
import { sendStock } from './send-stock.ts';
import { openItems, orFail, type StockDeps } from './settle-stock.ts';

/** when to look again for a place that another command's call is about, ms */
const PLACE_IN_USE_MS = 2_000;

export type UpdateInventoryDeps = StockDeps & { connections: Pick<Connections, 'get'> };

/**
 * Carries an update as far as it goes now: sends the lines that wait, looks for the proof of those that the marketplace
 * has only accepted, and answers when each has an end. Until then the message comes back. What is done is marked line by
 * line after it is done, so a crash repeats an absolute quantity at worst.
 */
export async function updateInventory(
  deps: UpdateInventoryDeps,
  wish: EventOf<'inventory-update.requested'>,
  context: MessageContext,
): Promise<void> {
  const commandId = commandIdOf(wish.data.idempotencyKey);
  const command = await deps.commands.get(commandId);
  if (command?.type !== 'inventory-update') throw commandUnknown();
  if (command.finishedAt !== null) return answerCommand(deps, command);

  const inventory = await goOn(deps, command, context);
  const after = await deps.commands.get(commandId);
  if (after?.type !== 'inventory-update') throw commandUnknown();
  if (after.finishedAt !== null) return answerCommand(deps, after);
  const waits = after.lines.flatMap((line) => {
    if (line.outcome === 'waiting') return PLACE_IN_USE_MS;
    return line.outcome === 'accepted' ? msToNextLook(inventory, line, deps.clock.now()) : [];
  });
  throw new Failure('throttled', 'lines of the update wait', { code: 'lines-wait', retryAfterMs: Math.min(...waits) });
}

async function goOn(
  deps: UpdateInventoryDeps,
  command: InventoryCommand,
  context: MessageContext,
): Promise<Inventory<unknown> | undefined> {
  const all = openItems(command);
  return orFail(deps, all, context, async () => {
    const { member, connection } = await targetOf(deps, command);
    const { inventory, name } = member.marketplace;
    if (!inventory) throw new Failure('permanent', `${name} takes no stock`, { code: 'not-supported' });
    const target = { member, connection, inventory };
    const origin = { ...context, cause: command.cause };
    await sendStock(deps, target, command, origin);
    await checkStock(deps, target, command, origin);
    return inventory;
  });
}
