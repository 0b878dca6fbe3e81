import assert from 'node:assert/strict';
import type { Delivery, WebhookReading } from '#marketplaces/marketplace.ts';
import { asFailure, Failure } from '#platform/runtime/failure.ts';
import { unspeakable } from './authorization.ts';
import type { MarketplacePromises } from './marketplace-conformance.ts';
import { type Arrival, failureOf, SECOND_MS, START_AT, type World } from './world.ts';

/** What the sandbox sent first when an order was placed. */
async function capture(world: World): Promise<{ arrival: Arrival; orderId: string }> {
  const [order] = await world.trade(1);
  const [arrival] = world.arrivals;
  assert.ok(order && arrival, 'an order is told');
  return { arrival, orderId: order.orderId };
}

/** The arrival as the intake would meet it over HTTP; a message from a queue with no header but its type. */
function asDelivery(world: World, arrival: Arrival): Delivery {
  const { headers: written, body = '' } =
    arrival.via === 'http' ? arrival.request : { headers: { 'content-type': 'application/json' }, body: arrival.body };
  const headers = Object.fromEntries(Object.entries(written).map(([name, value]) => [name.toLowerCase(), value]));
  const url = `http://sluice.test/webhooks/${world.marketplace.name}`;
  return { method: 'POST', url, query: {}, headers, body: Buffer.from(body), receivedAt: world.now() };
}

function readArrival(world: World, arrival: Arrival): WebhookReading {
  const { body, headers } = asDelivery(world, arrival);
  return world.marketplace.webhook.read(body, headers);
}

/** Bodies that no marketplace sends, some of them JSON. */
const GARBAGE: readonly Uint8Array[] = [
  ...['', ' ', 'null', '0', '""', '[]', '{}', '[{}]', '{"__proto__":{}}', '<html>', '\ufeff{}', '\0', '{"a":1'],
  ...['['.repeat(200_000), '['.repeat(200_000) + ']'.repeat(200_000), `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`],
  ...['{"code":3}', '{"metadata":{"topic":"x"},"notification":null}', '{"NotificationType":"ORDER_CHANGE"}'],
]
  .map((text): Uint8Array => Buffer.from(text))
  .concat([Buffer.from([0xff, 0xfe, 0xfd]), Buffer.from([0x7b, 0xc3, 0x28, 0x7d]), Buffer.from([0xed, 0xa0, 0x80])]);

/** Reads anything: a reading, or a permanent failure. Whatever else is thrown fails the test. */
function readAnything(world: World, { body, headers }: Delivery): WebhookReading | Failure {
  try {
    return world.marketplace.webhook.read(body, headers);
  } catch (thrown) {
    assert.ok(thrown instanceof Failure, `read threw ${asFailure(thrown).message}`);
    assert.equal(thrown.kind, 'permanent');
    return thrown;
  }
}

export const deliveryPromises: MarketplacePromises = {
  async 'a notification that the marketplace sent is accepted, and read to its seller and order'(
    world,
    { notifications = ['order'] },
  ) {
    const { orderId } = await capture(world);
    assert.equal(world.arrivals.length, notifications.length);
    for (const [index, arrival] of world.arrivals.entries()) {
      if (arrival.via === 'http') {
        const delivery = asDelivery(world, arrival);
        const publicKey = await world.publicKeyOf(delivery);
        assert.deepEqual(world.marketplace.webhook.verify(world.app, delivery, publicKey), { verified: true });
      }
      const reading = readArrival(world, arrival);
      assert.equal(reading.sellerId, world.seller.sellerId);
      assert.deepEqual(reading.orderIds, notifications[index] === 'order' ? [orderId] : []);
      assert.ok(reading.topic !== '' && reading.deduplicationKey !== '');
      const { occurredAt } = reading;
      assert.ok(
        occurredAt === undefined || Math.abs(occurredAt - world.sandbox.books.orders.get(orderId)!.placedAt) < 1e3,
      );
    }
  },

  async 'two notifications have two deduplication keys, and a resend has that of its first'(
    world,
    { notifications = ['order'] },
  ) {
    await world.trade(1);
    const count = notifications.length;
    assert.equal(world.arrivals.length, count);
    world.faults.next('duplicate-webhook');
    await world.trade(1);
    const keys = world.arrivals.map((arrival) => readArrival(world, arrival).deduplicationKey);
    assert.equal(keys.length, 2 * count + 1);
    // The one that came twice is the first of the second order; its resend comes after all the others.
    assert.equal(keys[2 * count], keys[count]);
    assert.equal(new Set(keys).size, 2 * count);
  },

  async 'a delivery over HTTP without its signature is refused'(world) {
    const { arrival } = await capture(world);
    const delivery = asDelivery(world, arrival);
    const publicKey = await world.publicKeyOf(delivery);
    const headers = { 'content-type': 'application/json' };
    assert.equal(world.marketplace.webhook.verify(world.app, { ...delivery, headers }, publicKey).verified, false);
  },

  async 'a delivery with one changed byte is refused, whichever byte it is'(world) {
    const { arrival } = await capture(world);
    const delivery = asDelivery(world, arrival);
    const publicKey = await world.publicKeyOf(delivery);
    for (let at = 0; at < delivery.body.length; at++) {
      const body = Buffer.from(delivery.body);
      body[at]! ^= 1 << (at % 8);
      const { verified } = world.marketplace.webhook.verify(world.app, { ...delivery, body }, publicKey);
      assert.equal(verified, false, `byte ${at}`);
    }
    for (const body of [delivery.body.subarray(0, -1), Buffer.concat([delivery.body, Buffer.from('}')])]) {
      assert.equal(world.marketplace.webhook.verify(world.app, { ...delivery, body }, publicKey).verified, false);
    }
  },

  async 'a delivery whose signature is cut short is refused, wherever it is cut'(world, { signature }) {
    const { arrival } = await capture(world);
    const delivery = asDelivery(world, arrival);
    const publicKey = await world.publicKeyOf(delivery);
    const { header, cuts } = signature!;
    const shortened = cuts(delivery.headers[header]!);
    assert.ok(shortened.length >= 32);
    for (const value of shortened) {
      const headers = { ...delivery.headers, [header]: value };
      assert.equal(world.marketplace.webhook.verify(world.app, { ...delivery, headers }, publicKey).verified, false);
    }
  },

  async 'a delivery signed with another key is refused'(world, { signature }) {
    const { arrival } = await capture(world);
    const delivery = asDelivery(world, arrival);
    const publicKey = await world.publicKeyOf(delivery);
    const changed = { ...world.sandbox.registration, ...signature!.otherKey.registration };
    const app = world.marketplace.appSchema.parse(changed);
    const key = signature!.otherKey.publicKey ?? publicKey;
    assert.equal(world.marketplace.webhook.verify(app, delivery, key).verified, false);
    if (world.marketplace.webhook.publicKey) {
      assert.equal(world.marketplace.webhook.verify(world.app, delivery, undefined).verified, false);
    }
  },

  async 'a delivery signed too long ago is refused'(world, { signature }) {
    const { arrival } = await capture(world);
    const delivery = asDelivery(world, arrival);
    const publicKey = await world.publicKeyOf(delivery);
    for (const [ageMs, verified] of [
      [signature!.lastsMs!, true],
      [signature!.lastsMs! + SECOND_MS, false],
    ] as const) {
      const received = { ...delivery, receivedAt: START_AT + ageMs };
      assert.equal(world.marketplace.webhook.verify(world.app, received, publicKey).verified, verified);
    }
  },

  async 'a delivery of garbage is never verified, and reading it fails for good or reads as nothing known'(world) {
    const { arrival } = await capture(world);
    const delivery = asDelivery(world, arrival);
    const publicKey = await world.publicKeyOf(delivery);
    const { verify, handshake } = world.marketplace.webhook;
    for (const body of GARBAGE) {
      assert.equal(verify(world.app, { ...delivery, body }, publicKey).verified, false);
      assert.equal(handshake?.(world.app, { ...delivery, body }), undefined);
      const read = readAnything(world, { ...delivery, body });
      assert.ok(read instanceof Failure || read.orderIds.length === 0);
    }
    // What passes its verification may still be cut or mangled in a way nobody foresaw.
    for (let at = 0; at < delivery.body.length; at++) {
      const body = Buffer.from(delivery.body);
      body[at]! ^= 1 << (at % 8);
      readAnything(world, { ...delivery, body });
      readAnything(world, { ...delivery, body: delivery.body.subarray(0, at) });
    }
  },

  async 'headers of garbage are refused and throw nothing'(world, { signature }) {
    const { arrival } = await capture(world);
    const delivery = asDelivery(world, arrival);
    const publicKey = await world.publicKeyOf(delivery);
    const { verify, publicKey: keys } = world.marketplace.webhook;
    for (const value of ['', ' ', 'null', 'W10=', 'e30=', 'é', '\0', '0'.repeat(64), 'A'.repeat(100_000)]) {
      const headers = { ...delivery.headers, [signature?.header ?? 'authorization']: value };
      assert.equal(verify(world.app, { ...delivery, headers }, publicKey).verified, false);
      assert.equal(keys?.keyId({ ...delivery, headers }), undefined);
    }
  },

  async 'a key that the marketplace does not know is a permanent failure'(world) {
    const failure = await failureOf(async () =>
      world.call(await world.publicKeyCall('00000000-0000-0000-0000-000000000000'), (response) =>
        world.marketplace.webhook.publicKey!.readKey(response),
      ),
    );
    assert.equal(failure.kind, 'permanent');
  },

  async 'a reading holds no secret and nothing of the buyer'(world) {
    const { arrival } = await capture(world);
    const said = JSON.stringify(readArrival(world, arrival));
    for (const word of unspeakable(world)) assert.ok(!said.includes(word));
  },
};
