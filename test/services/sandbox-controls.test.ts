import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { createSandboxes } from '#services/sandbox/sandboxes.ts';

const random = seededRandom('controls');
const sent: string[] = [];
const { app, byName } = createSandboxes(
  {
    now: () => 1_795_500_000_000,
    sleep: async () => {},
    random: random.fraction,
    randomHex: random.hex,
    async send(request) {
      sent.push(request.url);
      return { status: 200 };
    },
    async enqueue(queue) {
      sent.push(queue);
    },
    faults: createFaults(random.fraction),
  },
  { publicUrl: 'http://sandbox.test', webhooksUrl: 'http://sluice.test/webhooks', sellers: 2 },
);
const LINES = [{ sku: 'A', title: 'Lamp', quantity: 2, unitPrice: '2.55' }];
const post = async (path: string, body: unknown) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await app.request(`http://sandbox.test/_sandbox/${path}`, { method: 'POST', body: text });
  return {
    status: response.status,
    json: (await response.json()) as { orderId: string; status: string; placedAt: number },
  };
};

test('on every marketplace an order can be placed, shipped and delivered, and the marketplace tells of it', async () => {
  for (const [name, { sellers }] of byName) {
    sent.length = 0;
    const placed = await post(`${name}/orders`, { sellerId: sellers[1]!.sellerId, lines: LINES });
    assert.equal(placed.status, 201);
    assert.ok(sent.length > 0, `${name} told nobody`);
    const path = `${name}/orders/${placed.json.orderId}`;
    assert.equal((await post(path, { change: 'deliver' })).status, 409);
    assert.equal((await post(path, { change: 'ship', trackingNumber: '1' })).json.status, 'shipped');
    assert.equal((await post(path, { change: 'deliver' })).json.status, 'delivered');
    assert.equal((await post(path, { change: 'cancel' })).status, 409);
  }
});

test('a wrong control call is answered with what is wrong, and changes nothing', async () => {
  assert.equal((await post('faults', 'not json')).status, 400);
  assert.equal((await post('faults', { fault: 'no-such', rate: 1 })).status, 400);
  assert.equal((await post('faults', { fault: 'throttle', rate: 2 })).status, 400);
  assert.equal((await post('clock', { skewMs: 1e12 })).status, 400);
  assert.equal((await post('ebay/orders', { lines: [] })).status, 400);
  assert.equal((await post('ebay/orders', { sellerId: 'nobody', lines: LINES })).status, 404);
  assert.equal((await post('nowhere/orders', { lines: LINES })).status, 404);
  assert.equal((await post('ebay/orders/none', { change: 'cancel' })).status, 404);
});

test("a told clock skew moves the marketplaces' clock", async () => {
  await post('clock', { skewMs: 400_000 });
  const { json } = await post('amazon/orders', { lines: LINES });
  assert.equal(json.placedAt, 1_795_500_400_000);
});
