import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shopee } from '#marketplaces/shopee/index.ts';
import { answer } from './app.ts';

const { limits } = shopee;
const refused = (error: string) => answer(JSON.stringify({ error, message: '', request_id: 'r' }));

test('a call for a shop counts against the shop and the app, one for tokens or about pushes against the app alone', () => {
  for (const operation of ['getOrderList', 'getOrderDetail', 'updateStock', 'shipOrder', 'an operation to come']) {
    assert.deepEqual(
      limits.forOperation(operation).map(({ bucket, scope, ratePerSecond }) => [bucket, scope, ratePerSecond]),
      [
        ['shop', 'connection', 10],
        ['app', 'app', 50],
      ],
    );
  }
  for (const operation of ['exchangeCode', 'refreshToken', 'getAppPushConfig', 'getLostPushMessage']) {
    assert.deepEqual(
      limits.forOperation(operation).map(({ bucket }) => bucket),
      ['app'],
    );
  }
});

test('no second holds more calls of the app than the pace that developers report as steady', () => {
  for (const { ratePerSecond, burst } of limits.forOperation('getOrderList')) assert.ok(ratePerSecond + burst < 100);
});

test('a refused call pauses its shop, a refused token call or a spent daily quota the app', () => {
  assert.deepEqual(limits.learn?.(refused('error_rate_limit'), 'getOrderList'), [
    { bucket: 'shop', blockedForMs: 2_000 },
  ]);
  assert.deepEqual(limits.learn?.({ ...answer('busy'), status: 429 }, 'getOrderList'), [
    { bucket: 'shop', blockedForMs: 2_000 },
  ]);
  assert.deepEqual(limits.learn?.(refused('common.error_rate_limit'), 'refreshToken'), [
    { bucket: 'app', blockedForMs: 2_000 },
  ]);
  const quota = { ...refused('error_limit'), headers: { date: 'Mon, 01 Dec 2025 15:59:00 GMT' } };
  assert.deepEqual(limits.learn?.(quota, 'getOrderList'), [{ bucket: 'app', blockedForMs: 60_000 }]);
});

test('other answers teach nothing', () => {
  for (const error of ['', 'error_server', 'error_auth']) {
    assert.deepEqual(limits.learn?.(refused(error), 'getOrderList'), []);
  }
  assert.deepEqual(limits.learn?.(answer('<html>'), 'getOrderList'), []);
});
