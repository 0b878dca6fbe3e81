import { runAsConnection } from '#platform/functions/as-connection.ts';
import { asFailure } from '#platform/runtime/failure.ts';
import type { InventoryCommand, LineState } from '#platform/state/commands.ts';
import { type LineId, placeOf } from '#platform/state/latest-updates.ts';
import {
  batchesOf,
  type Item,
  itemsOf,
  openItems,
  orFail,
  paired,
  type StockDeps,
  type StockOrigin,
  type StockTarget,
  settle,
  stateOf,
} from './settle-stock.ts';
import { refusalOf } from './stock-reference.ts';

/** how long nobody else may send the stock of a place, if its sender dies, ms: longer than any procedure of a batch takes */
const LEASE_MS = 300_000;

/**
 * Sends the lines of a command that wait, in as few calls as the marketplace takes. A batch that fails again and again
 * holds up no other: each attempt begins with the next one.
 */
export async function sendStock(
  deps: StockDeps,
  target: StockTarget,
  command: InventoryCommand,
  origin: StockOrigin,
): Promise<void> {
  const waiting = itemsOf(command).filter(({ state }) => state.outcome === 'waiting');
  const refused = waiting.flatMap((item) => {
    const refusal = refusalOf(target, item.line, deps.clock.now());
    return refusal ? [{ item, state: { outcome: 'failed' as const, ...refusal } }] : [];
  });
  await settle(deps, refused);
  const sendable = waiting.filter((item) => !refused.some((one) => one.item === item));
  const batches = batchesOf(target.inventory, sendable);
  for (let i = 0; i < batches.length; i++) {
    const batch = batches[(i + origin.attempt - 1) % batches.length]!;
    await orFail(deps, batch.items, origin, () => sendBatch(deps, target, batch, origin));
  }
}

/** Sends one batch. One that has waited for its place takes along what waits for the same and fits in. */
async function sendBatch(
  deps: StockDeps,
  target: StockTarget,
  { batchKey, items: own }: { batchKey: string; items: Item[] },
  origin: StockOrigin,
): Promise<void> {
  const { connectionId } = target.connection;
  const hasWaited = origin.turnAt !== undefined;
  const others = hasWaited ? await othersThatWait(deps, target, batchKey, own) : [];
  try {
    await send(deps, target, [...own, ...others], origin);
  } catch (thrown) {
    const failure = asFailure(thrown);
    // Another command's line that can't be sent is that command's trouble.
    if (others.length > 0 && failure.kind === 'permanent') return send(deps, target, own, origin);
    if (failure.code === 'budget-empty' && !hasWaited) {
      await deps.waitingUpdates.add(connectionId, batchKey, own, deps.clock.now());
    }
    throw failure;
  }
  if (hasWaited) await deps.waitingUpdates.remove(connectionId, batchKey, [...own, ...others]);
}

async function othersThatWait(
  deps: StockDeps,
  { connection, inventory }: StockTarget,
  batchKey: string,
  own: readonly Item[],
): Promise<Item[]> {
  const { connectionId } = connection;
  const limit = own.length + inventory.batch;
  const noted = await deps.waitingUpdates.list(connectionId, batchKey, { now: deps.clock.now(), limit });
  const others: Item[] = [];
  const passed: LineId[] = [];
  for (const [commandId, lines] of Map.groupBy(noted, (line) => line.commandId)) {
    if (commandId === own[0]?.commandId) continue;
    const command = await deps.commands.get(commandId);
    const open = command?.type === 'inventory-update' ? openItems(command) : [];
    for (const line of lines) {
      const item = open.find(({ index, state }) => index === line.index && state.outcome === 'waiting');
      if (item) others.push(item);
      else passed.push(line);
    }
  }
  await deps.waitingUpdates.remove(connectionId, batchKey, passed);
  return others.slice(0, Math.max(0, inventory.batch - own.length));
}

/**
 * One procedure for lines of one batch, marked when it has come to its end. Of one place only one call is under way at a
 * time, and only for its latest update: an older one must not arrive after a newer. What can't have its place now stays
 * as it is.
 */
async function send(deps: StockDeps, target: StockTarget, items: readonly Item[], origin: StockOrigin): Promise<void> {
  const { member, connection, inventory } = target;
  const { connectionId } = connection;
  const owner = deps.random.hex(8);
  const now = deps.clock.now();
  const leaseOf = ({ line }: Item): string => `stock#${connectionId}#${placeOf(line)}`;
  const taken = await deps.leases.take(items.map(leaseOf), { owner, until: now + LEASE_MS, now });
  try {
    const free = items.filter((item) => taken.has(leaseOf(item)));
    const latest = await Promise.all(free.map((item) => deps.latestUpdates.isLatest(connectionId, item, item.line)));
    const superseded: LineState = { outcome: 'superseded' };
    await settle(
      deps,
      free.filter((_, i) => !latest[i]).map((item) => ({ item, state: superseded })),
    );
    const sent = free.filter((_, i) => latest[i]);
    if (sent.length === 0) return;
    const lines = sent.map(({ line }) => line);
    const { result } = await runAsConnection(
      deps,
      member,
      connection,
      (context, answers) => inventory.update(context, lines, answers),
      { ...origin, orderIds: [] },
    );
    const acceptedAt = deps.clock.now();
    await settle(
      deps,
      paired(sent, result).map(({ item, outcome }) => ({ item, state: stateOf(outcome, inventory, acceptedAt) })),
    );
  } finally {
    await deps.leases.giveBack(taken, owner, deps.clock.now());
  }
}
