import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { z } from 'zod';
import { openApiDocument } from '#services/seller-api/openapi.ts';
import { accepted, commandStatus, problem } from '#services/seller-api/schemas.ts';
import { CONNECTION, createCommandWorld, line, shipment } from '#test/support/commands.ts';
import { answer } from '#test/support/plain-marketplace.ts';

const FILE = 'docs/openapi.json';
type Json = Record<string, unknown>;
type Operation = { responses: Record<string, { content?: Record<string, { schema: { $ref: string } }> }> };
const paths = openApiDocument().paths as unknown as Record<string, Record<string, Operation>>;

test('docs/openapi.json is what the API serves and checks with', async () => {
  const { app } = await createCommandWorld();
  const served = await (await app.request('/openapi.json')).json();
  assert.deepEqual(
    JSON.parse(readFileSync(FILE, 'utf8')),
    served,
    `${FILE} is old: node -e "import('./services/seller-api/openapi.ts').then((m) => process.stdout.write(JSON.stringify(m.openApiDocument(), null, 2)))" > ${FILE}, and format it`,
  );
});

test('every path of the API is described, and nothing else', async () => {
  const { app } = await createCommandWorld();
  const served = app.routes
    .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/v1/'))
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:\w+/g, '{}')}`);
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`),
  );
  assert.deepEqual([...new Set(served)].sort(), described.sort());
});

test('every reference in the description leads somewhere', () => {
  const document = openApiDocument() as unknown as Json;
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
  assert.ok(refs.length > 10);
  for (const ref of refs) {
    const found = ref.split('/').reduce<unknown>((at, name) => (at as Json | undefined)?.[name], document);
    assert.ok(found, ref);
  }
});

test('the bodies that are shown as examples are accepted', async () => {
  const all = await createCommandWorld();
  const { app, apiKey } = all;
  for (const [path, { post }] of Object.entries(paths)) {
    if (!post) continue;
    const { example } = (post as unknown as { requestBody: { content: Record<string, { example: Json }> } }).requestBody
      .content['application/json']!;
    const { status } = await app.request(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'idempotency-key': path },
      body: JSON.stringify({ ...example, connectionId: CONNECTION }),
    });
    assert.equal(status, 202, path);
  }
});

test('every answer is one that is described, field by field', async () => {
  const all = await createCommandWorld();
  const schemas: Record<string, z.ZodType> = { Accepted: accepted, Command: commandStatus, Problem: problem };

  async function check(method: string, path: string, init: RequestInit = {}): Promise<string> {
    const headers = { authorization: `Bearer ${all.apiKey}`, 'idempotency-key': 'k', ...init.headers };
    const response = await all.app.request(path, { ...init, method, headers });
    const described = Object.keys(paths).find((one) => new RegExp(`^${one.replace(/\{\w+\}/, '[^/]+')}$`).test(path))!;
    const operation = paths[described]![method.toLowerCase()]!;
    const [[type, content] = []] = Object.entries(operation.responses[response.status]?.content ?? {});
    assert.ok(content, `${method} ${path} ${response.status} is not described`);
    assert.ok(response.headers.get('content-type')?.startsWith(type!));
    const body = await response.json();
    assert.deepEqual(schemas[content.schema.$ref.split('/').at(-1)!]!.parse(body), body);
    return (body as { commandId: string }).commandId;
  }
  const stock = { connectionId: CONNECTION, lines: [line('A', 1), line('B', 2)] };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    check('POST', path, { body: JSON.stringify(body), headers });
  const shipments = '/v1/shipment-confirmations';

  const updateId = await post('/v1/inventory-updates', stock);
  const shipmentId = await post(shipments, shipment, { 'idempotency-key': 's' });
  const refusedId = await post(shipments, shipment, { 'idempotency-key': 't' });
  const look = async () => {
    for (const commandId of [updateId, shipmentId, refusedId]) await check('GET', `/v1/commands/${commandId}`);
  };
  await look();
  const [event] = await all.takeEvents('sync', 'inventory-update.requested');
  all.world.answering = () =>
    answer([
      { outcome: 'accepted', receipt: 'r' },
      { outcome: 'failed', code: 'no', message: 'no' },
    ]);
  await all.handleStock(event!).catch(() => undefined);
  all.world.answering = () => answer({ outcome: 'confirmed', packageId: null });
  await all.handleShipment(await all.ship('s2'));
  await look();

  await post('/v1/inventory-updates', { ...stock, lines: [] }, { 'idempotency-key': 'n' });
  await post('/v1/inventory-updates', { ...stock, lines: [line('A', 2)] });
  await post(shipments, { ...shipment, connectionId: 'nobody' }, { 'idempotency-key': 'n' });
  await post(shipments, shipment, { 'idempotency-key': '' });
  await post(shipments, { ...shipment, orderId: 'x'.repeat(300_000) }, { 'idempotency-key': 'n' });
  await post(shipments, shipment, { authorization: 'Bearer nobody' });
  await check('GET', '/v1/commands/unknown');
  await check('GET', '/v1/commands/unknown', { headers: { authorization: '' } });
});
