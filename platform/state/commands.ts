import { hash } from 'node:crypto';
import type { InventoryUpdateWish, ShipmentConfirmationWish } from '#events/command.ts';
import type { Item, Store } from '#platform/engines/engine.ts';
import { canonicalJson } from './audit-log/canonical-json.ts';

/** partition = command id, sort = 'command' */
const TABLE = 'commands';
/** how long a command and its idempotency key are remembered, ms: 30 days */
const KEPT_MS = 30 * 86_400_000;

/** What became of one line so far; the last three are final. */
export type LineState =
  | { outcome: 'waiting' }
  /** the marketplace has taken it, and the proof that it is in force is awaited; epoch ms */
  | { outcome: 'accepted'; receipt: string; acceptedAt: number }
  | { outcome: 'applied' }
  | { outcome: 'superseded' }
  | { outcome: 'failed'; code: string; message: string };

export type ShipmentState =
  | { outcome: 'waiting' }
  | { outcome: 'confirmed'; packageId: string | null }
  | { outcome: 'failed'; code: string; message: string };

/** What the seller wishes, in full. */
export type Wish =
  | { type: 'inventory-update'; data: InventoryUpdateWish }
  | { type: 'shipment-confirmation'; data: ShipmentConfirmationWish };

type Common = {
  commandId: string;
  idempotencyKey: string;
  connectionId: string;
  /** null where there is no such connection */
  marketplace: string | null;
  /** tells another wish under the same key */
  contentHash: string;
  /** orders the updates of one listing, epoch ms */
  wishedAt: number;
  acceptedAt: number;
  /** `traceparent` */
  cause: string;
  /** has its event been published? Before that, nobody was told that it is accepted. */
  isQueued: boolean;
  /** when its last line was settled, epoch ms; null while it is under way */
  finishedAt: number | null;
  /** has its answer been published? */
  isAnswered: boolean;
};

export type InventoryCommand = Common & {
  type: 'inventory-update';
  data: InventoryUpdateWish;
  /** by line, in the order of `data.lines` */
  lines: LineState[];
};
export type ShipmentCommand = Common & {
  type: 'shipment-confirmation';
  data: ShipmentConfirmationWish;
  shipment: ShipmentState;
};
export type Command = InventoryCommand | ShipmentCommand;

export type Commands = ReturnType<typeof createCommands>;

/** One command for one idempotency key, whatever it wishes and however it came. */
export const commandIdOf = (idempotencyKey: string): string => hash('sha256', idempotencyKey).slice(0, 32);

export const contentHashOf = (wish: Wish): string => hash('sha256', canonicalJson(wish));

export const isOpen = ({ outcome }: LineState): boolean => outcome === 'waiting' || outcome === 'accepted';

/** What was wished and what came of it. A line that is settled stays as it is: so a command has one answer. */
export function createCommands({ store }: { store: Store }) {
  const read = (item: Item | undefined): Command | undefined => item?.value as Command | undefined;
  const find = (commandId: string): Promise<Item | undefined> => store.get(TABLE, commandId, 'command');

  async function put(command: Command, condition: number | 'absent'): Promise<boolean> {
    const row = { table: TABLE, partition: command.commandId, sort: 'command', condition, value: command };
    const [result] = await store.write([{ ...row, expiresAt: command.acceptedAt + KEPT_MS }]);
    return result?.ok === true;
  }

  /** Changes a command on its version; `change` returns undefined where nothing is to be changed. */
  async function update<Of extends Command>(commandId: string, change: (command: Of) => Of | undefined): Promise<Of> {
    for (;;) {
      const item = await find(commandId);
      const before = read(item) as Of | undefined;
      if (!item || !before) throw new Error(`the command ${commandId} is gone`);
      const after = change(before);
      if (!after) return before;
      if (await put(after, item.version)) return after;
    }
  }

  return {
    get: async (commandId: string): Promise<Command | undefined> => read(await find(commandId)),

    /** Puts a new command; the one that is there where its key has been used. */
    async create(command: Command): Promise<Command> {
      for (;;) {
        const item = await find(command.commandId);
        const known = read(item);
        if (known && known.acceptedAt + KEPT_MS > command.acceptedAt) return known;
        if (await put(command, item?.version ?? 'absent')) return command;
      }
    },

    /** Its event has been published. */
    queued: (commandId: string) =>
      update(commandId, (command) => (command.isQueued ? undefined : { ...command, isQueued: true })),

    /** Tells what became of some lines, by their index. The command as it is then. */
    settleLines: (commandId: string, states: ReadonlyMap<number, LineState>, now: number): Promise<InventoryCommand> =>
      update<InventoryCommand>(commandId, (command) => {
        const isNews = (line: LineState, index: number): boolean => isOpen(line) && states.has(index);
        if (!command.lines.some(isNews)) return undefined;
        const lines = command.lines.map((line, index) => (isNews(line, index) ? states.get(index)! : line));
        return { ...command, lines, finishedAt: lines.some(isOpen) ? null : now };
      }),

    settleShipment: (commandId: string, shipment: ShipmentState, now: number): Promise<ShipmentCommand> =>
      update<ShipmentCommand>(commandId, (command) =>
        command.finishedAt === null ? { ...command, shipment, finishedAt: now } : undefined,
      ),

    /** Its answer has been published. */
    answered: (commandId: string) =>
      update(commandId, (command) => (command.isAnswered ? undefined : { ...command, isAnswered: true })),
  };
}
