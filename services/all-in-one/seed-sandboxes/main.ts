import { parseArgs } from 'node:util';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { run } from '#platform/runtime/lifecycle.ts';
import { connectSandboxes } from '#services/all-in-one/connect-sandboxes.ts';
import { reachSandboxes } from '#services/all-in-one/remote-sandboxes.ts';

const HELP = `Connects the sellers of the simulated marketplaces that run elsewhere: their registrations and connections are put
where SLUICE_ENGINE says. It may be run as often as you like; after a restart of the sandbox it connects them anew.

  npm run seed -- [--sandbox URL]

  --sandbox URL   where the sandbox is (default http://127.0.0.1:4700)
`;

await run(async () => {
  const { values } = parseArgs({
    options: {
      sandbox: { type: 'string', default: 'http://127.0.0.1:4700' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const world = await openWorld(readConfig(process.env), 'seed-sandboxes', { sendsTicks: false });
  const { startedAt, all } = await reachSandboxes(world.send, values.sandbox.replace(/\/+$/, ''));
  const connected = await connectSandboxes(world, all, { consentedAt: startedAt });
  const sellers = all.reduce((sum, sandbox) => sum + sandbox.sellers.length, 0);
  process.stdout.write(`${sellers} sellers on ${all.length} marketplaces are connected, ${connected} of them anew.\n`);
  await world.engine.close();
});
