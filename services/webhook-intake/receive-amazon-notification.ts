import type { Member } from '#platform/functions/deps.ts';
import { memberOf } from '#platform/functions/deps.ts';
import { type QueueDeliveryDeps, queueDelivery } from '#platform/functions/queue-delivery.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import type { Connections } from '#platform/state/connections.ts';

export type ReceiveAmazonNotificationDeps = QueueDeliveryDeps & {
  logger: Logger;
  members: ReadonlyMap<string, Member>;
  connections: Pick<Connections, 'bySeller'>;
};

/**
 * Amazon sends no webhooks but messages to the developer's own SQS queue; that they are Amazon's is what the queue's
 * policy sees to. From here on they are deliveries like any other.
 */
export async function receiveAmazonNotification(deps: ReceiveAmazonNotificationDeps, message: string): Promise<void> {
  const { marketplace } = memberOf(deps.members, 'amazon');
  const body = Buffer.from(message, 'utf8');
  const receivedAt = deps.clock.now();
  const reading = marketplace.webhook.read(body);
  const connection =
    reading.sellerId === null ? undefined : await deps.connections.bySeller('amazon', reading.sellerId);
  if (reading.sellerId !== null && !connection) {
    throw new Failure('permanent', 'the notification is for a seller without a connection', {
      code: 'connection-unknown',
    });
  }
  const outcome = await queueDelivery(deps, { marketplace: 'amazon', reading, connection, body, receivedAt });
  const { topic, orderIds } = reading;
  deps.logger.info(
    { marketplace: 'amazon', connectionId: connection?.connectionId, topic, orderIds, status: 200, outcome },
    'delivery',
  );
}

/** Amazon tells where an order goes; a dead letter must not. The name may stand in JSON inside of JSON. */
export function withoutDestination(message: string): string {
  return message.replace(/(\\?"DestinationPostalCode\\?"\s*:\s*\\?")[^"\\]*/g, '$1');
}
