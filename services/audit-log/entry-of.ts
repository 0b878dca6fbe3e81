import { hash } from 'node:crypto';
import type { AnyEvent } from '#events/index.ts';
import type { AuditEntry } from '#platform/state/audit-log/entry.ts';

/** What the audit log keeps of an event. Of an order or a command it keeps the hash: itself it is in the store. */
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
    case 'webhook-subscription.repaired':
    case 'connection.consent-ending':
    case 'token.refreshed': {
      const { marketplace, connectionId, ...data } = event.data;
      return { marketplace, connectionId, data };
    }
    case 'webhook-subscription.requested':
    case 'missed-webhooks.requested':
    case 'token-refresh.requested':
    case 'order-sync.requested': {
      const { connectionId, ...data } = event.data;
      return { connectionId, data };
    }
    case 'buyer-erasure.requested': {
      // How many accounts, and nothing that stands for one.
      const { marketplace, connectionId, orderIds, accountFingerprints, ...data } = event.data;
      return { marketplace, connectionId, orderIds, data: { ...data, ofAccount: accountFingerprints.length > 0 } };
    }
    case 'buyer-data.requested': {
      const { marketplace, connectionId, orderIds, ...data } = event.data;
      return { marketplace, connectionId, orderIds, data };
    }
    case 'buyer.erased': {
      const { marketplace, connectionId, orderId, ...data } = event.data;
      return { marketplace, connectionId, orderIds: [orderId], data };
    }
    case 'connection.connected': {
      const { marketplace, connectionId, ...data } = event.data;
      return { marketplace, connectionId, data };
    }
    case 'inventory-update.requested': {
      const { connectionId, idempotencyKey, lines } = event.data;
      return { connectionId, data: { idempotencyKey, lines: lines.length, wishSha256: sha256Of(lines) } };
    }
    case 'shipment-confirmation.requested': {
      const { connectionId, idempotencyKey, orderId, ...shipment } = event.data;
      return { connectionId, orderIds: [orderId], data: { idempotencyKey, wishSha256: sha256Of(shipment) } };
    }
    case 'inventory-update.completed':
    case 'inventory-update.failed': {
      const { marketplace, connectionId, lines, ...data } = event.data;
      const failed = lines.filter(({ outcome }) => outcome === 'failed');
      const outcome = failed[0]?.code ?? 'ok';
      const counts = { lines: lines.length, failed: failed.length, answerSha256: sha256Of(lines) };
      return { marketplace, connectionId, outcome, data: { ...data, ...counts } };
    }
    case 'shipment-confirmation.completed': {
      const { marketplace, connectionId, orderId, commandId, idempotencyKey, packageId } = event.data;
      return { marketplace, connectionId, orderIds: [orderId], data: { commandId, idempotencyKey, packageId } };
    }
    case 'shipment-confirmation.failed': {
      const { marketplace, connectionId, orderId, commandId, idempotencyKey, code } = event.data;
      return { marketplace, connectionId, orderIds: [orderId], outcome: code, data: { commandId, idempotencyKey } };
    }
    case 'operator-action.recorded':
    case 'schedule.elapsed':
      return { data: event.data };
  }
}

/** Of what would not fit into an entry: whoever has it can show that it is what was told. */
const sha256Of = (value: unknown): string => hash('sha256', JSON.stringify(value));
