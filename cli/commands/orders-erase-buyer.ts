import { defineCommand } from '#cli/command.ts';
import { recordActions } from '#cli/operator-actions.ts';
import { openOrders } from '#cli/orders.ts';
import { eraseBuyer } from '#platform/functions/erase-buyer.ts';
import { createEventFactory, createPublisher } from '#platform/runtime/publish.ts';

export const ordersEraseBuyer = defineCommand({
  name: 'orders erase-buyer',
  takes: ['connection', 'order'],
  says: "Erases the buyer's personal data of an order for good; the audit log stays valid",
  options: {},
  async run(deps, { words: [connectionId, orderId] }) {
    const world = deps.open();
    const { clock, random } = world;
    const newEvent = createEventFactory({ source: '/sluice/cli', clock, random });
    const publisher = createPublisher({ queues: world.engine.queues, clock });
    const state = await openOrders(world, connectionId);
    if (!(await eraseBuyer({ ...state, newEvent, publisher }, connectionId, orderId, 'operator'))) {
      throw new Error(`${connectionId} has no order ${orderId}: sluice orders list ${connectionId} shows those it has`);
    }
    await recordActions(deps, 'orders erase-buyer', [`${connectionId}/${orderId}`]);
    return {
      json: { connectionId, orderId, erased: true },
      text: [`The data of the buyer of ${orderId} is erased.`],
    };
  },
});
