import type { EventType } from './index.ts';

/** Queues that Sluice's functions and the seller's systems consume. */
export const QUEUES = ['sync', 'token-refresh', 'seller-events', 'audit', 'amazon-notifications'] as const;
export type QueueName = (typeof QUEUES)[number];

/**
 * Which event goes to which queues: the whole pipeline on one screen.
 *
 *   sync            consumed by throttled-sync
 *   token-refresh   consumed by token-refresh
 *   seller-events   consumed by the seller's own systems
 *   audit           consumed by audit-log
 *
 * `amazon-notifications` holds no events of ours: Amazon puts its own messages there and webhook-intake consumes them.
 * A tick (`schedule.elapsed`) is sent by its schedule to the queue that its rule names, and is not worth an audit entry.
 */
export const routes: Record<EventType, readonly QueueName[]> = {
  'webhook.received': ['sync', 'audit'],
  'webhook.refused': ['audit'],
  'schedule.elapsed': [],
  'order-sync.requested': ['sync', 'audit'],
  'order.changed': ['seller-events', 'audit'],
  'token-refresh.requested': ['token-refresh', 'audit'],
  'token.refreshed': ['audit'],
  'connection.connected': ['audit'],
  'connection.consent-needed': ['seller-events', 'audit'],
  'buyer.erased': ['audit'],
  'operator-action.recorded': ['audit'],
  'api-call.recorded': ['audit'],
};

/** The dead-letter queue of a queue. */
export const deadLetterQueue = (queue: string): string => `${queue}-dead-letters`;

export type ScheduleRule = { name: string; everyMs: number; queue: QueueName };

/** The ticks that drive what no event does. */
export const schedules: readonly ScheduleRule[] = [
  { name: 'order-polls', everyMs: 60_000, queue: 'sync' },
  { name: 'token-refreshes', everyMs: 60_000, queue: 'token-refresh' },
  { name: 'audit-checkpoint', everyMs: 60_000, queue: 'audit' },
];
