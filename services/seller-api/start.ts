import type { Hono } from 'hono';
import { parseEvent } from '#events/index.ts';
import { deadLetterQueue } from '#events/routes.ts';
import { describeEvent, type FunctionDeps, type Running } from '#platform/functions/deps.ts';
import { consume } from '#platform/runtime/consume.ts';
import { loadSellerApiKeys } from '#platform/state/secrets.ts';
import { createSellerApp } from './app.ts';
import { receiveCommand } from './receive-command.ts';

/** The HTTP app that takes commands, to be served by the caller, and the consumer of the queue of the seller's systems. */
export async function startSellerApi(deps: FunctionDeps): Promise<Running & { app: Hono }> {
  const app = createSellerApp({ ...deps, apiKeys: await loadSellerApiKeys(deps) });
  const consumer = consume(deps, {
    queue: 'seller-commands',
    deadLetterQueue: deadLetterQueue('seller-commands'),
    handler: 'seller-api',
    parse: parseEvent,
    describe: describeEvent,
    handle: (event) => receiveCommand(deps, event),
    ...deps.consuming,
  });
  return { app, stop: () => consumer.stop() };
}
