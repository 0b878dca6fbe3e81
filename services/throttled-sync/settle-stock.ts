import type { StockWish } from '#events/command.ts';
import type { Inventory, LineOutcome } from '#marketplaces/marketplace.ts';
import type { AsConnectionDeps } from '#platform/functions/as-connection.ts';
import type { Origin } from '#platform/functions/call-marketplace.ts';
import type { Member } from '#platform/functions/deps.ts';
import type { MessageContext } from '#platform/runtime/consume.ts';
import { asFailure, Failure } from '#platform/runtime/failure.ts';
import type { Random } from '#platform/runtime/random.ts';
import { type Commands, type InventoryCommand, isOpen, type LineState } from '#platform/state/commands.ts';
import type { Connection } from '#platform/state/connections.ts';
import type { LatestUpdates, LineId } from '#platform/state/latest-updates.ts';
import type { Leases } from '#platform/state/leases.ts';
import type { WaitingUpdates } from '#platform/state/waiting-updates.ts';
import { type AnswerCommandDeps, answerCommand, isLastWord } from './finish-command.ts';

export type StockDeps = AsConnectionDeps &
  AnswerCommandDeps & {
    random: Pick<Random, 'hex'>;
    commands: Pick<Commands, 'get' | 'settleLines' | 'answered'>;
    latestUpdates: Pick<LatestUpdates, 'isLatest'>;
    waitingUpdates: WaitingUpdates;
    leases: Leases;
  };

/** A seller's stock at a marketplace. */
export type StockTarget = { member: Member; connection: Connection; inventory: Inventory<unknown> };
export type StockOrigin = Origin & MessageContext;

/** One line of a command. */
export type Item = LineId & { line: StockWish; state: LineState };

export const itemsOf = ({ commandId, data, lines }: InventoryCommand): Item[] =>
  data.lines.map((line, index) => ({ commandId, index, line, state: lines[index]! }));

export const openItems = (command: InventoryCommand): Item[] => itemsOf(command).filter(({ state }) => isOpen(state));

/** Lines that may share a call, as many as it takes. */
export function batchesOf<Of extends Item>(
  inventory: Inventory<unknown>,
  items: readonly Of[],
): { batchKey: string; items: Of[] }[] {
  const byKey = Map.groupBy(items, ({ line }) => inventory.batchKey(line));
  return [...byKey].flatMap(([batchKey, ofKey]) =>
    Array.from({ length: Math.ceil(ofKey.length / inventory.batch) }, (_, i) => ({
      batchKey,
      items: ofKey.slice(i * inventory.batch, (i + 1) * inventory.batch),
    })),
  );
}

/** Marks what became of lines, of one command or several, and answers the commands that are finished by it. */
export async function settle(
  deps: Pick<StockDeps, 'clock' | keyof AnswerCommandDeps | 'commands'>,
  settled: readonly { item: LineId; state: LineState }[],
): Promise<void> {
  for (const [commandId, ofCommand] of Map.groupBy(settled, ({ item }) => item.commandId)) {
    const states = new Map(ofCommand.map(({ item, state }) => [item.index, state]));
    await answerCommand(deps, await deps.commands.settleLines(commandId, states, deps.clock.now()));
  }
}

/** `accepted` where nothing can be looked up later is as good as it gets. */
export function stateOf(outcome: LineOutcome, { check }: Inventory<unknown>, now: number): LineState {
  if (outcome.outcome !== 'accepted') return outcome;
  return check ? { ...outcome, acceptedAt: now } : { outcome: 'applied' };
}

/** As many outcomes as lines, or it can't be told whose they are. */
export function paired(items: readonly Item[], outcomes: readonly LineOutcome[]) {
  if (items.length === outcomes.length) return items.map((item, i) => ({ item, outcome: outcomes[i]! }));
  throw new Failure('permanent', 'the connector tells of more or fewer lines than it was given', {
    code: 'outcomes-missing',
  });
}

/** Runs what is about some lines of one command. Where its failure is the last word about them, they fail by it. */
export async function orFail<Result>(
  deps: StockDeps,
  items: readonly Item[],
  { attempt }: Pick<MessageContext, 'attempt'>,
  run: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await run();
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (!isLastWord(failure, attempt)) throw failure;
    const { code, message } = failure;
    deps.logger.warn({ commandId: items[0]?.commandId, lines: items.length, code }, 'stock lines given up');
    await settle(
      deps,
      items.map((item) => ({ item, state: { outcome: 'failed', code, message } })),
    );
    return undefined;
  }
}
