import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { BUYER, filledFolder, ORDER_ID, run, runJson } from '#test/cli/filled-data.ts';

const folder = await filledFolder();

test('orders list pages through the orders by id', async () => {
  const first = await runJson(folder, 'orders', 'list', 'ebay-1', '--limit', '2');
  assert.equal(first.exitCode, 0);
  assert.deepEqual(
    first.json.orders.map(({ orderId }: { orderId: string }) => orderId),
    [ORDER_ID, 'order-2'],
  );
  assert.equal(first.json.nextAfter, 'order-2');
  const next = await runJson(folder, 'orders', 'list', 'ebay-1', '--limit', '2', '--after', 'order-2');
  assert.deepEqual([next.json.orders.length, next.json.nextAfter], [1, null]);

  const { out } = await run(folder, 'orders', 'list', 'ebay-1', '--limit', '1');
  assert.match(out, /^ORDER +STATUS +TOTAL +CURRENCY +LINES +PLACED +UPDATED +VERSION +FOUND BY\n/);
  assert.match(out, /There are more: sluice orders list ebay-1 --after 01-03955-36441\n$/);
  assert.equal((await run(folder, 'orders', 'list', 'shopee-1')).exitCode, 0);
});

test('orders show tells all of an order but its buyer', async () => {
  const { exitCode, json } = await runJson(folder, 'orders', 'show', 'ebay-1', ORDER_ID);
  assert.equal(exitCode, 0);
  assert.deepEqual([json.orderId, json.total, json.lines[0].sku], [ORDER_ID, '15.30', '85123A']);
  assert.ok(!('buyer' in json));
  const { out } = await run(folder, 'orders', 'show', 'ebay-1', ORDER_ID);
  assert.match(out, /^total +15\.30$/m);
  assert.match(out, /^100 +85123A +6 +2\.55 +WHITE HANGING/m);
  assert.ok(!out.includes(BUYER));
});

test('the buyer is shown to whoever asks for it, and that is recorded', async () => {
  const { json } = await runJson(folder, 'orders', 'show', 'ebay-1', ORDER_ID, '--buyer');
  assert.equal(json.buyer.name, BUYER);
  assert.match(
    (await run(folder, 'orders', 'show', 'ebay-1', ORDER_ID, '--buyer')).out,
    new RegExp(`^name +${BUYER}$`, 'm'),
  );

  const world = await openWorld(readConfig({ SLUICE_DATA: folder }), 'test', { sendsTicks: false });
  const [message] = await world.engine.queues.receive('audit', {
    maxMessages: 10,
    visibilityTimeoutMs: 1000,
    waitMs: 0,
  });
  await world.engine.close();
  const [{ type, data }] = JSON.parse(message!.body);
  assert.equal(type, 'operator-action.recorded');
  assert.deepEqual(data, { action: 'orders show --buyer', target: `ebay-1/${ORDER_ID}`, operator: 'anna' });
  assert.ok(!message!.body.includes(BUYER));
});

test('the marketplace’s own JSON is shown to whoever asks for it', async () => {
  const { json } = await runJson(folder, 'orders', 'show', 'ebay-1', ORDER_ID, '--raw');
  assert.deepEqual(json.raw, { orderId: ORDER_ID });
  assert.match(
    (await run(folder, 'orders', 'show', 'ebay-1', ORDER_ID, '--raw')).out,
    /^ {2}"orderId": "01-03955-36441"$/m,
  );
  assert.equal((await runJson(folder, 'orders', 'show', 'ebay-1', 'order-2', '--raw')).json.raw, null);
});
