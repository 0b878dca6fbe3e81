import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { z } from 'zod';
import { ORDER_STATUSES, order, orderLine, orderPackage } from '#events/order.ts';
import type { Limit, Marketplace } from '#marketplaces/marketplace.ts';
import { type Inputs, readsOf } from '#test/marketplaces/conversations.ts';
import { members } from '#test/marketplaces/members.ts';
import { recorded } from '#test/marketplaces/recorded.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const sections = new Map(
  readFileSync(join(import.meta.dirname, '../../docs/marketplaces.md'), 'utf8')
    .split(/^## /m)
    .map((section): [string, string] => [/^.*\(`([a-z-]+)`\)/.exec(section)?.[1] ?? '', section]),
);

/** Rows of the operations table, and what each is about. */
const ROWS: Record<string, (keyof Inputs)[]> = {
  tokens: ['exchange', 'refresh', 'app token'],
  'who consented': ['identify'],
  'orders of a window': ['page'],
  'orders by id': ['details'],
  stock: ['stock'],
  'stock in force': ['stock check'],
  shipment: ['shipment'],
  subscription: ['subscription'],
  'missed notifications': ['missed'],
  'public key': ['public key'],
};

const wordsIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);

/** The second cell of a table's row. */
function cellOf(section: string, row: string): string {
  const cell = section.split('\n').flatMap((line) => {
    const [, first, second] = line.split('|').map((part) => part.trim());
    return first === row ? [second ?? ''] : [];
  });
  assert.equal(cell.length, 1, `one row '${row}'`);
  return cell[0]!;
}

const duration = (ms: number): string => {
  if (ms % DAY_MS === 0) return `${ms / DAY_MS} d`;
  if (ms % HOUR_MS === 0) return `${ms / HOUR_MS} h`;
  return ms % MINUTE_MS === 0 ? `${ms / MINUTE_MS} min` : `${ms / 1000} s`;
};

function pollingOf({ orders }: Marketplace): string {
  const { pollEveryMs, overlapMs, settleMs, maxWindowMs, detailBatch, pageSize } = orders;
  const window = `${duration(overlapMs)} of overlap, up to ${duration(settleMs)} ago, ${duration(maxWindowMs)} at most`;
  const page = pageSize === undefined ? 'pages name the orders' : `${pageSize} orders a page`;
  return `Polling: every ${duration(pollEveryMs)}, ${window}; ${page}, ${detailBatch} by id in one call.`;
}

const SCOPES = { app: 'app', connection: 'seller', 'app-and-connection': 'seller' };

/** One row for the buckets that share a limit and its source. */
function limitRows(limits: readonly Limit[]): string[] {
  const rows = new Map<string, Set<string>>();
  for (const { bucket, scope, ratePerSecond, burst, source } of limits) {
    const rate = Number(ratePerSecond.toPrecision(4));
    const limit = `| ${SCOPES[scope]} | ${rate}/s, ${burst} at once | ${source} |`;
    rows.set(limit, (rows.get(limit) ?? new Set()).add(`\`${bucket}\``));
  }
  return [...rows].map(([limit, buckets]) => `| ${[...buckets].join(', ')} ${limit}`);
}

/** Fields of our normal form. */
const FIELDS = [
  ...Object.keys(order.shape).filter((field) => !['marketplace', 'connectionId', 'lines', 'packages'].includes(field)),
  ...[orderLine, orderPackage].flatMap(({ shape }) => Object.keys(shape)),
  ...['name', 'email', 'phone', 'addressLines', 'city', 'region', 'postalCode', 'countryCode'],
];

for (const { marketplace } of members) {
  const { name } = marketplace;
  const section = sections.get(name) ?? '';
  const { conversations } = recorded[name]!;
  const operations = Object.keys(ROWS).flatMap((row) => (section ? wordsIn(cellOf(section, row)) : []));

  test(`docs: what works at ${name} is what its connector has`, () => {
    assert.notEqual(section, '', 'there is a section');
    const has = readsOf(marketplace);
    for (const [row, reads] of Object.entries(ROWS)) {
      const told = wordsIn(cellOf(section, row));
      const held = conversations.filter(({ read }) => reads.includes(read));
      assert.equal(told.length > 0 || cellOf(section, row).startsWith('yes'), held.length > 0, `row '${row}'`);
      assert.equal(
        held.length > 0,
        reads.some((read) => has.includes(read)),
      );
      if (row === 'who consented') continue;
      for (const operation of held.flatMap(({ answers }) => answers.map((answer) => answer.operation))) {
        assert.ok(told.includes(operation), `row '${row}' lacks ${operation}`);
      }
    }
  });

  test(`docs: the limits of ${name} are those in force`, () => {
    for (const row of limitRows(operations.flatMap((operation) => marketplace.limits.forOperation(operation)))) {
      assert.ok(section.includes(row), row);
    }
  });

  test(`docs: how orders of ${name} are polled is as it is`, () => {
    assert.ok(section.includes(pollingOf(marketplace)), pollingOf(marketplace));
  });

  test(`docs: where each field of our form comes from at ${name}`, () => {
    const ours = section.split('\n').flatMap((line) => wordsIn(line.split('|')[1] ?? ''));
    for (const field of FIELDS) assert.ok(ours.includes(field), field);
    for (const status of ORDER_STATUSES) assert.ok(section.includes(`\`${status}\``), status);
  });

  test(`docs: every setting of ${name} is named`, () => {
    const { shape } = marketplace.appSchema as unknown as z.ZodObject;
    const references = Object.keys(marketplace.inventory?.references ?? {});
    const named = wordsIn(section);
    for (const setting of [...Object.keys(shape), ...references]) assert.ok(named.includes(setting), setting);
  });
}
