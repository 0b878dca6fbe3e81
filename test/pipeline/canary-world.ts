import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { BookBuyer, BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults, type Fault } from '#marketplaces/sandbox-kit/faults.ts';
import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Engine, OutgoingMessage, Write } from '#platform/engines/engine.ts';
import { createFunctionDeps, type World } from '#platform/functions/deps.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import type { Send } from '#platform/runtime/send.ts';
import { connectSandboxes } from '#services/all-in-one/connect-sandboxes.ts';
import { createMemoryNetwork } from '#services/all-in-one/memory-network.ts';
import { startAllInOne } from '#services/all-in-one/start.ts';
import { createSandboxes } from '#services/sandbox/sandboxes.ts';
import { members } from '#test/marketplaces/members.ts';

const START_AT = Date.parse('2026-11-24T06:00:00.000Z');
const SANDBOX_ORIGIN = 'http://sandbox.test';
export const SLUICE_ORIGIN = 'http://sluice.test';
const RECEIVE_WAIT_MS = 3_600_000;
/** longer than the test */
const AUDIT_RETENTION_DAYS = 548;
const MINUTE_MS = 60_000;
/** share of answers that are not what was asked for, but hold all of it */
const STRANGE_SHARE = 0.03;
const FAULTS: Partial<Record<Fault, number>> = {
  ...{ 'server-error': 0.01, 'server-error-after-effect': 0.01, truncate: 0.02, 'drop-answer': 0.01 },
  ...{ 'expire-access-token': 0.01, 'duplicate-webhook': 0.1 },
};

/** Faults that lose an answer: where refresh tokens rotate, that would cost a seller's consent, and the orders with it. */
const LOSES_ANSWERS: readonly Fault[] = ['server-error-after-effect', 'truncate', 'drop-answer'];
const TOKEN_PATH = /token|oauth/i;

/** stands in every value of every buyer */
export const MARK = 'zqcanary';
/** what is secret in a registration is named so, and no short number */
const SECRET_FIELD = /secret|key|token|password/i;
const NOT_SECRET = /url|appKey|apiKey/;
const MIN_SECRET_LENGTH = 16;
/** fields of answers that hold tokens, in any marketplace's writing */
const TOKEN = /"(?:access_?token|refresh_?token|appToken|token)"\s*:\s*"([^"]{16,})"/gi;

export type Planted = { sandbox: Sandbox; connectionId: string; order: BookOrder };

/** A buyer whose every value is a canary. */
function canaryBuyer(n: number): BookBuyer {
  return {
    name: `${MARK}-name-${n} Person`,
    email: `${MARK}-mail-${n}@buyers.example`,
    phone: `${MARK}-phone-${n}`,
    street: `${n} ${MARK}-street-${n}`,
    city: `${MARK}-city-${n}`,
    postalCode: `${MARK}-zip-${n}`,
    countryCode: 'GB',
  };
}
export const valuesOf = ({ countryCode: _, ...buyer }: BookBuyer): string[] => Object.values(buyer);

/** The database that an engine opens in memory: the engine itself shows no table as a whole. */
function capture<Result>(open: () => Result): [Result, DatabaseSync] {
  const { prepare } = DatabaseSync.prototype;
  let captured: DatabaseSync | undefined;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
    captured = this;
    return prepare.call(this, sql);
  };
  try {
    return [open(), captured!];
  } finally {
    DatabaseSync.prototype.prepare = prepare;
  }
}

/** Everything in simulated time, with all that leaves a function noted: log lines, messages, writes. */
export async function startCanaryWorld(options: { seed: string; sellers: number }) {
  const clock = virtualClock(START_AT);
  const random = (name: string) => seededRandom(`${options.seed}/${name}`);
  const network = createMemoryNetwork({ clock, random: random('network') });
  const [memory, database] = capture(() => openEmbeddedEngine({ path: ':memory:', clock }));
  /** all that must hold no canary, by where it was */
  const seen: Record<'log' | 'queue' | 'dead-letter queue' | 'store', string[]> = {
    ...{ log: [], queue: [], 'dead-letter queue': [], store: [] },
  };
  const writes: Write[] = [];
  const secrets = new Set<string>();

  const note = (written: readonly Write[]): void => {
    writes.push(...written);
    seen.store.push(...written.map((write) => JSON.stringify(write)));
  };
  const engine: Engine = {
    ...memory,
    queues: {
      ...memory.queues,
      async send(queue: string, messages: readonly OutgoingMessage[]) {
        const to = queue.endsWith('-dead-letters') ? seen['dead-letter queue'] : seen.queue;
        to.push(...messages.map((message) => JSON.stringify(message)));
        return memory.queues.send(queue, messages);
      },
    },
    store: {
      ...memory.store,
      async write(written) {
        note(written);
        return memory.store.write(written);
      },
      async writeAtomically(written) {
        note(written);
        return memory.store.writeAtomically(written);
      },
    },
  };
  const log = (fields: Record<string, unknown>, message: string): void =>
    void seen.log.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { info: log, warn: log, error: log };

  /** Learns the tokens, and now and then answers with what no reader expects, and still with all of the buyer in it. */
  const strange = random('strange');
  let strangeShare = 0;
  const send: Send = async (request, sent) => {
    const response = await network.send(request, sent);
    if (!request.url.startsWith(SANDBOX_ORIGIN)) return response;
    for (const [, token] of response.body.matchAll(TOKEN)) secrets.add(token!);
    if (response.status !== 200 || strange.fraction() >= strangeShare || /token/i.test(request.url)) return response;
    const bodies = [
      `<html><p>${response.body}</p></html>`,
      response.body.replaceAll(/:\s*("[^"]*")/g, (_, value: string) => `: [${value}]`),
      `${response.body}${response.body}`,
      JSON.stringify({ [`${MARK}-field`]: response.body }),
    ];
    return { ...response, body: bodies[Math.floor(strange.fraction() * bodies.length)]! };
  };

  const world: World = {
    ...{ engine, clock, send, logger },
    random: random('functions'),
    consuming: { waitMs: RECEIVE_WAIT_MS },
  };
  const faults = createFaults(random('faults').fraction);
  const { strikes } = faults;
  faults.strikes = (fault, path) => !(LOSES_ANSWERS.includes(fault) && TOKEN_PATH.test(path)) && strikes(fault, path);
  const sandboxRandom = random('sandboxes');
  const { app, byName } = createSandboxes(
    {
      now: clock.now,
      sleep: (ms) => clock.sleep(ms),
      random: sandboxRandom.fraction,
      randomHex: sandboxRandom.hex,
      send: network.send,
      async enqueue(queue, body) {
        await memory.queues.send(queue, [{ body }]); // what Amazon puts into its own queue is none of ours yet
      },
      faults,
    },
    { publicUrl: SANDBOX_ORIGIN, webhooksUrl: `${SLUICE_ORIGIN}/webhooks`, sellers: options.sellers },
  );
  network.listen(SANDBOX_ORIGIN, app);

  const untilDone = clock.runUntilDone;
  const sandboxes = [...byName.values()];
  await untilDone(connectSandboxes(world, sandboxes));
  const allInOne = await startAllInOne(world, { publicUrl: SLUICE_ORIGIN, auditRetentionDays: AUDIT_RETENTION_DAYS });
  network.listen(SLUICE_ORIGIN, allInOne.intake);

  for (const { registration, sellers } of sandboxes) {
    const named = Object.entries(registration).filter(([name]) => SECRET_FIELD.test(name) && !NOT_SECRET.test(name));
    const held = [...named.flatMap(([, value]) => value), ...sellers.map(({ refreshToken }) => refreshToken)];
    for (const value of held) {
      if (typeof value === 'string' && value.length >= MIN_SECRET_LENGTH) secrets.add(value);
    }
  }

  let buyers = 0;
  return {
    ...{ clock, engine, network, sandboxes, seen, writes, secrets, allInOne, untilDone },
    deps: await createFunctionDeps(world, 'canary'),
    /** What Amazon itself puts into its queue. */
    amazonSends: (body: string) => memory.queues.send('amazon-notifications', [{ body }]),
    pass: (ms: number): Promise<void> => clock.run({ endAt: clock.now() + ms }),
    setFaults(areOn: boolean): void {
      strangeShare = areOn ? STRANGE_SHARE : 0;
      for (const [fault, rate] of Object.entries(FAULTS)) faults.setRate(fault as Fault, areOn ? rate : 0);
    },
    /** A buyer of canaries orders at each seller; the order goes its way in the hours after. */
    place(): Planted[] {
      return sandboxes.flatMap((sandbox) =>
        sandbox.sellers.map(({ sellerId }, index) => {
          const currency = members.find(({ marketplace }) => marketplace.name === sandbox.name)?.currency ?? 'GBP';
          const lines = [{ sku: `SKU-${buyers % 7}`, title: 'A lantern', quantity: 1, unitPrice: '2.50' }];
          const order = sandbox.books.place(sellerId, { currency, lines, buyer: canaryBuyer(++buyers) });
          return { sandbox, connectionId: `${sandbox.name}-${index + 1}`, order };
        }),
      );
    },
    /** Some orders are sent, some delivered, some cancelled. */
    change({ sandbox: { books }, order: { orderId } }: Planted, n: number): void {
      if (n % 5 === 0) return void books.cancel(orderId);
      if (n % 5 === 1) return;
      books.ship(orderId, { carrier: 'DPD', trackingNumber: `TR${n}GB` });
      if (n % 5 > 2) void clock.sleep(10 * MINUTE_MS).then(() => books.deliver(orderId));
    },
    /** Stops all functions and writes what is left as a data directory of its own, as `sluice` opens it. */
    async intoFolder(): Promise<string> {
      await untilDone(allInOne.stopButAuditLog());
      for (let isEmpty = false; !isEmpty; ) {
        await clock.run({ endAt: clock.now() + 1_000 });
        const { visible, inFlight, delayed } = await engine.queues.depth('audit');
        isEmpty = visible + inFlight + delayed === 0;
      }
      await untilDone(allInOne.stop());
      const folder = mkdtempSync(join(tmpdir(), 'sluice-canary-'));
      process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
      database.exec(`VACUUM INTO '${join(folder, 'sluice.sqlite')}'`);
      const names = ['data-key', 'audit-key', ...sandboxes.map(({ name }) => `registrations/${name}`)];
      const kept: Record<string, string> = {};
      for (const name of names) kept[`sluice/${name}`] = (await engine.secrets.get(`sluice/${name}`))!;
      writeFileSync(join(folder, 'secrets.json'), JSON.stringify(kept), { mode: 0o600 });
      return folder;
    },
  };
}

/** All bytes of the database of a folder, its write-ahead log too. */
export const rawDatabase = (folder: string): string =>
  readdirSync(folder)
    .filter((name) => name.startsWith('sluice.sqlite'))
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('\n');

/** All rows of the store of a folder. */
export function rowsOf(folder: string): { table_name: string; partition: string; sort: string; value: string }[] {
  const database = new DatabaseSync(join(folder, 'sluice.sqlite'), { readOnly: true });
  const rows = database.prepare('SELECT table_name, partition, sort, value FROM items').all();
  database.close();
  return rows as ReturnType<typeof rowsOf>;
}

/** The ways in which a text may stand in another: as it is, in hex, or at any place of a base64. */
export function writingsOf(text: string): string[] {
  const base64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.from('x'.repeat(before) + text).toString('base64');
    // The first and last characters hold bits of what is around.
    return encoded.slice(Math.ceil((before * 8) / 6), -4);
  });
  return [text, Buffer.from(text).toString('hex'), ...base64, ...base64.map((one) => one.replaceAll('+', '-'))];
}
