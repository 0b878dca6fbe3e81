import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '#platform/runtime/logger.ts';
import { readInvoices } from '#services/all-in-one/demo/invoices.ts';
import { type DemoReport, isRight } from '#services/all-in-one/demo/result.ts';
import { type Simulation, startSimulation } from '#services/all-in-one/demo/simulate.ts';
import { checkLive } from '#services/all-in-one/live-replay/check.ts';
import { type RemoteSandbox, reachSandboxes } from '#services/all-in-one/remote-sandboxes.ts';

const INVOICES = readInvoices('data/online-retail-2011-11.jsonl.gz').slice(0, 30);
const START_AT = Date.parse('2026-11-24T06:00:00Z');

const simulate = (seed: string): Promise<Simulation> =>
  startSimulation({ seed, startAt: START_AT, sellers: 2, faults: {}, logger: silentLogger });

/** The check in simulated time, over the simulation's network; `tamper` comes between the sandboxes and the check. */
async function check(
  simulation: Simulation,
  tamper: (sandboxes: RemoteSandbox[]) => RemoteSandbox[] = (sandboxes) => sandboxes,
): Promise<DemoReport> {
  let isEnded = false;
  const checking = reachSandboxes(simulation.deps.send, 'http://sandbox.test')
    .then(({ all }) => checkLive(simulation.deps, tamper(all), { invoices: INVOICES, tell: () => {} }))
    .finally(() => {
      isEnded = true;
    });
  const [report] = await Promise.all([checking, simulation.clock.run({ until: () => isEnded })]);
  return report;
}

test('a check finds everything right, and a second one counts only what it did itself', async () => {
  const simulation = await simulate('live');
  for (const which of ['first', 'second']) {
    const { result, complaints } = await check(simulation);
    assert.deepEqual(complaints, [], which);
    assert.ok(isRight(result), which);
    assert.equal(result.invoices, INVOICES.length);
    assert.ok(result.orders.placed > INVOICES.length * 0.8 && result.orders.placed <= INVOICES.length, which);
    assert.ok(result.calls.made > result.orders.placed && result.audit.entries > result.calls.made, which);
    assert.ok(result.seconds < 60, `${result.seconds} s`);
  }
  await simulation.stop();
});

test('webhooks that got lost do not fail the check: a poll finds the orders', async () => {
  const simulation = await simulate('lost');
  simulation.faults.setRate('lose-webhook', 0.1);
  const { result, complaints } = await check(simulation);
  assert.deepEqual(complaints, []);
  assert.ok(isRight(result));
  assert.ok(result.webhooks.lost > 0 && result.foundOnlyByPoll > 0);
  await simulation.stop();
});

test('an order that is stored otherwise than it is in the books fails the check, and is named', async () => {
  const simulation = await simulate('wrong');
  const { result, complaints } = await check(simulation, (sandboxes) =>
    sandboxes.map((sandbox) => ({
      ...sandbox,
      orders: async () => (await sandbox.orders()).map((order) => ({ ...order, currency: 'XXX' })),
    })),
  );
  assert.ok(!isRight(result));
  assert.equal(result.orders.stale, result.orders.placed);
  assert.match(complaints[0] ?? '', /differs in currency/);
  await simulation.stop();
});

test('connections that are missing are named, before anything is ordered', async () => {
  const simulation = await simulate('unseeded');
  await simulation.deps.connections.needsConsent('ebay-2', 'grant-dead');
  await assert.rejects(check(simulation), /^Error: ebay-2 is needs-consent: connect it with npm run seed$/);
  assert.equal(
    [...simulation.sandboxes.values()].reduce((sum, { books }) => sum + books.orders.size, 0),
    0,
  );
  await simulation.stop();
});
