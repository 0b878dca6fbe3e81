import { hash } from 'node:crypto';
import type { AnyEvent } from '#events/index.ts';
import type { AuditEntry } from '#platform/state/audit-log/entry.ts';

/** What the audit log keeps of an event. Of an order it keeps the hash: the order itself is in the store. */
export function entryOf(event: AnyEvent): AuditEntry {
  const about = aboutOf(event);
  return {
    schema: 1,
    id: event.id,
    kind: event.type,
    at: event.time,
    marketplace: about.marketplace ?? null,
    connectionId: about.connectionId ?? null,
    orderIds: about.orderIds ?? [],
    requestId: about.requestId ?? null,
    outcome: about.outcome ?? 'ok',
    traceparent: event.traceparent,
    data: about.data,
  };
}

type About = Partial<Pick<AuditEntry, 'marketplace' | 'connectionId' | 'orderIds' | 'requestId' | 'outcome'>> &
  Pick<AuditEntry, 'data'>;

function aboutOf(event: AnyEvent): About {
  switch (event.type) {
    case 'order.changed': {
      const { order, orderVersion, previousStatus, foundBy, buyerCommitment = null } = event.data;
      const { marketplace, connectionId, orderId, status, updatedAt } = order;
      const orderSha256 = hash('sha256', JSON.stringify(order));
      const data = { orderVersion, status, previousStatus, foundBy, updatedAt, orderSha256, buyerCommitment };
      return { marketplace, connectionId, orderIds: [orderId], data };
    }
    case 'webhook.refused': {
      const { marketplace, reason, ...data } = event.data;
      return { marketplace, outcome: reason, data };
    }
    case 'connection.consent-needed': {
      const { marketplace, connectionId, reason } = event.data;
      return { marketplace, connectionId, outcome: reason, data: {} };
    }
    case 'api-call.recorded': {
      const { marketplace, connectionId, orderIds, requestId, outcome, ...data } = event.data;
      return { marketplace, connectionId, orderIds, requestId, outcome, data };
    }
    case 'webhook.received': {
      const { marketplace, connectionId, orderIds, ...data } = event.data;
      return { marketplace, connectionId, orderIds, data };
    }
    case 'token.refreshed': {
      const { marketplace, connectionId, ...data } = event.data;
      return { marketplace, connectionId, data };
    }
    case 'token-refresh.requested':
    case 'order-sync.requested': {
      const { connectionId, ...data } = event.data;
      return { connectionId, data };
    }
    case 'buyer.erased': {
      const { marketplace, connectionId, orderId, ...data } = event.data;
      return { marketplace, connectionId, orderIds: [orderId], data };
    }
    case 'connection.connected': {
      const { marketplace, connectionId, ...data } = event.data;
      return { marketplace, connectionId, data };
    }
    case 'operator-action.recorded':
    case 'schedule.elapsed':
      return { data: event.data };
  }
}
