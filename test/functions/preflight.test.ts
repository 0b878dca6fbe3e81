import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functions } from '#infra/topology.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Engine } from '#platform/engines/engine.ts';
import { needsOf } from '#platform/functions/needs.ts';
import { type Needs, type PreflightDeps, preflight } from '#platform/functions/preflight.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { registrationSecret } from '#platform/state/secrets.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const AWS = { engine: 'aws', stack: 'acme', dataDirectory: '.sluice' } as const;
const EMBEDDED = { ...AWS, engine: 'embedded' } as const;
const WITHIN_MS = 10_000;
const NEEDS: Needs = {
  consumes: ['sync'],
  sends: ['audit'],
  reads: ['orders'],
  writes: ['leases'],
  secrets: ['sluice/registrations/', 'sluice/data-key'],
  oneOfSecrets: [registrationSecret('ebay'), registrationSecret('shopee')],
};

/** `<what is asked> <of what>`, such as `depth sync` */
type Asked = (what: string) => void | Promise<void>;

/** An engine that has one registration, asks the test before it answers, and notes what it was asked. */
async function createWorld(asked: Asked = () => {}) {
  const clock = drivenClock();
  const inner = openEmbeddedEngine({ path: ':memory:', clock });
  await inner.secrets.put(registrationSecret('shopee'), '{}');
  const log: string[] = [];
  const ask = async (what: string): Promise<void> => {
    log.push(what);
    await asked(what);
  };
  const engine: Engine = {
    ...inner,
    queues: { ...inner.queues, depth: (queue) => ask(`depth ${queue}`).then(() => inner.queues.depth(queue)) },
    store: {
      ...inner.store,
      get: (table, ...key) => ask(`get ${table}`).then(() => inner.store.get(table, ...key)),
      write: (writes) => ask(`write ${writes.map(({ table }) => table)}`).then(() => inner.store.write(writes)),
    },
    secrets: { ...inner.secrets, get: (name) => ask(`secret ${name}`).then(() => inner.secrets.get(name)) },
  };
  const startedAt = clock.now();
  return { clock, engine, inner, log, elapsedMs: () => clock.now() - startedAt };
}

const lineOf = async (deps: PreflightDeps, needs: Needs = NEEDS, config: Parameters<typeof preflight>[2] = AWS) => {
  const error = await preflight(deps, needs, config).then(
    () => assert.fail('the preflight went well'),
    (thrown: Error) => thrown,
  );
  assert.ok(!error.message.includes('\n'), 'more than one line');
  return error.message;
};

const wrong = (code: string, says: string) => new Failure('permanent', says, { code });
const trouble = (code: string, says: string) => new Failure('retryable', says, { code });

test('each queue with its dead-letter queue, each table and each secret that a function needs is asked for', async () => {
  const { log, ...deps } = await createWorld();
  await preflight(deps, NEEDS, AWS);
  assert.deepEqual(log.sort(), [
    'depth audit',
    'depth sync',
    'depth sync-dead-letters',
    'get orders',
    'secret sluice/data-key',
    'secret sluice/registrations/ebay',
    'secret sluice/registrations/preflight',
    'secret sluice/registrations/shopee',
    'write leases',
  ]);
});

test('all that the topology lists of a function is needed, and by all-in-one what every function needs', () => {
  for (const { name, consumes, sends, reads, writes, secrets } of functions) {
    const needs = needsOf(name);
    assert.deepEqual(
      [needs.consumes, needs.sends, needs.reads, needs.writes, needs.secrets],
      [consumes, sends, reads, writes, [...secrets.reads, ...secrets.creates]],
    );
  }
  const all = needsOf('all-in-one');
  for (const { isSimulated, consumes, writes } of functions) {
    if (isSimulated) continue;
    assert.ok(consumes.every((queue) => all.consumes.includes(queue)));
    assert.ok(writes.every((table) => all.writes.includes(table)));
  }
});

test('a preflight leaves nothing behind', async () => {
  const { inner, ...deps } = await createWorld();
  await preflight(deps, NEEDS, AWS);
  assert.deepEqual(await inner.store.range('leases', 'preflight', { limit: 1 }), []);
  assert.deepEqual(await inner.queues.depth('sync'), { visible: 0, inFlight: 0, delayed: 0 });
});

/** What is wrong, as AWS's engine tells it: where it shows, the failure, and what the line must name. */
const WRONG: readonly (readonly [what: string, where: string, failure: Failure, names: RegExp])[] = [
  ['no region', 'depth sync', wrong('engine-no-region', 'no AWS region is set: set AWS_REGION'), /AWS_REGION/],
  [
    'no credentials',
    'depth sync',
    wrong('engine-no-credentials', 'there are no AWS credentials: set AWS_SHARED_CREDENTIALS_FILE'),
    /AWS_SHARED_CREDENTIALS_FILE/,
  ],
  [
    'a missing queue, or a wrong region',
    'depth audit',
    wrong('engine-missing', 'the queue acme-audit is not there: check SLUICE_STACK and AWS_REGION'),
    /acme-audit.*SLUICE_STACK.*AWS_REGION/,
  ],
  [
    'a missing table',
    'get orders',
    wrong('engine-missing', 'the table acme-orders is not there: check SLUICE_STACK and AWS_REGION'),
    /acme-orders.*SLUICE_STACK/,
  ],
  [
    'a table that may be read and not written',
    'write leases',
    wrong('engine-denied', 'dynamodb:PartiQLUpdate on the table acme-leases is not permitted'),
    /dynamodb:PartiQLUpdate.*acme-leases/,
  ],
  [
    'a secret that may not be read',
    'secret sluice/registrations/preflight',
    wrong('engine-denied', 'secretsmanager:GetSecretValue on the secret acme/registrations/… is not permitted'),
    /secretsmanager:GetSecretValue/,
  ],
];

for (const [what, where, failure, names] of WRONG) {
  test(`${what}: one line names it, at once`, async () => {
    const { elapsedMs, ...deps } = await createWorld((asked) => {
      if (asked === where) throw failure;
    });
    assert.match(await lineOf(deps), names);
    assert.equal(elapsedMs(), 0);
  });
}

test('without any registration on AWS, one line names the secret and the stack', async () => {
  const { engine, clock } = await createWorld();
  const needs = { ...NEEDS, oneOfSecrets: [registrationSecret('ebay')] };
  assert.match(await lineOf({ engine, clock }, needs), /acme\/registrations\/<marketplace>.*SLUICE_STACK/);
  const here = { engine, clock, freeBytesOf: () => 1e12 };
  await preflight(here, needs, EMBEDDED); // on a laptop it is only new
});

test('trouble that passes is tried again, only there, and the start goes on', async () => {
  let troubles = 3;
  const { log, elapsedMs, ...deps } = await createWorld((asked) => {
    if (asked === 'get orders' && troubles-- > 0) throw trouble('engine-throttled', 'AWS throttles');
  });
  await preflight(deps, NEEDS, AWS);
  assert.ok(elapsedMs() > 0 && elapsedMs() < WITHIN_MS, `${elapsedMs()} ms`);
  assert.equal(log.filter((asked) => asked === 'get orders').length, 4);
  assert.equal(log.filter((asked) => asked === 'depth sync').length, 1);
});

test('trouble that goes on is its line, within ten seconds', async () => {
  const { elapsedMs, ...deps } = await createWorld(() => {
    throw trouble('engine-unreachable', 'AWS is not reached: check the network, AWS_ENDPOINT_URL (ECONNREFUSED)');
  });
  assert.match(await lineOf(deps), /AWS_ENDPOINT_URL/);
  assert.ok(elapsedMs() < WITHIN_MS, `${elapsedMs()} ms`);
});

test('an engine that never answers is a line that names the settings, within ten seconds', async () => {
  const { elapsedMs, ...deps } = await createWorld(() => new Promise(() => {}));
  assert.match(await lineOf(deps), /AWS_REGION and AWS_ENDPOINT_URL/);
  assert.ok(elapsedMs() < WITHIN_MS, `${elapsedMs()} ms`);
});

test('what is wrong is told although another probe never answers', async () => {
  const { elapsedMs, ...deps } = await createWorld((asked) => {
    if (asked === 'depth sync') return new Promise(() => {});
    if (asked === 'get orders') throw wrong('engine-missing', 'the table acme-orders is not there');
    return undefined;
  });
  assert.match(await lineOf(deps), /acme-orders/);
  assert.equal(elapsedMs(), 0);
});

for (const [offsetMs, line] of [
  [300_000, /300 s behind that of AWS/],
  [-300_000, /300 s ahead of that of AWS/],
] as const) {
  test(`a clock that is off by ${-offsetMs} ms is named, also where AWS speaks of the signature`, async () => {
    const well = await createWorld();
    const clockOffsetMs = (): number => offsetMs;
    assert.match(await lineOf({ ...well, engine: { ...well.engine, clockOffsetMs } }), line);
    const refused = await createWorld(() => {
      throw wrong('engine-credentials-refused', 'AWS refuses the credentials');
    });
    assert.match(await lineOf({ ...refused, engine: { ...refused.engine, clockOffsetMs } }), line);
  });
}

test('a clock that is off by seconds is no trouble: the budgets reckon with it', async () => {
  const { engine, clock } = await createWorld();
  await preflight({ clock, engine: { ...engine, clockOffsetMs: () => 25_000 } }, NEEDS, AWS);
});

test('on one machine, a full disk and a damaged file are told at once, and where the data are', async () => {
  const full = await createWorld();
  const freeBytesOf = (): number => 4_096;
  assert.match(await lineOf({ ...full, freeBytesOf }, NEEDS, EMBEDDED), /disk is full, 4 KiB.*SLUICE_DATA is \.sluice/);
  const { elapsedMs, ...damaged } = await createWorld(() => {
    throw trouble('engine-damaged', 'the database file is damaged: restore a copy');
  });
  const deps = { ...damaged, freeBytesOf: () => 1e12 };
  assert.match(await lineOf(deps, NEEDS, EMBEDDED), /damaged: restore a copy; SLUICE_DATA is \.sluice/);
  assert.equal(elapsedMs(), 0);
});
