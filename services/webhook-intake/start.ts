import type { Hono } from 'hono';
import { deadLetterQueue } from '#events/routes.ts';
import type { FunctionDeps, Running } from '#platform/functions/deps.ts';
import { consume } from '#platform/runtime/consume.ts';
import { createIntakeApp } from './app.ts';
import { receiveAmazonNotification, withoutDestination } from './receive-amazon-notification.ts';
import { createSellers } from './sellers.ts';
import { createVerificationKeys } from './verification-keys.ts';

/** The HTTP app that takes webhooks, to be served by the caller, and the consumer of Amazon's notification queue. */
export function startWebhookIntake(deps: FunctionDeps, options: { publicUrl: string }): Running & { app: Hono } {
  const connections = { ...deps.connections, ...createSellers(deps) };
  const app = createIntakeApp({ ...deps, connections, verificationKeys: createVerificationKeys(deps) }, options);
  const consumer = consume<string>(deps, {
    queue: 'amazon-notifications',
    deadLetterQueue: deadLetterQueue('amazon-notifications'),
    handler: 'webhook-intake',
    parse: (body) => body,
    describe: () => ({}),
    handle: (message) => receiveAmazonNotification(deps, message),
    buried: withoutDestination,
    ...deps.consuming,
  });
  return { app, stop: () => consumer.stop() };
}
