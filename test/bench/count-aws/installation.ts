import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { deadLetterQueue, QUEUES, schedules } from '#events/routes.ts';
import { functions, tables } from '#infra/topology.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import { openAwsEngine } from '#platform/engines/aws/index.ts';
import { ARCHIVE, bucketName } from '#platform/engines/aws/names.ts';
import { createFunctionDeps, type World } from '#platform/functions/deps.ts';
import { serveHttp } from '#platform/functions/serve.ts';
import { realClock } from '#platform/runtime/clock.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { createEventFactory } from '#platform/runtime/publish.ts';
import { realRandom } from '#platform/runtime/random.ts';
import { sendOverNetwork } from '#platform/runtime/send.ts';
import { decodeEntry } from '#platform/state/audit-log/entry.ts';
import { loadHead } from '#platform/state/audit-log/storage.ts';
import { openStoredTree } from '#platform/state/audit-log/stored-tree.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';
import { connectSandboxes } from '#services/all-in-one/connect-sandboxes.ts';
import { createSandboxes } from '#services/sandbox/sandboxes.ts';
import type { Emulator } from '#test/support/emulator.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { openCountingProxy } from './counting-proxy.ts';
import { createLedger } from './ledger.ts';

const ROOT = join(import.meta.dirname, '../../..');
const HOST = '127.0.0.1';
/** the settings that name the ports */
const PORTS = ['SLUICE_PORT', 'SLUICE_AUDIT_PORT', 'SLUICE_SELLER_API_PORT', 'SLUICE_CONSENT_PORT'] as const;
/** the account of an emulator's callers */
const ACCOUNT = '000000000000';
const MARKETPLACES = ['shopee', 'tiktok-shop'];
/** the queues that the functions work on here */
const WORKED_ON = ['sync', 'token-refresh', 'audit'];
/** how long a function may take to start, ms */
const START_MS = 30_000;
const LOOK_EVERY_MS = 250;
/** how long no call may have been made, ms, until all is taken to be at rest: longer than anything waits for company */
const QUIET_MS = 2_500;
/** how long all may take to come to rest, ms */
const REST_MS = 600_000;
/** entries of the audit log in one look */
const ENTRIES_PER_LOOK = 4_096;

export type Installation = Awaited<ReturnType<typeof startInstallation>>;

/**
 * Sluice as on AWS: all its functions, each a process of its own with its own `main.ts`, that reach AWS through the counting
 * proxy; and two simulated marketplaces. What the installation itself does goes to the emulator directly and is not
 * counted.
 * @param options.sellers how many sellers each marketplace has
 */
export async function startInstallation(emulator: Emulator, options: { sellers: number }) {
  const queues = QUEUES.flatMap((queue) => [queue, deadLetterQueue(queue)]);
  const stack = await emulator.createStack({ queues, tables });
  await createArchive(stack);
  const ledger = createLedger({ now: realClock.now, stack });
  const proxy = openCountingProxy(emulator.endpoint, ledger.record);
  const engine = openAwsEngine({ stack, clock: realClock, random: realRandom });
  const world: World = {
    engine,
    schedulesAreDeployed: true,
    clock: realClock,
    random: realRandom,
    send: sendOverNetwork,
    logger: silentLogger,
  };

  const [sandboxPort, ...ports] = (await freePorts(1 + PORTS.length)) as [number, ...number[]];
  const publicUrl = `http://${HOST}:${ports[0]}`;
  /** webhooks as the marketplaces signed them; they are delivered when it is time */
  const webhooks: HttpRequest[] = [];
  const { app, byName } = createSandboxes(
    {
      now: realClock.now,
      sleep: (ms) => realClock.sleep(ms),
      random: realRandom.fraction,
      randomHex: realRandom.hex,
      async send(request) {
        webhooks.push(request);
        return { status: 200 };
      },
      enqueue: async () => {},
      faults: createFaults(realRandom.fraction),
    },
    {
      publicUrl: `http://${HOST}:${sandboxPort}`,
      webhooksUrl: `${publicUrl}/webhooks`,
      sellers: options.sellers,
      names: MARKETPLACES,
    },
  );
  const servedSandboxes = await serveHttp(app, { host: HOST, port: sandboxPort, setting: 'SLUICE_SANDBOX_PORT' });
  await connectSandboxes(world, byName.values());
  const deps = await createFunctionDeps(world, 'count-aws');
  const origin = (await loadAuditSigner(deps, { createIfAbsent: true })).verifier.name;
  const newTick = createEventFactory({ source: '/sluice/schedule', clock: realClock, random: realRandom });

  const environment = {
    PATH: process.env.PATH,
    AWS_REGION: process.env.AWS_REGION,
    AWS_ACCESS_KEY_ID: process.env.AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: process.env.AWS_SECRET_ACCESS_KEY,
    SLUICE_ENGINE: 'aws',
    SLUICE_STACK: stack,
    SLUICE_LOG_LEVEL: 'error',
    SLUICE_PUBLIC_URL: publicUrl,
    ...Object.fromEntries(PORTS.map((setting, i) => [setting, String(ports[i])])),
  };
  const children: ChildProcess[] = [];
  process.once('exit', () => {
    for (const child of children) child.kill('SIGKILL');
  });
  for (const { name } of functions.filter(({ isSimulated }) => !isSimulated)) {
    const [healthPort] = (await freePorts(1)) as [number];
    const child = fork(join(ROOT, 'services', name, 'main.ts'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: {
        ...environment,
        AWS_ENDPOINT_URL: await proxy.listen(name),
        SLUICE_HEALTH_PORT: String(healthPort),
      },
    });
    children.push(child);
    await untilHealthy(name, child, healthPort);
  }

  /** Messages in the queues, visible, in flight or delayed. The seller's own queue is nobody's here. */
  async function messagesLeft(): Promise<number> {
    const depths = await Promise.all(WORKED_ON.map((queue) => engine.queues.depth(queue)));
    return depths.reduce((sum, { visible, inFlight, delayed }) => sum + visible + inFlight + delayed, 0);
  }

  return {
    ledger,
    sandboxes: byName,
    webhooks,
    messagesLeft,
    /** Ends when nothing is left to do. */
    async untilAtRest(): Promise<void> {
      const deadline = realClock.now() + REST_MS;
      while (realClock.now() < deadline) {
        await realClock.sleep(LOOK_EVERY_MS);
        if (realClock.now() - ledger.lastCallAt() > QUIET_MS && (await messagesLeft()) === 0) return;
      }
      throw new Error(`after ${REST_MS / 1000} s ${await messagesLeft()} messages are still in the queues`);
    },
    /** Sends a tick as its rule would. */
    async tick(name: string): Promise<void> {
      const { queue } = schedules.find((rule) => rule.name === name)!;
      const event = newTick('schedule.elapsed', { schedule: name }, { id: `schedule-${name}` });
      await engine.queues.send(queue, [{ body: JSON.stringify(event) }]);
    },
    /** No order of any seller is read from now on: as if each had to consent again. */
    async endConsents(): Promise<void> {
      for (const { connectionId } of await deps.connections.list()) {
        await deps.connections.needsConsent(connectionId, 'count-aws');
        await deps.connections.announced(connectionId);
      }
    },
    /** Have all sellers an access token? */
    async haveTokens(): Promise<boolean> {
      const connections = await deps.connections.list();
      const tokens = await Promise.all(
        connections.map(({ connectionId }) => deps.credentials.accessToken(connectionId)),
      );
      return tokens.every((token) => token !== undefined);
    },
    /** How many different webhooks, calls, … are in the audit log, by kind of entry. */
    async auditEntries(): Promise<Record<string, number>> {
      const { size } = (await loadHead(engine.store, origin)).edge;
      const tree = openStoredTree(engine.store, origin);
      const ids = new Map<string, Set<string>>();
      for (let start = 0; start < size; start += ENTRIES_PER_LOOK) {
        for (const bytes of await tree.entries(start, Math.min(size, start + ENTRIES_PER_LOOK))) {
          const { kind, id } = decodeEntry(bytes);
          ids.set(kind, (ids.get(kind) ?? new Set()).add(id));
        }
      }
      return Object.fromEntries([...ids].map(([kind, { size }]) => [kind, size]));
    },
    async orders(): Promise<number> {
      const connections = await deps.connections.list();
      const lists = await Promise.all(
        connections.map(({ connectionId }) => deps.orders.list(connectionId, { limit: 100_000 })),
      );
      return lists.flat().length;
    },
    async stop(): Promise<void> {
      for (const child of children) child.kill('SIGTERM');
      await Promise.all(children.map(ended));
      proxy.close();
      await servedSandboxes.stop();
      await engine.close();
    },
  };
}

/** The bucket that `createStack` leaves to who wants it; here nothing has to be locked. */
async function createArchive(stack: string): Promise<void> {
  const region = process.env.AWS_REGION as 'eu-central-1';
  const s3 = new S3Client({ forcePathStyle: true });
  const Bucket = bucketName(stack, ARCHIVE, ACCOUNT, region);
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }));
  s3.destroy();
}

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

async function untilHealthy(name: string, child: ChildProcess, port: number): Promise<void> {
  const deadline = realClock.now() + START_MS;
  while (child.exitCode === null && realClock.now() < deadline) {
    const isWell = await fetch(`http://${HOST}:${port}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isWell) return;
    await realClock.sleep(LOOK_EVERY_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`${name} did not start within ${START_MS / 1000} s`);
}
