import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createFunctionDeps } from '#platform/functions/deps.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { medianOf, type Work } from './restarts.ts';
import { type Result, runChaos, WORKS_WITHIN_MS } from './run-chaos.ts';
import { startStack } from './stack.ts';

const DEFAULT_KILLS = 30;
/** most complaints that are printed */
const MAX_COMPLAINTS = 30;

const HELP = `Starts what \`make local\` starts, beside it, and interrupts it under load: functions are killed, paused and cut from the
network in turn; the simulated marketplaces and the emulator of AWS, which keep all they know in memory, are paused and cut.
Then everything that was answered 2xx must have had exactly one effect, and each function must have worked within
${WORKS_WITHIN_MS / 1000} s of its container's start.

  make local-chaos [KILLS=N]
  node test/chaos/main.ts [options]

  --kills N   how many interruptions (default ${DEFAULT_KILLS})
  --json      one JSON object as the last line
  --help      this text

Exit code: 0 if every promise is kept; 1 if not, and then the logs are in .sluice/chaos/logs; 2 for a wrong call.
`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        kills: { type: 'string', default: String(DEFAULT_KILLS) },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const kills = Number(values.kills);
    if (Number.isInteger(kills) && kills > 0) return { ...values, kills };
    throw new Error(`--kills is ${JSON.stringify(values.kills)}: give a whole number, 1 or more`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

function table({ orders, webhooks, commands, kills, effectsWrong, restarts }: Result): string {
  const row = (name: string, ...cells: unknown[]): string =>
    `  ${name.padEnd(16)}${cells.map((cell) => String(cell).padStart(14)).join('')}\n`;
  const rows = [...restarts].map(([name, found]) => {
    const known = found.filter((work) => work !== null);
    const [taken, done] = [known.map((work) => work.taken), known.map((work) => work.done)];
    return row(name, found.length, medianOf(taken), medianOf(done), worstOf(found) ?? 'never');
  });
  return `
${kills} interruptions under load: ${orders} orders, ${webhooks} webhooks accepted, ${commands} commands; ${effectsWrong} effects are wrong.

From the start of a container to the first work, ms:
${row('function', 'kills', 'taken, median', 'done, median', 'done, worst')}${rows.join('')}`;
}

/** null where it did none once */
const worstOf = (found: readonly (Work | null)[]): number | null =>
  found.includes(null) ? null : Math.max(...found.map((work) => work!.done));

function json({ kills, orders, webhooks, effectsWrong, restarts }: Result): string {
  const restartMs = Object.fromEntries([...restarts].map(([name, found]) => [name, worstOf(found)]));
  return `${JSON.stringify({ kills, orders, webhooks, effectsWrong, restartMs })}\n`;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const root = join(import.meta.dirname, '../..');
  process.chdir(root);
  const stack = await startStack(root, process.env, progress);
  const interrupted = (): void => void stack.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    // The SDK looks there by itself.
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
    Object.assign(process.env, stack.environment);
    const world = await openWorld(readConfig({ ...stack.environment, SLUICE_LOG_LEVEL: 'silent' }), 'chaos');
    const deps = await createFunctionDeps(world, 'chaos');
    const result = await runChaos(deps, stack, { kills: options.kills, tell: progress });
    await world.engine.close();
    for (const complaint of result.complaints.slice(0, MAX_COMPLAINTS)) progress(complaint);
    if (result.complaints.length > MAX_COMPLAINTS) progress(`… and ${result.complaints.length - MAX_COMPLAINTS} more`);
    if (result.complaints.length > 0) progress(`The logs are in ${await stack.saveLogs()}.`);
    process.stdout.write(table(result));
    if (options.json) process.stdout.write(json(result));
    return result.complaints.length === 0 ? 0 : 1;
  } finally {
    await stack.stop();
  }
}

process.exit(
  await main().catch((error: Error) => {
    progress(error.stack ?? error.message);
    return 1;
  }),
);
