import { type AnyEvent, parseEvent } from '#events/index.ts';
import { deadLetterQueue } from '#events/routes.ts';
import { describeEvent, type FunctionDeps, type Running } from '#platform/functions/deps.ts';
import { consume, type MessageContext } from '#platform/runtime/consume.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { readHintedOrders } from './read-hinted-orders.ts';
import { requestDuePolls } from './request-due-polls.ts';
import { syncOrderPage } from './sync-order-page.ts';

/** Consumes the sync queue: ticks, pages to read, hints. */
export function startThrottledSync(deps: FunctionDeps): Running {
  const handle = (event: AnyEvent, context: MessageContext): Promise<void> => {
    switch (event.type) {
      case 'schedule.elapsed':
        return requestDuePolls(deps);
      case 'order-sync.requested':
        return syncOrderPage(deps, event, context);
      case 'webhook.received':
        return readHintedOrders(deps, event, context);
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
