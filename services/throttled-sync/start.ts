import { type AnyEvent, parseEvent } from '#events/index.ts';
import { deadLetterQueue } from '#events/routes.ts';
import { describeEvent, type FunctionDeps, type Running } from '#platform/functions/deps.ts';
import { eraseBuyers } from '#platform/functions/erase-buyer.ts';
import { consume, type MessageContext } from '#platform/runtime/consume.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { checkSubscription } from './check-subscription.ts';
import { confirmShipment } from './confirm-shipment.ts';
import { endBuyerData } from './end-buyer-data.ts';
import { readHintedOrders } from './read-hinted-orders.ts';
import { readMissedWebhooks } from './read-missed-webhooks.ts';
import { createRecentReads } from './recent-reads.ts';
import { requestDuePolls } from './request-due-polls.ts';
import { createRoundRequests } from './request-due-rounds.ts';
import { syncOrderPage } from './sync-order-page.ts';
import { updateInventory } from './update-inventory.ts';

/** Consumes the sync queue: ticks, pages to read, hints, the seller's commands, wishes that a buyer be erased. */
export function startThrottledSync(deps: FunctionDeps): Running {
  const rounds = createRoundRequests(deps);
  const recentReads = createRecentReads();
  const handle = (event: AnyEvent, context: MessageContext): Promise<void> => {
    switch (event.type) {
      case 'schedule.elapsed':
        if (event.data.schedule === 'webhook-rounds') return rounds.requestDue();
        return event.data.schedule === 'buyer-data-ends' ? endBuyerData(deps) : requestDuePolls(deps);
      case 'order-sync.requested':
        return syncOrderPage(deps, event, context);
      case 'webhook.received':
        return readHintedOrders({ ...deps, recentReads }, event, context);
      case 'webhook-subscription.requested':
        return checkSubscription(deps, event, context);
      case 'missed-webhooks.requested':
        return readMissedWebhooks(deps, event, context);
      case 'inventory-update.requested':
        return updateInventory(deps, event, context);
      case 'shipment-confirmation.requested':
        return confirmShipment(deps, event, context);
      case 'buyer-erasure.requested':
        return eraseBuyers(deps, event.data, event.traceparent).then(() => undefined);
      default:
        throw new Failure('permanent', `${event.type} is not for this queue`, { code: 'not-for-this-queue' });
    }
  };
  return consume(deps, {
    queue: 'sync',
    deadLetterQueue: deadLetterQueue('sync'),
    handler: 'throttled-sync',
    parse: parseEvent,
    describe: describeEvent,
    handle,
    ...deps.consuming,
  });
}
