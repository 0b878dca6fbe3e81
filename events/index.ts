import type { z } from 'zod';
import { apiCallRecorded } from './api-call-recorded.ts';
import { buyerDataRequested } from './buyer-data-requested.ts';
import { buyerErased } from './buyer-erased.ts';
import { buyerErasureRequested } from './buyer-erasure-requested.ts';
import { connectionConnected } from './connection-connected.ts';
import { connectionConsentEnding } from './connection-consent-ending.ts';
import { connectionConsentNeeded } from './connection-consent-needed.ts';
import { inventoryUpdateCompleted } from './inventory-update-completed.ts';
import { inventoryUpdateFailed } from './inventory-update-failed.ts';
import { inventoryUpdateRequested } from './inventory-update-requested.ts';
import { missedWebhooksRequested } from './missed-webhooks-requested.ts';
import { operatorActionRecorded } from './operator-action-recorded.ts';
import { orderChanged } from './order-changed.ts';
import { orderSyncRequested } from './order-sync-requested.ts';
import { scheduleElapsed } from './schedule-elapsed.ts';
import { shipmentConfirmationCompleted } from './shipment-confirmation-completed.ts';
import { shipmentConfirmationFailed } from './shipment-confirmation-failed.ts';
import { shipmentConfirmationRequested } from './shipment-confirmation-requested.ts';
import { tokenRefreshRequested } from './token-refresh-requested.ts';
import { tokenRefreshed } from './token-refreshed.ts';
import { webhookReceived } from './webhook-received.ts';
import { webhookRefused } from './webhook-refused.ts';
import { webhookSubscriptionRepaired } from './webhook-subscription-repaired.ts';
import { webhookSubscriptionRequested } from './webhook-subscription-requested.ts';

/** Every event there is, by its type. */
export const definitions = {
  'webhook.received': webhookReceived,
  'webhook.refused': webhookRefused,
  'webhook-subscription.requested': webhookSubscriptionRequested,
  'webhook-subscription.repaired': webhookSubscriptionRepaired,
  'missed-webhooks.requested': missedWebhooksRequested,
  'schedule.elapsed': scheduleElapsed,
  'order-sync.requested': orderSyncRequested,
  'order.changed': orderChanged,
  'inventory-update.requested': inventoryUpdateRequested,
  'inventory-update.completed': inventoryUpdateCompleted,
  'inventory-update.failed': inventoryUpdateFailed,
  'shipment-confirmation.requested': shipmentConfirmationRequested,
  'shipment-confirmation.completed': shipmentConfirmationCompleted,
  'shipment-confirmation.failed': shipmentConfirmationFailed,
  'token-refresh.requested': tokenRefreshRequested,
  'token.refreshed': tokenRefreshed,
  'connection.connected': connectionConnected,
  'connection.consent-needed': connectionConsentNeeded,
  'connection.consent-ending': connectionConsentEnding,
  'buyer-data.requested': buyerDataRequested,
  'buyer-erasure.requested': buyerErasureRequested,
  'buyer.erased': buyerErased,
  'operator-action.recorded': operatorActionRecorded,
  'api-call.recorded': apiCallRecorded,
} as const;

export type EventType = keyof typeof definitions;
/** The event of one type: `EventOf<'order.changed'>`. */
export type EventOf<Type extends EventType> = z.infer<(typeof definitions)[Type]['schema']>;
export type AnyEvent = { [Type in EventType]: EventOf<Type> }[EventType];
export type DataOf<Type extends EventType> = EventOf<Type>['data'];

/** Parses a message body as an event of any known type; throws an error that names what is wrong, never the value. */
export function parseEvent(body: string): AnyEvent {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new Error('not JSON');
  }
  return readEvent(json);
}

/** The same for JSON that is parsed already. */
export function readEvent(json: unknown): AnyEvent {
  const type = typeof json === 'object' && json !== null && 'type' in json ? json.type : undefined;
  if (typeof type !== 'string' || !Object.hasOwn(definitions, type)) throw new Error('not an event of a known type');
  const result = definitions[type as EventType].schema.safeParse(json);
  if (result.success) return result.data as AnyEvent;
  const places = result.error.issues.map((issue) => `${issue.path.join('.') || 'event'} (${issue.code})`);
  throw new Error(`${type} does not match its schema at ${places.join(', ')}`);
}
