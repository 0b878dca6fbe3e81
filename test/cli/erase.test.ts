import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { ACCOUNT, BUYER, filledFolder, ORDER_ID, run, runJson } from '#test/cli/filled-data.ts';

const EMAIL = `${BUYER}@example.com`;
const ORDERS = [ORDER_ID, 'order-2', 'order-3'];

/** The events that wait for the audit log, and what the queue holds as text. */
async function audited(folder: string) {
  const world = await openWorld(readConfig({ SLUICE_DATA: folder, SLUICE_LOG_LEVEL: 'silent' }), 'test', {
    sendsTicks: false,
  });
  const options = { maxMessages: 100, visibilityTimeoutMs: 1, waitMs: 0 };
  const bodies = (await world.engine.queues.receive('audit', options)).map(({ body }) => body);
  await world.engine.close();
  return { text: bodies.join('\n'), events: bodies.flatMap((body) => JSON.parse(body)) };
}

async function leftOf(folder: string): Promise<string[]> {
  const shown = ORDERS.map((orderId) => runJson(folder, 'orders', 'show', 'ebay-1', orderId, '--buyer'));
  return (await Promise.all(shown)).flatMap(({ json }) => (json.buyer ? [json.orderId] : []));
}

test('a buyer is erased by an order: that order’s data alone, recorded without a word of them', async () => {
  const folder = await filledFolder();
  const { exitCode, json } = await runJson(folder, 'erase', '--order', 'order-2');
  assert.equal(exitCode, 0);
  assert.deepEqual(json.erased, [{ connectionId: 'ebay-1', orderId: 'order-2' }]);
  const { events, text } = await audited(folder);
  const told = events.map(({ type, data }) => [type, data.orderId ?? data.target]);
  assert.deepEqual(told, [
    ['buyer.erased', 'order-2'],
    ['operator-action.recorded', 'ebay-1/order-2'],
  ]);
  assert.ok(!text.includes(BUYER));
  assert.deepEqual(await leftOf(folder), [ORDER_ID, 'order-3']);
});

for (const [how, whom] of [
  ['--email', EMAIL.toUpperCase()],
  ['--account', ACCOUNT],
] as const) {
  test(`a buyer is erased by ${how}: all of their orders, wherever they are`, async () => {
    const folder = await filledFolder();
    assert.deepEqual((await runJson(folder, 'erase', how, 'somebody@else.example')).json.erased, []);
    assert.deepEqual(await leftOf(folder), ORDERS);
    const { json } = await runJson(folder, 'erase', how, whom);
    assert.deepEqual(json.erased.map(({ orderId }: { orderId: string }) => orderId).sort(), ORDERS);
    assert.deepEqual(await leftOf(folder), []);
    const again = await run(folder, 'erase', how, whom);
    assert.equal(again.exitCode, 0);
    assert.match(again.out, /No data of the buyer were left/);
    const { events, text } = await audited(folder);
    assert.equal(events.filter(({ type }) => type === 'buyer.erased').length, 3);
    assert.ok(!text.toLowerCase().includes(whom.toLowerCase()));
  });
}

test('all buyers of a connection are erased, and none of another', async () => {
  const folder = await filledFolder();
  assert.deepEqual((await runJson(folder, 'erase', '--everyone', '--connection', 'shopee-1')).json.erased, []);
  assert.equal((await runJson(folder, 'erase', '--everyone', '--connection', 'ebay-1')).json.erased.length, 3);
  assert.deepEqual(await leftOf(folder), []);
});

test('a call that does not say whom to erase erases nobody', async () => {
  const folder = await filledFolder();
  for (const [wrong, exitCode, says] of [
    [[], 2, /needs one of --email, --account, --order, --everyone/],
    [['--email', EMAIL, '--order', 'order-2'], 2, /needs one of/],
    [['--everyone'], 2, /needs --connection/],
    [['--order', 'lost'], 1, /no order lost/],
    [['--email', EMAIL, '--connection', 'lost'], 1, /no connection lost/],
  ] as const) {
    const ran = await run(folder, 'erase', ...wrong);
    assert.equal(ran.exitCode, exitCode);
    assert.match(ran.err, says);
  }
  assert.deepEqual(await leftOf(folder), ORDERS);
});
