import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, createWorld, DRAFT, FIRST, HOUR_MS, SECOND, START } from './sandbox-world.ts';

const DATE = new Date(START).toISOString();
const SHIPPED = {
  payload: { service_id: 11, comment: 'despachado', date: DATE },
  tracking_number: 'OP123456789BR',
  tracking_url: 'https://track.example/OP123456789BR',
  status: 'shipped',
  substatus: null,
};
const refusal = ({ status, body }: Answer) => [status, body.error_code];

async function meet() {
  const made = createWorld();
  const order = made.sandbox.books.place(FIRST, DRAFT);
  const token = await made.sellerToken();
  const { id } = (await made.call(token, `/orders/${order.orderId}/shipments`)).body;
  const tell = (body: unknown, accessToken = token) =>
    made.call(accessToken, `/v2/shipments/${id}/seller_notifications`, { method: 'POST', body });
  const shipment = async () =>
    (await made.call(token, `/shipments/${id}`, { headers: { 'x-format-new': 'true' } })).body;
  return { ...made, order, token, id, tell, shipment };
}

test('the new format of a shipment has the buyer’s name and address, the old one names its order', async () => {
  const { call, token, id, order, shipment } = await meet();
  const fresh = await shipment();
  assert.deepEqual(fresh.logistic, { direction: 'forward', mode: 'me1', type: 'default' });
  assert.equal(fresh.destination.receiver_name, 'Ada Example');
  assert.equal(fresh.destination.shipping_address.zip_code, '01001000');
  assert.equal(fresh.order_id, undefined);
  const old = (await call(token, `/shipments/${id}`)).body;
  assert.deepEqual([old.order_id, old.mode, old.status], [Number(order.orderId), 'me1', 'pending']);
  const items = (await call(token, `/shipments/${id}/items`)).body;
  assert.deepEqual(
    items.map(({ quantity }: { quantity: number }) => quantity),
    [6, 1],
  );
});

test('a seller ships, tells the way and delivers', async () => {
  const { world, order, tell, shipment } = await meet();
  world.now += HOUR_MS;
  const shipped = await tell(SHIPPED);
  assert.deepEqual([shipped.status, shipped.body], [200, { status: 'OK' }]);
  assert.deepEqual([order.status, order.shipment?.trackingNumber], ['shipped', 'OP123456789BR']);
  assert.equal((await shipment()).tracking_number, 'OP123456789BR');
  await tell({ ...SHIPPED, substatus: 'out_for_delivery' });
  assert.deepEqual([(await shipment()).status, (await shipment()).substatus], ['shipped', 'out_for_delivery']);
  await tell({ ...SHIPPED, status: 'delivered' });
  assert.equal(order.status, 'delivered');
  assert.deepEqual(refusal(await tell({ ...SHIPPED, status: 'not_delivered', substatus: 'returned' })), [
    403,
    'bad_request',
  ]);
});

test('a shipment that is told twice changes once, a corrected tracking number changes it', async () => {
  const { world, order, tell } = await meet();
  await tell(SHIPPED);
  const { updatedAt } = order;
  world.now += HOUR_MS;
  assert.equal((await tell(SHIPPED)).status, 200);
  assert.equal(order.updatedAt, updatedAt);
  await tell({ ...SHIPPED, tracking_number: 'OP2BR', tracking_url: 'https://track.example/OP2BR' });
  assert.deepEqual([order.shipment?.trackingNumber, order.updatedAt], ['OP2BR', world.now]);
});

test('a failed delivery is final', async () => {
  const { tell, shipment } = await meet();
  await tell(SHIPPED);
  await tell({ ...SHIPPED, status: 'not_delivered', substatus: 'returned' });
  assert.deepEqual([(await shipment()).status, (await shipment()).substatus], ['not_delivered', 'returned']);
  assert.equal((await tell({ ...SHIPPED, status: 'delivered' })).status, 403);
});

test('a step on the way is taken and lost where the shipment was not told before', async () => {
  const { order, tell, shipment } = await meet();
  assert.equal((await tell({ ...SHIPPED, substatus: 'out_for_delivery' })).status, 200);
  assert.deepEqual([order.status, (await shipment()).status], ['placed', 'pending']);
});

test('what can’t be right is refused in the words of seller_notifications', async () => {
  const { tell, sellerToken, order } = await meet();
  const { tracking_url: _, ...withoutUrl } = SHIPPED;
  const { substatus: __, ...withoutSubstatus } = SHIPPED;
  const wrongFormat = [400, 'invalid_seller_json_format'];
  for (const wrong of [
    withoutUrl,
    withoutSubstatus,
    { ...SHIPPED, status: 'ready_to_ship' },
    { ...SHIPPED, payload: { ...SHIPPED.payload, service_id: 154 } },
    { ...SHIPPED, payload: { ...SHIPPED.payload, date: '2026-11-24T06:00:00.000' } },
    undefined,
  ]) {
    assert.deepEqual(refusal(await tell(wrong)), wrongFormat);
  }
  const early = { ...SHIPPED, payload: { ...SHIPPED.payload, date: '2026-11-24T01:59:59.999-04:00' } };
  assert.deepEqual(refusal(await tell(early)), [400, 'event_date_before_shipment_creation_date']);
  assert.deepEqual(refusal(await tell({ ...SHIPPED, substatus: 'null' })), [403, 'bad_request']);
  assert.deepEqual(refusal(await tell({ ...SHIPPED, status: 'delivered' })), [403, 'bad_request']);
  const foreign = await tell(SHIPPED, await sellerToken(2));
  assert.deepEqual(refusal(foreign), [403, 'forbidden_client']);
  assert.deepEqual(Object.keys(foreign.body), ['status_code', 'error_code', 'message', 'timestamp', 'request_id']);
  assert.equal(order.status, 'placed');
});

test('a cancelled order can’t be shipped, and another seller’s shipment can’t be read', async () => {
  const { sandbox, order, call, id, tell, sellerToken } = await meet();
  sandbox.books.cancel(order.orderId);
  assert.equal((await tell(SHIPPED)).status, 403);
  assert.equal((await call(await sellerToken(2), `/shipments/${id}`)).status, 403);
});

test('the first version of seller_notifications is gone', async () => {
  const { call, id, token } = await meet();
  const { status } = await call(token, `/shipments/${id}/seller_notifications`, { method: 'POST', body: SHIPPED });
  assert.equal(status, 404);
});

test('orders of another seller have other shipments', async () => {
  const { sandbox, call, id, sellerToken } = await meet();
  const other = sandbox.books.place(SECOND, DRAFT);
  const { body } = await call(await sellerToken(2), `/orders/${other.orderId}/shipments`);
  assert.notEqual(body.id, id);
});
