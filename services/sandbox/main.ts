import { parseArgs } from 'node:util';
import type { Engine } from '#platform/engines/engine.ts';
import { createHealth } from '#platform/functions/health.ts';
import { needsOf } from '#platform/functions/needs.ts';
import { preflight } from '#platform/functions/preflight.ts';
import { healthServings, serveAll, stopAll } from '#platform/functions/serve.ts';
import { openWorld } from '#platform/functions/world.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { type Config, readConfig } from '#platform/runtime/config.ts';
import { run, untilSignal } from '#platform/runtime/lifecycle.ts';
import { enqueuing, startSandboxes } from './start.ts';

const HELP = `Simulated marketplaces over HTTP, for Sluice or any client of theirs.

  npm run sandbox -- [options]

  --port N         port to listen on (default 4700)
  --host ADDRESS   address to listen on (default 127.0.0.1)
  --public-url URL where clients reach it, if that is another address (default http://<host>:<port>)
  --webhooks URL   where webhooks go, /<marketplace> is added (default http://127.0.0.1:4600/webhooks)
  --sellers N      seller accounts on each marketplace (default 2)
  --help           this text

Each marketplace is under /<marketplace>; GET /_sandbox/registrations shows the credentials to use, which are fixed.
POST /_sandbox/faults {"fault": "server-error", "rate": 0.1} makes it fail. docs/sandbox.md has more.
Amazon's notifications go to the queue of the engine that SLUICE_ENGINE names, nowhere where it is not set.
`;

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

await run(async () => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4700' },
      host: { type: 'string', default: '127.0.0.1' },
      'public-url': { type: 'string' },
      webhooks: { type: 'string', default: 'http://127.0.0.1:4600/webhooks' },
      sellers: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const number = (name: string, text: string, max: number): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= max) return value;
    throw new Error(`--${name} is ${JSON.stringify(text)}: give a whole number from 1 to ${max}`);
  };
  const config = readConfig(process.env);
  const engine = process.env.SLUICE_ENGINE ? await openQueueEngine(config) : undefined;
  const sandboxes = await startSandboxes({
    host: values.host,
    port: number('port', values.port, 65_535),
    portSetting: '--port',
    sellers: number('sellers', values.sellers, 1_000),
    webhooksUrl: withoutSlash(values.webhooks),
    ...(values['public-url'] !== undefined && { publicUrl: withoutSlash(values['public-url']) }),
    ...(engine && { enqueue: enqueuing(engine.queues) }),
  });
  const health = createHealth({ clock: realClock });
  const served = await serveAll(healthServings(health, config), config);
  const url = `http://${values.host}:${sandboxes.port}`;
  process.stdout.write(
    `Simulated marketplaces: ${[...sandboxes.byName.keys()].map((name) => `${url}/${name}`).join('  ')}\n`,
  );
  process.stdout.write(`Credentials to use:     ${url}/_sandbox/registrations\n`);
  await untilSignal();
  health.stopping();
  await sandboxes.stop();
  await stopAll(served);
  await engine?.close();
});

async function openQueueEngine(config: Config): Promise<Engine> {
  const world = await openWorld(config, 'sandbox', { sendsTicks: false });
  await preflight(world, needsOf('sandbox'), config);
  return world.engine;
}
