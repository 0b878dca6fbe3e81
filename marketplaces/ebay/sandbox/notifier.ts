import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createWebhookSender } from '#marketplaces/sandbox-kit/webhook-sender.ts';
import type { Destination } from './destinations.ts';
import { signatureHeader } from './signing-key.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';
import { ACCOUNT_DELETION, SCHEMA_VERSION, type TopicId } from './topics.ts';
import { newUuid } from './uuid.ts';

/** after 1 min, 5 min, 15 min and 1 h; eBay publishes no schedule, this is ours */
const RETRY_AFTER_MS = [60_000, 300_000, 900_000, 3_600_000];
/** how long an endpoint may take, ms; eBay publishes none, this is ours */
const TIMEOUT_MS = 3_000;
/** an account deletion that is not acknowledged for so long marks the endpoint down [eBay, account deletion guide] */
const MARKED_DOWN_AFTER_MS = 24 * 60 * 60 * 1000;

/** What happened, when, and what is told of it. */
type Event = { topicId: TopicId; eventAt: number; data: object };

export type Notifier = ReturnType<typeof createNotifier>;

/** Sends notifications to the destinations of the subscriptions that listen. */
export function createNotifier(
  deps: Pick<SandboxDeps, 'now' | 'sleep' | 'send' | 'faults' | 'randomHex'>,
  options: { destinations: ReadonlyMap<string, Destination>; subscriptions: Subscriptions },
) {
  const sender = createWebhookSender(deps, { retryAfterMs: RETRY_AFTER_MS, timeoutMs: TIMEOUT_MS });

  function deliver(destination: Destination, event: Event): void {
    const notificationId = `${newUuid(deps)}_${newUuid(deps)}`;
    let attempts = 0;
    const build = () => {
      attempts += 1;
      const body = JSON.stringify({
        metadata: { topic: event.topicId, schemaVersion: SCHEMA_VERSION, deprecated: false },
        notification: {
          notificationId,
          eventDate: new Date(event.eventAt).toISOString(),
          publishDate: new Date(deps.now()).toISOString(),
          publishAttemptCount: attempts,
          data: event.data,
        },
      });
      const headers = { 'content-type': 'application/json', 'x-ebay-signature': signatureHeader(body) };
      return { method: 'POST' as const, url: destination.deliveryConfig.endpoint, headers, body };
    };
    const goOn = (): void => {
      if (event.topicId !== ACCOUNT_DELETION) return;
      if (deps.now() - event.eventAt < MARKED_DOWN_AFTER_MS) sender.deliver(build, goOn);
      else destination.status = 'MARKED_DOWN';
    };
    sender.deliver(build, goOn);
  }

  function tell(subscription: Subscription, event: Event): boolean {
    const destination = options.destinations.get(subscription.destinationId);
    if (destination?.status !== 'ENABLED') return false;
    deliver(destination, event);
    return true;
  }

  return {
    stats: sender.stats,
    underWay: sender.underWay,
    /** Tells a subscription's destination, whatever the subscription's state; false: it takes nothing. */
    tell,
    /** Tells the owner's subscription (a seller's, or with null the application's); false: none listens. */
    notify(owner: string | null, event: Event): boolean {
      const subscription = options.subscriptions.find(owner, event.topicId);
      return subscription?.status === 'ENABLED' && tell(subscription, event);
    },
  };
}
