import assert from 'node:assert/strict';
import { test } from 'node:test';
import shipped from '#marketplaces/amazon/sandbox/static-cases.json' with { type: 'json' };
import { OPERATIONS_IN_USE, staticOperations } from './sandbox-models.ts';
import { createWorld } from './sandbox-world.ts';

const operations = staticOperations();
/** for parameters that a case does not name but the path or a client needs */
const ANY = 'ANY';
const ANY_BODY = { productType: 'PRODUCT', patches: [{ op: 'replace', path: '/attributes/a', value: [] }] };

/** The request that a case of an operation is about. */
function requestOf({ method, path }: { method: string; path: string }, parameters: Record<string, unknown>) {
  const { body, ...named } = parameters;
  const text = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(named)) if (!path.includes(`{${name}}`)) query.set(name, text(value));
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(text(named[name] ?? ANY)));
  const sends = ['post', 'put', 'patch'].includes(method) ? { body: body ?? ANY_BODY } : {};
  return { path: `/static${filled}?${query}`, init: { method: method.toUpperCase(), ...sends } };
}

test("the cases that are shipped are those of Amazon's models", () => {
  assert.equal(operations.length, OPERATIONS_IN_USE);
  assert.deepEqual(shipped.operations, operations);
  assert.equal(shipped.license, 'Apache-2.0');
});

for (const operation of operations) {
  test(`${operation.operation}: every case of its model is answered as the model says`, async () => {
    const { call, accessToken, grantlessToken } = createWorld();
    const access = operation.grantless ? await grantlessToken() : await accessToken();
    assert.ok(operation.cases.length > 0);
    for (const { status, parameters, response } of operation.cases) {
      const { path, init } = requestOf(operation, parameters);
      const answer = await call(path, access, init);
      assert.equal(answer.status, status, path);
      assert.deepEqual(answer.body, status === 204 ? undefined : response, path);
      assert.equal(answer.headers.get('x-amzn-ratelimit-limit'), '5');
    }
  });
}

test('a static case answers only the values that it names', async () => {
  const { call, accessToken } = createWorld();
  const access = await accessToken();
  const noMatch = { errors: [{ code: 'InvalidInput', message: 'Could not match input arguments', details: '' }] };
  const { path, init } = requestOf(
    { method: 'post', path: '/feeds/2021-06-30/documents' },
    { body: { contentType: 'application/json; charset=UTF-8' } },
  );
  const others = [
    await call('/static/orders/2026-01-01/orders?createdAfter=2024-12-25T00:00:00Z', access),
    await call('/static/orders/2026-01-01/orders/250-1234567-8901234', access),
    await call(path, access, init),
  ];
  for (const { status, body } of others) assert.deepEqual([status, body], [400, noMatch]);
});

test('the static sandbox wants a good token, and takes fifteen calls at once and five a second', async () => {
  const { call, accessToken, grantlessToken, world } = createWorld();
  const path = '/static/sellers/v1/marketplaceParticipations';
  assert.equal((await call(path)).status, 403);
  assert.equal((await call(path, await grantlessToken())).status, 403);
  const access = await accessToken();
  for (let count = 0; count < 15; count++) assert.equal((await call(path, access)).status, 200);
  assert.equal((await call(path, access)).status, 429);
  world.now += 200;
  assert.equal((await call(path, access)).status, 200);
  assert.equal((await call(path, access)).status, 429);
});
