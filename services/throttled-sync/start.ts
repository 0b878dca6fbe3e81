import { type AnyEvent, parseEvent } from '#events/index.ts';
import { deadLetterQueue } from '#events/routes.ts';
import { describeEvent, type FunctionDeps, type Running } from '#platform/functions/deps.ts';
import { eraseBuyers } from '#platform/functions/erase-buyer.ts';
import { consume, type MessageContext } from '#platform/runtime/consume.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { remember } from '#platform/runtime/remember.ts';
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

/** how long hints take a connection to be the same, ms: one that ended meanwhile is refused its token, as a moment before */
const CONNECTION_KEPT_MS = 1_000;
/** most connections that are remembered */
const MAX_CONNECTIONS_KEPT = 10_000;

/** Consumes the sync queue: ticks, pages to read, hints, the seller's commands, wishes that a buyer be erased. */
export function startThrottledSync(deps: FunctionDeps): Running {
  const rounds = createRoundRequests(deps);
  const recentReads = createRecentReads();
  const get = remember((connectionId: string) => deps.connections.get(connectionId), {
    clock: deps.clock,
    keptMs: CONNECTION_KEPT_MS,
    maxKept: MAX_CONNECTIONS_KEPT,
  });
  const hintDeps = { ...deps, connections: { get }, recentReads };
  const handle = (event: AnyEvent, context: MessageContext): Promise<void> => {
    switch (event.type) {
      case 'schedule.elapsed':
        if (event.data.schedule === 'webhook-rounds') return rounds.requestDue();
        return event.data.schedule === 'buyer-data-ends' ? endBuyerData(deps) : requestDuePolls(deps);
      case 'order-sync.requested':
        return syncOrderPage(deps, event, context);
      case 'webhook.received':
        return readHintedOrders(hintDeps, event, context);
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
