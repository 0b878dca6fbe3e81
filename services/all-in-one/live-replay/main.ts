import { parseArgs } from 'node:util';
import { createFunctionDeps } from '#platform/functions/deps.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { readInvoices } from '#services/all-in-one/demo/invoices.ts';
import { formatReport } from '#services/all-in-one/demo/report.ts';
import { isRight } from '#services/all-in-one/demo/result.ts';
import { reachSandboxes } from '#services/all-in-one/remote-sandboxes.ts';
import { checkLive } from './check.ts';

const INVOICES = 'data/online-retail-2011-11.jsonl.gz';
const DEFAULT_COUNT = 300;

const HELP = `Replays real invoices in real time at the simulated marketplaces that run elsewhere, and compares what the
functions that run elsewhere have made of them with the books.

  npm run live-replay -- [options]

  --sandbox URL     where the sandbox is (default http://127.0.0.1:4700)
  --count N         how many invoices (default ${DEFAULT_COUNT})
  --invoices FILE   a .jsonl.gz of invoices (data/README.md); default ${INVOICES}
  --json            one JSON object as the last line, instead of the table
  --help            this text

The stored orders, the order events and the audit log are read where SLUICE_ENGINE says. The sandbox's sellers must be
connected (npm run seed). Exit code: 0 if nothing is missing, stale, wrong, throttled or dead and the audit log verifies
and knows every call; 1 if not; 2 for a wrong call of this command.
`;

/** most complaints that are printed */
const MAX_COMPLAINTS = 20;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        sandbox: { type: 'string', default: 'http://127.0.0.1:4700' },
        count: { type: 'string', default: String(DEFAULT_COUNT) },
        invoices: { type: 'string', default: INVOICES },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const count = Number(values.count);
    if (Number.isInteger(count) && count > 0) return { ...values, count };
    throw new Error(`--count is ${JSON.stringify(values.count)}: give a whole number, 1 or more`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const invoices = readInvoices(options.invoices).slice(0, options.count);
  // The logs of this process are not what anybody wants to read.
  const config = readConfig({ ...process.env, SLUICE_LOG_LEVEL: 'silent' });
  const world = await openWorld(config, 'live-replay', { sendsTicks: false });
  try {
    const { all } = await reachSandboxes(world.send, options.sandbox.replace(/\/+$/, ''));
    progress(`Replaying ${invoices.length} invoices on ${all.length} marketplaces, in real time.`);
    const deps = await createFunctionDeps(world, 'live-replay');
    const { result, byMarketplace, complaints } = await checkLive(deps, all, {
      invoices,
      tell: (line) => progress(`  ${line}`),
    });
    for (const complaint of complaints.slice(0, MAX_COMPLAINTS)) progress(complaint);
    if (complaints.length > MAX_COMPLAINTS) progress(`… and ${complaints.length - MAX_COMPLAINTS} more`);
    const told = { ...result, engine: config.engine };
    process.stdout.write(options.json ? `${JSON.stringify(told)}\n` : formatReport(result, byMarketplace));
    return isRight(result) ? 0 : 1;
  } finally {
    await world.engine.close();
  }
}

process.exit(
  await main().catch((error: Error) => {
    progress(error.message);
    return 1;
  }),
);
