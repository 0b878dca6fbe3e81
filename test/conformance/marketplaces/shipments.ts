import assert from 'node:assert/strict';
import type { Shipment } from '#marketplaces/marketplace.ts';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { BUYER_WORDS } from './drafts.ts';
import type { MarketplacePromises } from './marketplace-conformance.ts';
import { runLosingEach, runProcedure } from './procedures.ts';
import { MINUTE_MS, type World } from './world.ts';

/** until a parcel that was handed over is on its way, at the slowest sandbox (Shopee's couriers), ms */
const ON_ITS_WAY_MS = 180 * MINUTE_MS;

type Outcome =
  | { outcome: 'confirmed'; packageId: string | null }
  | { outcome: 'failed'; code: string; message: string };

let parcels = 0;

function shipmentOf(world: World, { orderId }: Pick<BookOrder, 'orderId'>, lines: Shipment['lines'] = []): Shipment {
  parcels += 1;
  return {
    ...{ orderId, lines },
    carrier: { code: null, name: 'UPS' },
    trackingNumber: `1Z999AA1${String(parcels).padStart(10, '0')}`,
    trackingUrl: 'https://www.ups.com/track',
    shippedAt: world.now() - MINUTE_MS,
  };
}

/** What a shipment comes to; a permanent failure is a refusal too. */
async function confirm(world: World, shipment: Shipment): Promise<Outcome> {
  const { shipments } = world.marketplace;
  assert.ok(shipments);
  try {
    const { result } = await runProcedure(world, (context, answers) => shipments.confirm(context, shipment, answers));
    return result;
  } catch (thrown) {
    if (!(thrown instanceof Failure && thrown.kind === 'permanent')) throw thrown;
    return { outcome: 'failed', code: thrown.code, message: thrown.message };
  }
}

function assertRefused(outcome: Outcome): void {
  assert.equal(outcome.outcome, 'failed');
  if (outcome.outcome !== 'failed') return;
  assert.ok(outcome.code.length > 0 && outcome.message.length > 0);
  for (const word of BUYER_WORDS) assert.ok(!outcome.message.includes(word), 'a refusal holds nothing of the buyer');
}

/** How often each order was shipped. */
function shippings(world: World): (order: BookOrder) => number {
  const counts = new Map<string, number>();
  world.sandbox.books.onChange(({ orderId }, change) => {
    if (change === 'shipped') counts.set(orderId, (counts.get(orderId) ?? 0) + 1);
  });
  return ({ orderId }) => counts.get(orderId) ?? 0;
}

/** The lines of an order as the connector reads them. */
async function linesOf(world: World, { orderId }: BookOrder): Promise<Shipment['lines']> {
  const { orders } = world.marketplace;
  const whole = orders.whole?.details;
  const [read] = whole
    ? (await runProcedure(world, (context, answers) => whole(context, [orderId], answers))).result
    : await world.readDetails([orderId]);
  return read!.order.lines.map(({ lineId, quantity }) => ({ lineId, quantity }));
}

export const shipmentPromises: MarketplacePromises = {
  async 'a shipment that is confirmed is in the books, also when all its lines are named'(world) {
    const [first, second] = await world.trade(2);
    const count = shippings(world);
    const lines = await linesOf(world, second!);
    for (const shipment of [shipmentOf(world, first!), shipmentOf(world, second!, lines)]) {
      const outcome = await confirm(world, shipment);
      assert.equal(outcome.outcome, 'confirmed', JSON.stringify(outcome));
    }
    await world.advance(ON_ITS_WAY_MS);
    for (const order of [first!, second!]) assert.deepEqual([order.status, count(order)], ['shipped', 1]);
  },

  async 'a shipment that is told again is confirmed again, and is one package'(world) {
    const [order] = await world.trade(1);
    const count = shippings(world);
    const shipment = shipmentOf(world, order!);
    const outcomes: Outcome[] = [];
    for (let times = 0; times < 3; times++) {
      outcomes.push(await confirm(world, shipment));
      await world.advance(MINUTE_MS);
    }
    for (const outcome of outcomes) assert.equal(outcome.outcome, 'confirmed', JSON.stringify(outcome));
    await world.advance(ON_ITS_WAY_MS);
    assert.equal(count(order!), 1);
  },

  async 'an answer that is lost at any call costs nothing: the next try confirms the shipment, as one package'(world) {
    const { shipments } = world.marketplace;
    const count = shippings(world);
    const orders: BookOrder[] = [];
    await runLosingEach(
      world,
      async () => {
        const [order] = await world.trade(1);
        orders.push(order!);
        const shipment = shipmentOf(world, order!);
        return (context, answers) => shipments!.confirm(context, shipment, answers);
      },
      (result) => assert.equal(result.outcome, 'confirmed', JSON.stringify(result)),
    );
    await world.advance(ON_ITS_WAY_MS);
    assert.ok(orders.length >= 2);
    for (const order of orders) assert.deepEqual([order.status, count(order)], ['shipped', 1]);
  },

  async 'a part of an order ships as that part, or is refused; the rest is not told as sent'(world) {
    const [order] = await world.trade(1);
    const count = shippings(world);
    const [first, ...rest] = await linesOf(world, order!);
    assert.ok(first && rest.length > 0);
    const outcome = await confirm(world, shipmentOf(world, order!, [first]));
    await world.advance(MINUTE_MS);
    assert.equal(order!.status, 'placed');
    if (outcome.outcome === 'failed') return assertRefused(outcome);
    assert.equal((await confirm(world, shipmentOf(world, order!, rest))).outcome, 'confirmed');
    await world.advance(ON_ITS_WAY_MS);
    assert.deepEqual([order!.status, count(order!)], ['shipped', 1]);
  },

  async 'a cancelled order, one of another seller and one of nobody are refused'(world) {
    const [cancelled] = await world.trade(1);
    world.sandbox.books.cancel(cancelled!.orderId);
    await world.advance(MINUTE_MS);
    const [foreign] = await world.trade(1, world.otherSeller.sellerId);
    const unknown = { orderId: foreign!.orderId.replace(/\d/g, '9') };
    for (const order of [cancelled!, foreign!, unknown]) assertRefused(await confirm(world, shipmentOf(world, order)));
    await world.advance(ON_ITS_WAY_MS);
    assert.deepEqual([cancelled!.status, foreign!.status], ['cancelled', 'placed']);
  },

  async 'more than an order has, or what it has not, is refused and ships nothing'(world) {
    const [order] = await world.trade(1);
    const [first] = await linesOf(world, order!);
    const tooMany = { ...first!, quantity: first!.quantity + 1 };
    const unknown = { lineId: first!.lineId.replace(/\d/g, '9'), quantity: 1 };
    for (const line of [tooMany, unknown]) assertRefused(await confirm(world, shipmentOf(world, order!, [line])));
    await world.advance(MINUTE_MS);
    assert.equal(order!.status, 'placed');
  },
};
