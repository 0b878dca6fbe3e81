import { hash } from 'node:crypto';
import type { AnyEvent } from '#events/index.ts';
import type { WebhookReading } from '#marketplaces/marketplace.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { BuyerAccounts } from '#platform/state/buyer-accounts.ts';
import type { Connection } from '#platform/state/connections.ts';
import type { Deliveries } from '#platform/state/deliveries.ts';

export type QueueDeliveryDeps = {
  clock: Clock;
  newEvent: NewEvent;
  publisher: Publisher;
  deliveries: Deliveries;
  buyers: { index: Pick<BuyerAccounts, 'fingerprintsOf'> };
};

export type ReadDelivery = {
  marketplace: string;
  reading: WebhookReading;
  connection: Connection | undefined;
  body: Uint8Array;
  receivedAt: number;
};

/** The last millisecond that an event's instant, with a year of four digits, can name, epoch ms. */
const LAST_INSTANT_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Queues a verified delivery, once. Look, queue, mark, in this order: a repeat is dropped only where the mark says that
 * its first is queued, so a crash at any point makes a repeat at worst, never a loss. The event's id is made from the
 * marketplace's own deduplication key, so that a repeat that slips through is the same event. What it asks about a buyer
 * goes as an event of its own, in which the buyer's accounts are keyed hashes.
 */
export async function queueDelivery(deps: QueueDeliveryDeps, delivery: ReadDelivery): Promise<'queued' | 'duplicate'> {
  const { marketplace, reading, connection, body, receivedAt } = delivery;
  const deliveryId = sha256(`${marketplace}\n${reading.deduplicationKey}`).slice(0, 32);
  if (await deps.deliveries.isQueued(deliveryId, receivedAt)) return 'duplicate';
  const connectionId = connection?.connectionId ?? null;
  const { topic, orderIds, erasure, dataRequest } = reading;
  const received = deps.newEvent(
    'webhook.received',
    {
      marketplace,
      connectionId,
      topic,
      orderIds,
      occurredAt: instantOf(reading.occurredAt),
      receivedAt: new Date(receivedAt).toISOString(),
      bodyBytes: body.byteLength,
      // Of a body that is about a person, a hash could be guessed.
      bodySha256: erasure || dataRequest ? null : sha256(body),
    },
    { id: deliveryId },
  );
  const about = { marketplace, reason: topic };
  const events: AnyEvent[] = [received];
  const identity = { id: sha256(`${deliveryId}\nbuyer`).slice(0, 32), cause: received.traceparent };
  if (erasure) {
    const accountFingerprints = deps.buyers.index.fingerprintsOf(marketplace, erasure.buyerAccounts ?? []);
    const { orderIds = [], ofSeller = false } = erasure;
    const wish = { ...about, connectionId, accountFingerprints, orderIds, ofSeller };
    events.push(deps.newEvent('buyer-erasure.requested', wish, identity));
  }
  if (dataRequest && connectionId !== null) {
    events.push(deps.newEvent('buyer-data.requested', { ...about, connectionId, ...dataRequest }, identity));
  }
  await Promise.all(events.map((event) => deps.publisher.publish(event)));
  deps.deliveries.markQueued(deliveryId, deps.clock.now());
  return 'queued';
}

function instantOf(ms: number | undefined): string | null {
  return ms !== undefined && ms >= 0 && ms <= LAST_INSTANT_MS ? new Date(ms).toISOString() : null;
}

export const sha256 = (data: string | Uint8Array): string => hash('sha256', data);
