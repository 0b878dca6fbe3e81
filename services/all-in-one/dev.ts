import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createFunctionDeps } from '#platform/functions/deps.ts';
import { serveHttp } from '#platform/functions/serve.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { run, untilSignal } from '#platform/runtime/lifecycle.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import { enqueuing, startSandboxes } from '#services/sandbox/start.ts';
import { connectSandboxes } from './connect-sandboxes.ts';
import { readInvoices } from './demo/invoices.ts';
import { startSellerSystem } from './demo/seller-system.ts';
import { createJourneys } from './journeys.ts';
import { placeOrders } from './place-orders.ts';
import { startAllInOne } from './start.ts';

const INVOICES = 'data/online-retail-2011-11.jsonl.gz';
const SELLERS_PER_MARKETPLACE = 2;

const HELP = `All functions and the simulated marketplaces in one process, in real time, over real HTTP.
It starts anew each time: what it stores is in the folder dev of SLUICE_DATA.

  npm run dev -- [--every SECONDS]

  --every SECONDS   how often a buyer orders something (default 3)

Ctrl-C lets the work under way end; a second Ctrl-C ends at once.
Settings: SLUICE_DATA, SLUICE_HOST, SLUICE_PORT, SLUICE_AUDIT_PORT, SLUICE_SELLER_API_PORT, SLUICE_SANDBOX_PORT,
SLUICE_LOG_LEVEL (logs go to standard error).
`;

await run(async () => {
  const { values } = parseArgs({
    options: { every: { type: 'string', default: '3' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return void process.stdout.write(HELP);
  const everySeconds = Number(values.every);
  if (!(everySeconds > 0)) throw new Error(`--every is ${JSON.stringify(values.every)}: give a number of seconds`);

  const settings = readConfig(process.env);
  // The simulated marketplaces forget everything when they end, so what Sluice knew of them is of no use any more.
  const config = { ...settings, dataDirectory: join(settings.dataDirectory, 'dev') };
  rmSync(config.dataDirectory, { recursive: true, force: true });
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const journeys = createJourneys(print);
  const world = { ...(await openWorld(config, 'dev')), logger: journeys.logger as Logger };
  const sandboxes = await startSandboxes({
    host: config.host,
    port: config.sandboxPort,
    portSetting: 'SLUICE_SANDBOX_PORT',
    webhooksUrl: `${config.publicUrl}/webhooks`,
    sellers: SELLERS_PER_MARKETPLACE,
    enqueue: enqueuing(world.engine.queues),
  });
  await connectSandboxes(world, sandboxes.byName.values());
  const allInOne = await startAllInOne(world, config);
  const served = await serveHttp(allInOne.intake, { host: config.host, port: config.port, setting: 'SLUICE_PORT' });
  const audit = await serveHttp(allInOne.audit, {
    host: config.host,
    port: config.auditPort,
    setting: 'SLUICE_AUDIT_PORT',
  });
  const sellerApi = await serveHttp(allInOne.sellerApi, {
    host: config.host,
    port: config.sellerApiPort,
    setting: 'SLUICE_SELLER_API_PORT',
  });
  const seller = startSellerSystem(await createFunctionDeps(world, 'seller-system'), journeys.onOrder);
  print(`Sluice takes webhooks at ${config.publicUrl}/webhooks/<marketplace>, data in ${config.dataDirectory}.`);
  print(`The simulated marketplaces are at http://${config.host}:${sandboxes.port}/<marketplace>.`);
  print(`Your commands go to http://${config.host}:${sellerApi.port}/v1, see docs/commands.md.`);
  print(`The audit log is at http://${config.host}:${audit.port}/audit/checkpoint.`);
  print(`A seller consents at ${config.publicUrl}/connections/new?marketplace=<marketplace>.`);
  print(`Look inside, in another terminal: SLUICE_DATA=${config.dataDirectory} npx sluice status`);
  print(`A buyer orders something every ${everySeconds} s. Ctrl-C ends.\n`);

  const ended = new AbortController();
  const placing = placeOrders({ ...world, signal: ended.signal }, sandboxes.byName.values(), readInvoices(INVOICES), {
    everyMs: everySeconds * 1000,
    onPlaced: journeys.onPlaced,
  });
  await untilSignal();
  print('\nFinishing what is under way …');
  ended.abort('stop');
  await placing;
  await served.stop();
  await audit.stop();
  await sellerApi.stop();
  await allInOne.stop();
  await seller.stop();
  await sandboxes.stop();
  await world.engine.close();
  print('Done.');
});
