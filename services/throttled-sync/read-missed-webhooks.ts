import type { EventOf } from '#events/index.ts';
import { type AsConnectionDeps, runAsConnection } from '#platform/functions/as-connection.ts';
import { memberOf } from '#platform/functions/deps.ts';
import { type QueueDeliveryDeps, queueDelivery } from '#platform/functions/queue-delivery.ts';
import type { MessageContext } from '#platform/runtime/consume.ts';
import type { Connections } from '#platform/state/connections.ts';
import type { Rounds } from '#platform/state/rounds.ts';
import { endRound } from './end-round.ts';
import { planOf } from './rounds.ts';

/** most pages of a list in one round: what is left comes with the next round, or by the poll */
const MAX_PAGES = 50;
const NO_BODY = new Uint8Array();

export type ReadMissedWebhooksDeps = AsConnectionDeps &
  QueueDeliveryDeps & {
    connections: Pick<Connections, 'get' | 'bySeller'>;
    rounds: Pick<Rounds, 'ended'>;
  };

/**
 * Reads a marketplace's list of what it could not deliver, until a page holds nothing new. From here on these are deliveries
 * like any other, known by the same keys, so that one that did come, or is listed twice, is dropped.
 */
export async function readMissedWebhooks(
  deps: ReadMissedWebhooksDeps,
  request: EventOf<'missed-webhooks.requested'>,
  context: MessageContext,
): Promise<void> {
  const connection = await deps.connections.get(request.data.connectionId);
  if (connection?.status !== 'active') return;
  const member = memberOf(deps.members, connection.marketplace);
  const { missed } = member.marketplace.webhook;
  const plan = planOf(member.marketplace, 'missed-webhooks');
  if (!missed || !plan) return;
  const { marketplace, connectionId } = connection;
  const about = { orderIds: [], cause: request.traceparent, ...context };

  await endRound(deps, { kind: 'missed-webhooks', plan, connection, attempt: context.attempt }, async () => {
    const counts = { queued: 0, duplicate: 0, unknown: 0 };
    for (let page = 0; page < MAX_PAGES; page++) {
      const { result: readings } = await runAsConnection(deps, member, connection, missed.list, about);
      const queuedBefore = counts.queued;
      for (const reading of readings) {
        const { sellerId } = reading;
        const of = sellerId === null ? undefined : await deps.connections.bySeller(marketplace, sellerId);
        // A list of the whole app may name sellers that are not connected here, or not any more.
        if (sellerId !== null && !of) counts.unknown += 1;
        else {
          const delivery = { marketplace, reading, connection: of, body: NO_BODY, receivedAt: deps.clock.now() };
          counts[await queueDelivery(deps, delivery)] += 1;
        }
      }
      if (counts.queued === queuedBefore) break;
    }
    deps.logger.info({ marketplace, connectionId, ...counts }, 'missed webhooks');
    return 'ok';
  });
}
