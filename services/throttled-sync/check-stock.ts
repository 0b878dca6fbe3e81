import type { Inventory } from '#marketplaces/marketplace.ts';
import { runAsConnection } from '#platform/functions/as-connection.ts';
import type { InventoryCommand, LineState } from '#platform/state/commands.ts';
import {
  batchesOf,
  type Item,
  itemsOf,
  orFail,
  paired,
  type StockDeps,
  type StockOrigin,
  type StockTarget,
  settle,
} from './settle-stock.ts';

/** how long the proof of an accepted quantity is awaited, ms: chosen, Amazon's submissions mostly take minutes */
export const CONFIRM_WITHIN_MS = 3_600_000;
/** least time between two looks, ms, where the last one is near */
const LEAST_WAIT_MS = 1_000;

type Accepted = Extract<LineState, { outcome: 'accepted' }>;

/**
 * How long to wait for the next look at an accepted line, ms. The wait doubles: most are in force at the first look, and
 * the looks at the others must not use up the calls.
 */
export function msToNextLook(inventory: Inventory<unknown> | undefined, { acceptedAt }: Accepted, now: number): number {
  const ageMs = now - acceptedAt;
  const afterMs = inventory?.check?.afterMs ?? 0;
  if (ageMs < afterMs) return afterMs - ageMs;
  return Math.max(LEAST_WAIT_MS, Math.min(ageMs, CONFIRM_WITHIN_MS - ageMs));
}

/**
 * Looks whether accepted lines are in force. One that a newer update has followed is not looked at any more, and one that
 * is not in force after CONFIRM_WITHIN_MS failed: the marketplace dropped it, or will surprise us.
 */
export async function checkStock(
  deps: StockDeps,
  target: StockTarget,
  command: InventoryCommand,
  origin: StockOrigin,
): Promise<void> {
  const { inventory, connection } = target;
  const { check } = inventory;
  if (!check) return;
  const now = deps.clock.now();
  const due = itemsOf(command).flatMap((item) => {
    const { state } = item;
    return state.outcome === 'accepted' && now - state.acceptedAt >= check.afterMs ? [{ ...item, state }] : [];
  });
  const latest = await Promise.all(
    due.map((item) => deps.latestUpdates.isLatest(connection.connectionId, item, item.line)),
  );
  await settle(
    deps,
    due.filter((_, i) => !latest[i]).map((item) => ({ item, state: { outcome: 'superseded' } })),
  );
  const batches = batchesOf(
    inventory,
    due.filter((_, i) => latest[i]),
  );
  for (const { items } of batches) await orFail(deps, items, origin, () => look(deps, target, items, origin));
}

async function look(
  deps: StockDeps,
  { member, connection, inventory }: StockTarget,
  items: readonly (Item & { state: Accepted })[],
  origin: StockOrigin,
): Promise<void> {
  const lines = items.map(({ line, state }) => ({ ...line, receipt: state.receipt }));
  const { result } = await runAsConnection(
    deps,
    member,
    connection,
    (context, answers) => inventory.check!.run(context, lines, answers),
    { ...origin, orderIds: [] },
  );
  const now = deps.clock.now();
  await settle(
    deps,
    paired(items, result).flatMap(({ item, outcome }) => {
      if (outcome.outcome !== 'accepted') return [{ item, state: outcome }];
      const { acceptedAt } = item.state as Accepted;
      return now - acceptedAt < CONFIRM_WITHIN_MS ? [] : [{ item, state: NOT_CONFIRMED }];
    }),
  );
}

const NOT_CONFIRMED: LineState = {
  outcome: 'failed',
  code: 'not-confirmed',
  message: 'the marketplace has accepted the quantity, and an hour later it is still not in force',
};
