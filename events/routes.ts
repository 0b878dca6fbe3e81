import type { EventType } from './index.ts';

/** Queues that Sluice's functions and the seller's systems consume. */
export const QUEUES = [
  'sync',
  'token-refresh',
  'seller-events',
  'seller-commands',
  'audit',
  'amazon-notifications',
] as const;
export type QueueName = (typeof QUEUES)[number];

/**
 * Which event goes to which queues: the whole pipeline on one screen.
 *
 *   sync            consumed by throttled-sync
 *   token-refresh   consumed by token-refresh
 *   seller-events   consumed by the seller's own systems
 *   seller-commands sent to by them: `….requested` events, as over HTTP; consumed by seller-api, which publishes them
 *   audit           consumed by audit-log
 *
 * `amazon-notifications` holds no events of ours: Amazon puts its own messages there and webhook-intake consumes them.
 * A tick (`schedule.elapsed`) is sent by its schedule to the queue that its rule names, and is not worth an audit entry.
 */
export const routes: Record<EventType, readonly QueueName[]> = {
  'webhook.received': ['sync', 'audit'],
  'webhook.refused': ['audit'],
  'webhook-subscription.requested': ['sync', 'audit'],
  'webhook-subscription.repaired': ['audit'],
  'missed-webhooks.requested': ['sync', 'audit'],
  'schedule.elapsed': [],
  'order-sync.requested': ['sync', 'audit'],
  'order.changed': ['seller-events', 'audit'],
  'inventory-update.requested': ['sync', 'audit'],
  'inventory-update.completed': ['seller-events', 'audit'],
  'inventory-update.failed': ['seller-events', 'audit'],
  'shipment-confirmation.requested': ['sync', 'audit'],
  'shipment-confirmation.completed': ['seller-events', 'audit'],
  'shipment-confirmation.failed': ['seller-events', 'audit'],
  'token-refresh.requested': ['token-refresh', 'audit'],
  'token.refreshed': ['audit'],
  'connection.connected': ['audit'],
  'connection.consent-needed': ['seller-events', 'audit'],
  'connection.consent-ending': ['seller-events', 'audit'],
  'buyer-data.requested': ['seller-events', 'audit'],
  'buyer-erasure.requested': ['sync', 'audit'],
  'buyer.erased': ['seller-events', 'audit'],
  'operator-action.recorded': ['audit'],
  'api-call.recorded': ['audit'],
};

/** The dead-letter queue of a queue. */
export const deadLetterQueue = (queue: string): string => `${queue}-dead-letters`;

export type ScheduleRule = { name: string; everyMs: number; queue: QueueName };

/** The ticks that drive what no event does. */
export const schedules: readonly ScheduleRule[] = [
  { name: 'order-polls', everyMs: 60_000, queue: 'sync' },
  { name: 'buyer-data-ends', everyMs: 3_600_000, queue: 'sync' },
  { name: 'webhook-rounds', everyMs: 300_000, queue: 'sync' },
  { name: 'token-refreshes', everyMs: 60_000, queue: 'token-refresh' },
  { name: 'consents', everyMs: 300_000, queue: 'token-refresh' },
  { name: 'consent-calendar', everyMs: 3_600_000, queue: 'token-refresh' },
  { name: 'audit-checkpoint', everyMs: 60_000, queue: 'audit' },
];
