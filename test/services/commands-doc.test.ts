import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { marketplaces } from '#marketplaces/index.ts';
import { commandIdOf } from '#platform/state/commands.ts';
import { inventoryUpdateBody, shipmentConfirmationBody } from '#services/seller-api/schemas.ts';

const text = readFileSync('docs/commands.md', 'utf8');

test('the bodies in docs/commands.md are of the form that the API takes', () => {
  const bodies = [...text.matchAll(/-d '(\{"connectionId".*)'$/gm)].map(([, body]) => {
    const json = JSON.parse(body!.replace(/'\$\w+'/g, 'x')) as Record<string, unknown>;
    return 'orderId' in json ? shipmentConfirmationBody.parse(json) : inventoryUpdateBody.parse(json);
  });
  assert.equal(bodies.length, 3);
});

test('the command ids in docs/commands.md are those of its keys', () => {
  const keys = [...text.matchAll(/'Idempotency-Key: ([^']+)'/g)].map(([, key]) => commandIdOf(key!));
  const ids = [...text.matchAll(/v1\/commands\/([0-9a-f]{32})/g)].map(([, id]) => id!);
  assert.deepEqual([...new Set(ids)].sort(), keys.toSorted());
});

test('docs/commands.md lists what every marketplace wants to know of a listing, as its connector does', () => {
  const rows = marketplaces.map(({ name, inventory }) => {
    const ids = Object.entries(inventory!.references).map(
      ([id, { required, description }]) => `\`${id}\`${required ? '' : ' (optional)'}: ${description}`,
    );
    return `| ${name} | ${ids.join('; ')} |`;
  });
  for (const row of rows) assert.ok(text.includes(row), row);
});
