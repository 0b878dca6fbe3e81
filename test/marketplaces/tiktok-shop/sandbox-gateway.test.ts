import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionDropped } from '#marketplaces/sandbox-kit/sandbox.ts';
import { requestSignature, webhookSignature } from '#marketplaces/tiktok-shop/sandbox/signature.ts';
import { createWorld, idsOf, ORDERS, SEARCH, START } from './sandbox-world.ts';

const INVALID_PARAMETER = 36009004;
const WRONG_SIGNATURE = 106001;
const THROTTLED = 36009002;

const search = { query: { page_size: 10 }, body: {} };

test('the published signature comes out', () => {
  const query = new URLSearchParams('timestamp=1623812664&sign=ignored&access_token=ignored&app_key=29a39d');
  const path = '/authorization/202309/shops';
  assert.equal(
    requestSignature('e59af819cc', { path, query, body: '' }),
    'b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8',
  );
});

test('a body is signed behind the parameters', () => {
  const query = new URLSearchParams({
    app_key: '29a39d',
    timestamp: '1764547200',
    shop_cipher: 'GCP_XF90igAAAABh00qsWgtvOiGFNqyubMt3',
    page_size: '50',
    sort_field: 'update_time',
    sort_order: 'ASC',
  });
  const body = '{"update_time_ge":1764460800,"update_time_lt":1764547200}';
  assert.equal(
    requestSignature('e59af819cc', { path: SEARCH, query, body }),
    'f92267dc7c6f552687bdea4b22e89e89211c197600d8c6d37ca6f88044fe8be9',
  );
});

test('a webhook is signed as clients check it', () => {
  const body =
    '{"type":1,"tts_notification_id":"7327112393057371910","shop_id":"7494049642642441621","timestamp":1764547200,' +
    '"data":{"order_id":"576486316948490001","order_status":"UNPAID","is_on_hold_order":false,"update_time":1764547190}}';
  assert.equal(
    webhookSignature('29a39d', 'e59af819cc', body),
    '42e80584c4d7b234ef88454ac284411eebf3e129cbad32ea1688173a3c68f39f',
  );
});

test('a call that was changed after signing is refused', async () => {
  const world = createWorld();
  const shown = await world.call(SEARCH, search);
  assert.deepEqual([shown.status, shown.body.code, shown.body.message], [200, 0, 'Success']);
  const wrong: Record<string, string | undefined>[] = [
    { page_size: '20' },
    { sign: '0'.repeat(64) },
    { sign: undefined },
    { another: '1' },
  ];
  for (const changes of wrong) {
    const { status, body } = await world.call(SEARCH, { ...search, changes });
    assert.deepEqual([status, body.code], [401, WRONG_SIGNATURE], JSON.stringify(changes));
  }
});

test('a body that was changed after signing is refused', async () => {
  const world = createWorld();
  const query = new URLSearchParams({
    app_key: world.registration.appKey!,
    timestamp: String(START / 1000),
    shop_cipher: world.sandbox.sellers[0]!.settings.shopCipher!,
    page_size: '10',
  });
  query.set('sign', world.sign(SEARCH, query, '{}'));
  const headers = { 'content-type': 'application/json', 'x-tts-access-token': await world.tokenOf() };
  const post = (body: string) => world.sandbox.app.request(`${SEARCH}?${query}`, { method: 'POST', headers, body });
  assert.equal((await post('{}')).status, 200);
  assert.equal((await post('{} ')).status, 401);
});

test('a client that signs the path of its base URL too is let in', async () => {
  const { Hono } = await import('hono');
  const world = createWorld();
  const server = new Hono().route('/tiktok-shop', world.sandbox.app);
  const headers = { 'x-tts-access-token': await world.tokenOf() };
  for (const signed of ['/tiktok-shop/authorization/202309/shops', '/authorization/202309/shops']) {
    const query = new URLSearchParams({ app_key: world.registration.appKey!, timestamp: String(START / 1000) });
    query.set('sign', world.sign(signed, query, ''));
    const response = await server.request(`/tiktok-shop/authorization/202309/shops?${query}`, { headers });
    assert.equal(response.status, 200, signed);
  }
});

test('a list of ids may be written as one parameter or as several', async () => {
  const world = createWorld();
  const ids = [world.place().orderId, world.place().orderId];
  const headers = { 'x-tts-access-token': await world.tokenOf() };
  for (const written of [[ids.join(',')], ids]) {
    const query = new URLSearchParams({
      app_key: world.registration.appKey!,
      timestamp: String(START / 1000),
      shop_cipher: world.sandbox.sellers[0]!.settings.shopCipher!,
    });
    for (const id of written) query.append('ids', id);
    query.set('sign', world.sign(ORDERS, query, ''));
    const response = await world.sandbox.app.request(`${ORDERS}?${query}`, { headers });
    assert.deepEqual(idsOf({ status: response.status, body: await response.json() }), ids);
  }
});

test('a timestamp is good from 5 minutes ago until 30 seconds ahead', async () => {
  const world = createWorld();
  const at = async (seconds: number) =>
    (await world.call(SEARCH, { ...search, query: { page_size: 10, timestamp: START / 1000 + seconds } })).body.code;
  assert.equal(await at(-300), 0);
  assert.equal(await at(30), 0);
  assert.equal(await at(-301), INVALID_PARAMETER);
  assert.equal(await at(31), INVALID_PARAMETER);
});

test('missing credentials and parameters are refused by name', async () => {
  const world = createWorld();
  const refusal = async (options: Parameters<typeof world.call>[1]) => {
    const { status, body } = await world.call(SEARCH, { ...search, ...options });
    return [status, body.code, body.message.split(' ')[0]];
  };
  assert.deepEqual(await refusal({ changes: { app_key: undefined } }), [400, INVALID_PARAMETER, 'app_key']);
  assert.deepEqual(await refusal({ changes: { timestamp: 'now' } }), [400, INVALID_PARAMETER, 'timestamp']);
  assert.deepEqual(await refusal({ token: '' }), [401, INVALID_PARAMETER, 'x-tts-access-token']);
  assert.deepEqual(await refusal({ token: 'unknown' }), [401, 105002, 'Expired']);
  const token = await world.tokenOf(0);
  assert.deepEqual(await refusal({ token, shop: 1 }), [400, INVALID_PARAMETER, 'shop_cipher']);
  const query = { page_size: 10, shop_cipher: '' };
  assert.deepEqual(await refusal({ query }), [400, 106013, 'shop_cipher']);
});

test('an unknown path and a wrong method are told apart', async () => {
  const world = createWorld();
  const path = await world.call('/order/202309/orders/576461413000000001');
  assert.deepEqual([path.status, path.body.code], [404, 36009009]);
  const method = await world.call(ORDERS, { body: {} });
  assert.deepEqual([method.status, method.body.code], [405, 36009010]);
});

test('the 51st call of a second to one API is refused, for that API and shop alone', async () => {
  const world = createWorld();
  for (let number = 1; number <= 50; number++) assert.equal((await world.call(SEARCH, search)).status, 200);
  const refused = await world.call(SEARCH, search);
  assert.deepEqual([refused.status, refused.body.code], [429, THROTTLED]);
  assert.equal(world.sandbox.calls.throttled, 1);
  assert.equal((await world.call(ORDERS, { query: { ids: '1' } })).status, 200, 'another API has its own');
  assert.equal((await world.call(SEARCH, { ...search, shop: 1 })).status, 200, 'another shop has its own');
  await world.advance(20);
  assert.equal((await world.call(SEARCH, search)).status, 200);
  assert.equal((await world.call(SEARCH, search)).status, 429);
});

test('faults answer in the form of TikTok Shop', async () => {
  const world = createWorld();
  await world.tokenOf();
  const strikes = async (fault: 'throttle' | 'server-error') => {
    world.faults.next(fault);
    const { status, body } = await world.call(SEARCH, search);
    return [status, body.code];
  };
  assert.deepEqual(await strikes('throttle'), [429, THROTTLED]);
  assert.deepEqual(await strikes('server-error'), [500, 36009003]);
  assert.equal(world.sandbox.calls.throttled, 0, 'an invented throttle is nobody’s fault');
  world.faults.next('drop-connection');
  await assert.rejects(() => world.call(SEARCH, search), ConnectionDropped);
});
