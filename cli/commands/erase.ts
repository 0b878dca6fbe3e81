import { defineCommand, WrongCall } from '#cli/command.ts';
import { recordActions } from '#cli/operator-actions.ts';
import { flag, text } from '#cli/options.ts';
import { table } from '#cli/table.ts';
import { createFunctionDeps } from '#platform/functions/deps.ts';
import { eraseBuyers } from '#platform/functions/erase-buyer.ts';
import type { OrderKey } from '#platform/state/buyer-accounts.ts';

/** An operator's erasure as the audit log names it. */
const REASON = 'operator';

export const erase = defineCommand({
  name: 'erase',
  takes: [],
  says: 'Erases the personal data of a buyer for good, at every marketplace; the audit log stays valid',
  options: {
    email: text('ADDRESS', "the buyer's e-mail address, as the orders hold it"),
    account: text('NAME', "the buyer's account or id at the marketplace"),
    order: text('ID', 'the buyer of this order'),
    connection: text('ID', 'only at this connection'),
    everyone: flag('all buyers of the connection'),
  },
  async run(deps, { values: { email, account, order, connection, everyone } }) {
    const how = Object.entries({ email, account, order, everyone }).filter(([, given]) => given);
    if (how.length !== 1) {
      throw new WrongCall('sluice erase needs one of --email, --account, --order, --everyone: it says whom to erase');
    }
    if (everyone && connection === undefined) {
      throw new WrongCall('--everyone needs --connection: it erases all buyers of that connection');
    }
    const functionDeps = await createFunctionDeps(await deps.open(), 'cli');
    const all = await functionDeps.connections.list();
    const connections = all.filter(({ connectionId }) => connectionId === (connection ?? connectionId));
    if (connections.length === 0 && connection !== undefined) {
      throw new Error(`there is no connection ${connection}: sluice connections lists them`);
    }

    const erased: OrderKey[] = [];
    let isKnown = order === undefined;
    const accounts = [email, account].flatMap((named) => named ?? []);
    for (const { connectionId, marketplace } of connections) {
      const hasOrder = order !== undefined && (await functionDeps.orders.get(connectionId, order)) !== undefined;
      isKnown ||= hasOrder;
      if (order !== undefined && !hasOrder) continue;
      const accountFingerprints = functionDeps.buyers.index.fingerprintsOf(marketplace, accounts);
      const orderIds = order === undefined ? [] : [order];
      const wish = { marketplace, connectionId, reason: REASON, accountFingerprints, orderIds, ofSeller: everyone };
      erased.push(...(await eraseBuyers(functionDeps, wish)));
    }
    if (!isKnown) throw new Error(`there is no order ${order}: sluice orders list <connection> shows a connection's`);

    const targets = erased.map(({ connectionId, orderId }) => `${connectionId}/${orderId}`);
    await recordActions(deps, `erase --${how[0]![0]}`, targets.length > 0 ? targets : ['nothing that was left']);
    return {
      json: { erased },
      text: [
        `The buyer's data of ${erased.length} orders are erased.`,
        ...(erased.length > 0
          ? table(
              ['CONNECTION', 'ORDER'],
              erased.map(({ connectionId, orderId }) => [connectionId, orderId]),
            )
          : ['No data of the buyer were left.']),
      ],
    };
  },
});
