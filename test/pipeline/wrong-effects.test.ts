import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FunctionDeps } from '#platform/functions/deps.ts';
import { type Account, type OrderChanged, wrongEffects } from './wrong-effects.ts';

const PLACED_AT = Date.parse('2026-11-24T06:00:00Z');
const ORDER = {
  marketplace: 'ebay',
  connectionId: 'ebay-1',
  orderId: 'o1',
  status: 'unshipped',
  currency: 'GBP',
  total: '0.00',
  placedAt: new Date(PLACED_AT).toISOString(),
  updatedAt: new Date(PLACED_AT).toISOString(),
  lines: [],
  packages: [],
};
const BOOK = { orderId: 'o1', sellerId: 'anna', status: 'placed', currency: 'GBP', lines: [], shipment: null };
const ACCOUNT = {
  name: 'ebay',
  sellers: [{ sellerId: 'anna' }],
  orders: [{ ...BOOK, placedAt: PLACED_AT, updatedAt: PLACED_AT }],
} as unknown as Account;

const told = (id: string, orderVersion: number, order: object = ORDER): OrderChanged =>
  ({ id, type: 'order.changed', data: { order, orderVersion } }) as unknown as OrderChanged;

/** What is wrong where the order is stored like this, and these events were told. */
const wrong = (stored: { orderVersion: number; order?: object } | undefined, events: OrderChanged[]) => {
  const found = stored && { order: ORDER, ...stored };
  return wrongEffects({ orders: { get: async () => found } } as unknown as FunctionDeps, [ACCOUNT], events);
};

test('exactly one effect: the order is stored as in the books, and each version was told under one id', async () => {
  assert.deepEqual(await wrong({ orderVersion: 2 }, [told('a', 1), told('b', 2), told('a', 1)]), []);
});

test('whatever is missing, twice, or otherwise than in the books is told', async () => {
  assert.deepEqual(await wrong(undefined, []), ['ebay-1/o1 is missing']);
  assert.match((await wrong({ orderVersion: 1 }, [told('a', 1), told('b', 1)])).join(), /2 events of version 1/);
  assert.match((await wrong({ orderVersion: 2 }, [told('b', 2)])).join(), /events of versions 2, not 1,2/);
  assert.match((await wrong({ orderVersion: 1 }, [])).join(), /events of versions , not 1/);
  const other = { ...ORDER, currency: 'EUR' };
  assert.match((await wrong({ orderVersion: 1, order: other }, [told('a', 1, other)])).join(), /another currency/);
  assert.match((await wrong({ orderVersion: 1 }, [told('a', 1, other)])).join(), /its last event differs/);
  const stray = told('c', 1, { ...ORDER, orderId: 'o9' });
  assert.deepEqual(await wrong({ orderVersion: 1 }, [told('a', 1), stray]), ['ebay-1/o9 is in no book']);
});
