import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { deadLetterQueue, QUEUES, type QueueName, routes, schedules } from '#events/routes.ts';
import { type FunctionTopology, functions, isPrefix, sellerSystems, tables } from '#infra/topology.ts';
import { marketplaces, otherSources } from '#marketplaces/index.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { auditKeySecret, registrationSecret } from '#platform/state/secrets.ts';
import type { Use } from './recorded-engine.ts';
import { AUDIT_LOGS, recordRun } from './recorded-run.ts';

/** Amazon, in whose place the sandbox sends */
const OUTSIDE: QueueName = 'amazon-notifications';

/** All that the topology lets a function do. */
function allowedTo({ consumes, sends, reads, writes, secrets, archives }: FunctionTopology): Set<Use> {
  const known = [
    ...[...marketplaces, ...otherSources].map(({ name }) => registrationSecret(name)),
    ...AUDIT_LOGS.map(auditKeySecret),
  ];
  const named = (name: string): string[] => (isPrefix(name) ? known.filter((each) => each.startsWith(name)) : [name]);
  return new Set<Use>([
    ...consumes.flatMap((queue): Use[] => [`consume ${queue}`, `send ${queue}`, `send ${deadLetterQueue(queue)}`]),
    ...sends.map((queue): Use => `send ${queue}`),
    ...reads.map((table): Use => `read ${table}`),
    ...writes.map((table): Use => `write ${table}`),
    ...[...secrets.reads, ...secrets.creates].flatMap(named).map((name): Use => `read-secret ${name}`),
    ...secrets.creates.flatMap(named).map((name): Use => `create-secret ${name}`),
    ...(archives ? (['archive audit'] as const) : []),
  ]);
}

test('the topology names every function of services/, once', () => {
  const services = readdirSync('services').filter((name) => name !== 'all-in-one');
  assert.deepEqual(functions.map(({ name }) => name).sort(), services.sort());
});

test('each queue has one consumer: a function, or the seller’s systems', () => {
  const consumed = [...functions, sellerSystems].flatMap(({ consumes }) => consumes);
  assert.deepEqual(consumed.sort(), [...QUEUES].sort());
});

test('every queue of a route is sent to by a function, and every tick goes to a queue that a function consumes', () => {
  const sent = new Set(functions.flatMap(({ sends }) => sends));
  const routed = new Set(Object.values(routes).flat());
  assert.deepEqual([...sent].sort(), [...routed, OUTSIDE].sort());
  const consumed = functions.flatMap(({ consumes }) => consumes);
  assert.deepEqual(
    schedules.filter(({ queue }) => !consumed.includes(queue)),
    [],
  );
});

test('each table is read and written by a function', () => {
  const unwritten = tables.filter((table) => !functions.some(({ writes }) => writes.includes(table)));
  assert.deepEqual(unwritten, []);
  const unread = tables.filter((table) => !functions.some(({ reads }) => reads.includes(table)));
  assert.deepEqual(unread, ['raw-orders']); // for people who look into what a marketplace said
});

test('a function serves on the port that its setting has by default', () => {
  const config = readConfig({});
  const byDefault: Record<string, number> = {
    SLUICE_PORT: config.port,
    SLUICE_CONSENT_PORT: config.consentPort,
    SLUICE_SELLER_API_PORT: config.sellerApiPort,
    SLUICE_AUDIT_PORT: config.auditPort,
  };
  for (const { serves } of functions) if (serves) assert.equal(serves.port, byDefault[serves.setting], serves.setting);
});

test('a function does all that the topology lets it do, and nothing else', async () => {
  const recorded = await recordRun();
  for (const topology of functions) {
    const [used, allowed] = [recorded.get(topology.name)!, allowedTo(topology)];
    assert.deepEqual([...used.difference(allowed)], [], `${topology.name} did what the topology does not let it do`);
    assert.deepEqual([...allowed.difference(used)], [], `${topology.name} is let do what it never did`);
  }
});
