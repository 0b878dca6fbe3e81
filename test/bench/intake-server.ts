/** One server of the bench: `intake` (settings from the environment) or `bare`. Tells its CPU time when it is asked. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFunctionDeps } from '#platform/functions/deps.ts';
import { serveHttp } from '#platform/functions/serve.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { startWebhookIntake } from '#services/webhook-intake/start.ts';

async function startIntake(): Promise<number> {
  const config = readConfig(process.env);
  const deps = await createFunctionDeps(await openWorld(config, 'webhook-intake'), 'webhook-intake');
  const { app } = startWebhookIntake(deps, config);
  return (await serveHttp(app, { host: config.host, port: 0, setting: 'SLUICE_PORT' })).port;
}

async function startBare(): Promise<number> {
  const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const port = await (process.argv[2] === 'bare' ? startBare() : startIntake());
process.on('message', (message) => {
  if (message === 'end') process.exit(0); // in order, so that a CPU profile is written
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system });
});
process.send?.({ port });
