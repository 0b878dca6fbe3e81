import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionDropped } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createWorld, DRAFT, type Json, SHOP } from './sandbox-world.ts';

const PARAMETER = '/api/v2/logistics/get_shipping_parameter';
const SHIP = '/api/v2/logistics/ship_order';
const TRACKING = '/api/v2/logistics/get_tracking_number';
const DETAIL = '/api/v2/order/get_order_detail';
const LIST = '/api/v2/order/get_order_list';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** An order of the shop at `place`, from 0: each place ships in its own way. */
async function openOrder(place = 0) {
  const world = createWorld({ sellers: 4 });
  const shopId = SHOP + place;
  const token = await world.accessToken(place);
  const { orderId } = world.sandbox.books.place(String(shopId), DRAFT);
  await world.advance(0);
  const get = async (path: string, query: Json = { order_sn: orderId }) =>
    (await world.shopGet(path, token, query, {}, shopId)).body;
  const ship = async (body: Json) => (await world.shopPost(SHIP, token, { order_sn: orderId, ...body }, shopId)).body;
  const detail = async () =>
    (await get(DETAIL, { order_sn_list: orderId, response_optional_fields: 'package_list' })).response.order_list[0];
  const pushes = () =>
    world.sent.map(({ body }) => JSON.parse(body)).map(({ code, data }) => [code, data.status ?? data.tracking_no]);
  return { world, orderId, get, ship, detail, pushes, book: world.sandbox.books.orders.get(orderId)! };
}

test('a shop with a carrier of its own tells the tracking number, and the order is shipped', async () => {
  const { world, get, ship, detail, pushes, book } = await openOrder(0);
  const { info_needed, pickup, dropoff } = (await get(PARAMETER)).response;
  assert.deepEqual(info_needed, { non_integrated: ['tracking_number'] });
  assert.deepEqual([pickup, dropoff], [null, null]);
  const before = (await get(TRACKING)).response;
  assert.equal(before.tracking_number, '');
  assert.ok(before.hint);

  await world.advance(5_000);
  const answer = await ship({ non_integrated: { tracking_number: 'SG123' } });
  assert.deepEqual(Object.keys(answer).sort(), ['error', 'message', 'request_id']);
  assert.equal(answer.error, '');
  assert.deepEqual([book.status, book.shipment?.trackingNumber], ['shipped', 'SG123']);
  const shown = await detail();
  assert.deepEqual([shown.order_status, shown.package_list[0].logistics_status], ['SHIPPED', 'LOGISTICS_PICKUP_DONE']);
  assert.deepEqual((await get(TRACKING)).response, { tracking_number: 'SG123', plp_number: '' });
  await world.advance(0);
  assert.deepEqual(pushes().slice(1), [
    [4, 'SG123'],
    [3, 'SHIPPED'],
  ]);
  const again = await ship({ non_integrated: { tracking_number: 'SG123' } });
  assert.equal(again.error, 'logistics.package_already_shipped');
});

test('a parcel that is fetched is processed, gets Shopee’s number, and is shipped once the courier has it', async () => {
  const { world, orderId, get, ship, detail, pushes, book } = await openOrder(1);
  const { info_needed, pickup } = (await get(PARAMETER)).response;
  assert.deepEqual(info_needed, { pickup: ['address_id', 'pickup_time_id'] });
  const [address] = pickup.address_list;
  const [slot] = address.time_slot_list;
  assert.ok(slot.date > world.now() / 1000);
  await world.advance(5_000);
  const means = { address_id: address.address_id, pickup_time_id: slot.pickup_time_id };
  assert.equal((await ship({ pickup: means })).error, '');

  const now = Math.floor(world.now() / 1000);
  const shown = await detail();
  assert.deepEqual(
    [shown.order_status, shown.update_time, shown.package_list[0].logistics_status],
    ['PROCESSED', now, 'LOGISTICS_REQUEST_CREATED'],
  );
  const window = { time_range_field: 'update_time', time_from: now, time_to: now + 1, page_size: 10 };
  const list = await get(LIST, { ...window, order_status: 'PROCESSED', response_optional_fields: 'order_status' });
  assert.deepEqual(list.response.order_list, [{ order_sn: orderId, order_status: 'PROCESSED' }]);
  assert.equal((await get(TRACKING)).response.tracking_number, '');
  assert.equal((await ship({ pickup: means })).error, 'logistics.package_already_shipped');

  await world.advance(MINUTE_MS);
  const { tracking_number } = (await get(TRACKING)).response;
  assert.match(tracking_number, /^SPXSG\d{13}$/);
  assert.equal(book.status, 'placed');
  await world.advance(2 * HOUR_MS);
  assert.deepEqual([book.status, book.shipment?.trackingNumber], ['shipped', tracking_number]);
  assert.deepEqual(pushes().slice(1), [
    [3, 'PROCESSED'],
    [4, tracking_number],
    [3, 'SHIPPED'],
  ]);
});

test('a parcel that is brought somewhere takes the seller’s number where the channel wants one', async () => {
  const { world, get, ship, detail, book } = await openOrder(2);
  assert.deepEqual((await get(PARAMETER)).response.info_needed, { dropoff: ['tracking_number'] });
  assert.equal((await ship({ dropoff: {} })).error, 'logistics.ship_order_need_tracking_number');
  assert.equal((await ship({ dropoff: { tracking_number: 'DROP1' } })).error, '');
  assert.equal((await detail()).order_status, 'PROCESSED');
  assert.equal((await get(TRACKING)).response.tracking_number, 'DROP1');
  await world.advance(2 * HOUR_MS);
  assert.equal(book.shipment?.trackingNumber, 'DROP1');
});

test('where nothing is wanted, an empty object says how it is shipped', async () => {
  const { get, ship, detail } = await openOrder(3);
  assert.deepEqual((await get(PARAMETER)).response.info_needed.dropoff, []);
  assert.equal((await ship({})).error, 'logistics.ship_order_only_support_one_type');
  assert.equal((await ship({ dropoff: {} })).error, '');
  assert.equal((await detail()).order_status, 'PROCESSED');
});

test('what the channel does not take is refused by name, and nothing is shipped', async () => {
  const own = await openOrder(0);
  const number = { tracking_number: 'SG123' };
  const cases: [Json, string][] = [
    [{ pickup: {} }, 'logistics.ship_order_unsupport_pickup'],
    [{ dropoff: number }, 'logistics.ship_order_unsupport_dropoff'],
    [{ non_integrated: {} }, 'logistics.ship_order_need_tracking_number'],
    [{ non_integrated: { tracking_number: 'S'.repeat(65) } }, 'logistics.ship_order_long_tracking_number'],
    [{ non_integrated: number, dropoff: {} }, 'logistics.ship_order_only_support_one_type'],
    [{ non_integrated: number, package_number: 'OFG1' }, 'logistics.package_not_exist'],
    [{ non_integrated: number, order_sn: '220810QSU5CHW2' }, 'error_not_found'],
    [{ non_integrated: number, order_sn: '' }, 'error_param'],
  ];
  for (const [body, error] of cases) assert.equal((await own.ship(body)).error, error);
  assert.equal(own.book.status, 'placed');

  const fetched = await openOrder(1);
  const [address] = (await fetched.get(PARAMETER)).response.pickup.address_list;
  const { address_id } = address;
  const { pickup_time_id } = address.time_slot_list[0];
  const pickups: [Json, string][] = [
    [{ address_id }, 'logistics.ship_order_need_address_pickup_time'],
    [{ address_id: 1, pickup_time_id }, 'logistics.address_not_found'],
    [{ address_id, pickup_time_id: '1_1' }, 'logistics.ship_order_pickup_time_invalid'],
  ];
  for (const [pickup, error] of pickups) assert.equal((await fetched.ship({ pickup })).error, error);
  assert.equal((await fetched.ship({ non_integrated: number })).error, 'logistics.ship_order_unsupport_non_integrated');
  assert.equal((await fetched.detail()).order_status, 'READY_TO_SHIP');
});

test('the package’s own number may be named, another shop’s order may not', async () => {
  const { world, orderId, ship, detail } = await openOrder(0);
  const foreign = world.sandbox.books.place(String(SHOP + 1), DRAFT).orderId;
  const non_integrated = { tracking_number: 'SG123' };
  assert.equal((await ship({ order_sn: foreign, non_integrated })).error, 'error_not_found');
  const { package_number } = (await detail()).package_list[0];
  assert.equal((await ship({ order_sn: orderId, package_number, non_integrated })).error, '');
});

test('a cancelled order is not shipped, and one that is cancelled before the courier came is left behind', async () => {
  const cancelled = await openOrder(0);
  cancelled.world.sandbox.books.cancel(cancelled.orderId);
  const refused = await cancelled.ship({ non_integrated: { tracking_number: 'SG123' } });
  assert.equal(refused.error, 'logistics.ship_order_not_ready_to_ship');

  const late = await openOrder(3);
  assert.equal((await late.ship({ dropoff: {} })).error, '');
  late.world.sandbox.books.cancel(late.orderId);
  await late.world.advance(3 * HOUR_MS);
  assert.equal(late.book.status, 'cancelled');
  assert.equal((await late.detail()).order_status, 'CANCELLED');
});

test('a shipment whose answer is lost has happened', async () => {
  const { world, ship, book } = await openOrder(0);
  world.faults.next('drop-answer', 'ship_order');
  await assert.rejects(ship({ non_integrated: { tracking_number: 'SG123' } }), ConnectionDropped);
  assert.equal(book.status, 'shipped');
});
