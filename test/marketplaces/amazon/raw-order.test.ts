import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import details from '#test/vectors/amazon/details.json' with { type: 'json' };
import pages from '#test/vectors/amazon/pages.json' with { type: 'json' };
import { resolve } from './model-validator.ts';
import { readModel, type Schema } from './models.ts';
import { answer, connection } from './support.ts';

/** Every order of the vectors, as Amazon wrote it. */
const written: object[] = [
  ...(pages as { response: HttpResponse }[]).flatMap(({ response }) => JSON.parse(response.body).orders),
  ...(details as { response: HttpResponse }[]).map(({ response }) => JSON.parse(response.body).order),
];
const read = (order: unknown) => amazon.orders.readDetails(answer({ order }), connection)[0]!;

test('an order mapped again from its raw form is the same order, and has no buyer', () => {
  for (const order of written) {
    const first = read(order);
    assert.deepEqual(read(first.raw), { order: first.order, buyer: null, raw: first.raw });
  }
});

/** A value for a field by Amazon's model, with every field that the model has; texts say where they stand. */
function sample(schema: Schema, definitions: Record<string, Schema>, at: string): unknown {
  const { type, properties = {}, items = {}, enum: values, format } = resolve(schema, definitions);
  if (values) return values[0];
  if (type === 'array') return [sample(items, definitions, at)];
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'boolean') return true;
  if (at.endsWith('.amount')) return '1.00';
  if (at.endsWith('.currencyCode')) return 'GBP';
  if (format === 'date-time') return '2026-11-24T06:00:00Z';
  if (type === 'string') return at;
  const fields = Object.entries(properties).map(([name, one]) => [name, sample(one, definitions, `${at}.${name}`)]);
  return Object.fromEntries(fields);
}

test('of all fields that the model has, the raw form keeps none that may tell of the buyer', () => {
  const { definitions } = readModel('orders_2026-01-01')[0]!;
  const whole = JSON.stringify(sample({ $ref: '#/definitions/Order' }, definitions, 'order'));
  const raw = JSON.stringify(read(JSON.parse(whole)).raw);
  const personal =
    /order\.(buyer|recipient|payment|tax)|giftOption|customization|serialNumbers|cancelReason|conditionNote|shipFromAddress/;
  assert.match(whole, personal);
  assert.doesNotMatch(raw, personal);
  for (const field of [
    'orderId',
    'salesChannel.marketplaceId',
    'orderItems.product.sellerSku',
    'packages.trackingNumber',
  ]) {
    assert.ok(raw.includes(`"order.${field}"`), field);
  }
});

test('a field that is new, or of another shape than the model has, is left out', () => {
  const [first] = written as [Record<string, unknown>];
  const changed = {
    ...first,
    buyerNote: 'Ada',
    programs: [{ name: 'Ada' }, 'PRIME'],
    salesChannel: { channelName: { x: 'Ada' } },
  };
  const raw = read(changed).raw as Record<string, unknown>;
  assert.deepEqual([raw.buyerNote, raw.programs, raw.salesChannel], [undefined, ['PRIME'], {}]);
  assert.ok(!JSON.stringify(raw).includes('Ada'));
});
