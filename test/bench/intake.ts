/**
 * CPU time of an accepted webhook (verified, validated, durably queued in a SQLite file, logged) beside a bare node:http
 * server that only answers 200, both in the same run, in turns: `npm run --silent bench:intake -- --json`. Exit code 1
 * if any delivery was not answered 200. `--profile FOLDER` writes a CPU profile of the intake there.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { pushSignature } from '#marketplaces/shopee/sandbox/signature.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { connectSellers } from '#test/support/connected-sellers.ts';

const ROUNDS = 7;
/** deliveries in a round of either server, each a different one; the first round of each is not counted */
const DELIVERIES = 4_000;
const CONNECTIONS = 64;
const PUBLIC_URL = 'http://sluice.test';
const SERVER = join(import.meta.dirname, 'intake-server.ts');

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, profile: { type: 'string' } },
});

type Delivery = { headers: Record<string, string>; body: string };
type Round = { cpuUs: number; perSecond: number; refused: number };

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-intake-'));
const servers: ChildProcess[] = [];
try {
  const engine = openEmbeddedEngine({ path: join(folder, 'sluice.sqlite'), clock: realClock });
  const { byName } = await connectSellers(engine, { webhooksUrl: `${PUBLIC_URL}/webhooks`, sellers: 2 });
  await engine.close();
  const shops = byName.get('shopee')!.sellers.map(({ sellerId }) => Number(sellerId));

  const profiling = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : [];
  const intake = await start('intake', profiling);
  const bare = await start('bare', []);
  const rounds: { intake: Round; bare: Round }[] = [];
  for (let number = 0; number <= ROUNDS; number++) {
    const deliveries = createDeliveries(shops, number * DELIVERIES);
    rounds.push({ intake: await measure(intake, deliveries), bare: await measure(bare, deliveries) });
  }
  intake.child.send('end');
  await once(intake.child, 'exit');

  const counted = rounds.slice(1);
  const webhookCpuUs = median(counted.map((round) => round.intake.cpuUs));
  const bareCpuUs = median(counted.map((round) => round.bare.cpuUs));
  const result = {
    webhookCpuUs: Number(webhookCpuUs.toFixed(1)),
    bareCpuUs: Number(bareCpuUs.toFixed(1)),
    ratio: Number((webhookCpuUs / bareCpuUs).toFixed(2)),
    webhooksPerSecond: Math.round(median(counted.map((round) => round.intake.perSecond))),
    rounds: ROUNDS,
  };
  if (options.json) console.log(JSON.stringify(result));
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(20)} ${value}`);
  const refused = rounds.reduce((sum, round) => sum + round.intake.refused + round.bare.refused, 0);
  if (refused > 0) console.error(`${refused} deliveries were not answered 200`);
  process.exitCode = refused === 0 ? 0 : 1;
} finally {
  for (const child of servers) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}

/** A server as a process of its own, whose log goes to /dev/null. */
async function start(role: string, execArgv: string[]): Promise<{ child: ChildProcess; port: number }> {
  const env = { SLUICE_DATA: folder, SLUICE_PUBLIC_URL: PUBLIC_URL, SLUICE_LOG_LEVEL: 'info' };
  const child = fork(SERVER, [role], { execArgv, env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  servers.push(child);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}

function createDeliveries(shops: readonly number[], from: number): Delivery[] {
  return Array.from({ length: DELIVERIES }, (_, index) => {
    const body = JSON.stringify({
      msg_id: String(from + index).padStart(32, '0'),
      data: { items: [], ordersn: `2611240${from + index}`, status: 'READY_TO_SHIP', update_time: 1_795_500_000 },
      shop_id: shops[index % shops.length],
      code: 3,
      timestamp: 1_795_500_000,
    });
    const authorization = pushSignature(`${PUBLIC_URL}/webhooks/shopee`, body);
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length), authorization };
    return { headers, body };
  });
}

async function measure(
  { child, port }: { child: ChildProcess; port: number },
  deliveries: readonly Delivery[],
): Promise<Round> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const before = await cpuUs(child);
  const startedAt = performance.now();
  let next = 0;
  let refused = 0;
  const connection = async (): Promise<void> => {
    for (let delivery = deliveries[next++]; delivery; delivery = deliveries[next++]) {
      if ((await post(agent, port, delivery)) !== 200) refused += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  const seconds = (performance.now() - startedAt) / 1000;
  const spentUs = (await cpuUs(child)) - before;
  agent.destroy();
  return { cpuUs: spentUs / deliveries.length, perSecond: deliveries.length / seconds, refused };
}

function post(agent: Agent, port: number, { headers, body }: Delivery): Promise<number> {
  return new Promise((resolve) => {
    const outgoing = request({ agent, port, method: 'POST', path: '/webhooks/shopee', headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    outgoing.on('error', () => resolve(0)).end(body);
  });
}

async function cpuUs(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [message] = (await once(child, 'message')) as [{ cpuUs: number }];
  return message.cpuUs;
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
