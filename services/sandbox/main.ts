import { parseArgs } from 'node:util';
import { run, untilSignal } from '#platform/runtime/lifecycle.ts';
import { startSandboxes } from './start.ts';

const HELP = `Simulated marketplaces over HTTP, for Sluice or any client of theirs.

  npm run sandbox -- [options]

  --port N         port to listen on (default 4700)
  --host ADDRESS   address to listen on (default 127.0.0.1)
  --webhooks URL   where webhooks go, /<marketplace> is added (default http://127.0.0.1:4600/webhooks)
  --sellers N      seller accounts on each marketplace (default 2)
  --help           this text

Each marketplace is under /<marketplace>; GET /_sandbox/registrations shows the credentials to use, which are fixed.
POST /_sandbox/faults {"fault": "server-error", "rate": 0.1} makes it fail. docs/sandbox.md has more.
`;

await run(async () => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4700' },
      host: { type: 'string', default: '127.0.0.1' },
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
  const sandboxes = await startSandboxes({
    host: values.host,
    port: number('port', values.port, 65_535),
    portSetting: '--port',
    sellers: number('sellers', values.sellers, 1_000),
    webhooksUrl: values.webhooks.replace(/\/+$/, ''),
  });
  const url = `http://${values.host}:${sandboxes.port}`;
  process.stdout.write(
    `Simulated marketplaces: ${[...sandboxes.byName.keys()].map((name) => `${url}/${name}`).join('  ')}\n`,
  );
  process.stdout.write(`Credentials to use:     ${url}/_sandbox/registrations\n`);
  await untilSignal();
  await sandboxes.stop();
});
