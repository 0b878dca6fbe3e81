import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hono } from 'hono';
import { ConnectionDropped } from '#marketplaces/sandbox-kit/sandbox.ts';
import { pushSignature } from '#marketplaces/shopee/sandbox/signature.ts';
import vectors from '#test/vectors/shopee/sandbox-signatures.json' with { type: 'json' };
import { createWorld, type Json, PARTNER_ID, SHOP, sign } from './sandbox-world.ts';

const LIST = '/api/v2/order/get_order_list';
const CONSENT = '/api/v2/shop/auth_partner';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const WINDOW = { time_range_field: 'update_time', time_from: 1795500000, time_to: 1795586400, page_size: 10 };

const errorOf = async (response: Response): Promise<string> => ((await response.json()) as Json).error;

test('the published signatures are accepted', async () => {
  const world = createWorld({ startAt: vectors.timestamp * 1000 });
  const signOf = (name: string) => vectors.cases.find((entry) => entry.name === name)!.sign;
  const common = `partner_id=${vectors.partner_id}&timestamp=${vectors.timestamp}`;

  const shop = `access_token=${vectors.access_token}&shop_id=${vectors.shop_id}&sign=${signOf('shop_api')}`;
  const list = await world.sandbox.app.request(`${LIST}?${common}&${shop}`);
  assert.equal(await errorOf(list), 'invalid_acceess_token', 'past the sign, at the token');

  const tokenUrl = `/api/v2/auth/token/get?${common}&sign=${signOf('public_api_token_get')}`;
  const body = JSON.stringify({ code: 'none', partner_id: vectors.partner_id, shop_id: vectors.shop_id });
  const token = await world.sandbox.app.request(tokenUrl, { method: 'POST', body });
  assert.equal(await errorOf(token), 'invalid_code', 'past the sign, at the code');

  const link = `${CONSENT}?${common}&sign=${signOf('auth_partner_link')}&redirect=https://a.test/`;
  assert.equal((await world.sandbox.app.request(link)).status, 302);

  const { callback_url, raw_body, authorization_header } = vectors.push;
  assert.equal(pushSignature(callback_url, raw_body), authorization_header);
});

test('the gateway names the first thing that is wrong with a call', async () => {
  const world = createWorld();
  const token = await world.accessToken();
  const refusals: [Record<string, string | undefined>, string, string][] = [
    [{ partner_id: undefined, timestamp: undefined }, 'error_param', 'There is no partner_id in query.'],
    [{ partner_id: 'x' }, 'error_param', 'Invalid partner_id.'],
    [{ partner_id: '2001888' }, 'invalid_partner_id', 'Invalid partner_id, please have a check.'],
    [{ timestamp: undefined, sign: undefined }, 'error_param', 'no timestamp'],
    [{ timestamp: '12.5' }, 'error_param', 'Invalid timestamp'],
    [{ sign: undefined, access_token: undefined }, 'error_param', 'There is no sign in query.'],
    [{ sign: 'A'.repeat(64) }, 'error_sign', 'Wrong sign.'],
    [{ access_token: undefined }, 'error_sign', 'Wrong sign.'],
    [{ shop_id: '14701712' }, 'error_sign', 'Wrong sign.'],
  ];
  for (const [changes, error, message] of refusals) {
    const answer = await world.shopGet(LIST, token, WINDOW, changes);
    assert.equal(answer.status, 403);
    assert.deepEqual({ error: answer.body.error, message: answer.body.message }, { error, message });
    assert.match(answer.body.request_id, /^[0-9a-f]{32}$/);
  }
  const noToken = await world.shopGet(LIST, '', WINDOW, { access_token: undefined });
  assert.equal(noToken.body.message, 'There is no access_token in query.');
  const otherShop = await world.shopGet(LIST, token, WINDOW, {}, 99);
  assert.equal(otherShop.body.message, 'Invalid partner_id or shopid.');
});

test('a timestamp is good for 300 seconds, before and after', async () => {
  const world = createWorld();
  const token = await world.accessToken();
  for (const [ageSeconds, error] of [
    [300, ''],
    [301, 'error_param'],
    [-300, ''],
    [-301, 'error_param'],
  ] as const) {
    const timestamp = String(world.now() / 1000 - ageSeconds);
    const signed = sign(`${PARTNER_ID}${LIST}${timestamp}${token}${SHOP}`);
    const { body } = await world.shopGet(LIST, token, WINDOW, { timestamp, sign: signed });
    assert.equal(body.error, error, `${ageSeconds} s`);
  }
});

test('under a mount point the signed path still starts at /api/v2/', async () => {
  const world = createWorld();
  const outer = new Hono().route('/shopee', world.sandbox.app);
  const path = '/api/v2/push/get_app_push_config';
  const response = await outer.request(`/shopee${path}?${world.publicQuery(path)}`);
  assert.equal(await errorOf(response), '');
});

test('consent keeps the query of the redirect and gives a code that is good once', async () => {
  const world = createWorld();
  const query = world.publicQuery(CONSENT);
  query.set('redirect', 'https://sluice.test/connect?state=abc');
  const response = await world.sandbox.app.request(`${CONSENT}?${query}`);
  const target = new URL(response.headers.get('location')!);
  assert.equal(target.searchParams.get('state'), 'abc');
  assert.equal(target.searchParams.get('shop_id'), String(SHOP));

  const exchange = { code: target.searchParams.get('code'), partner_id: PARTNER_ID, shop_id: SHOP };
  const otherShop = await world.publicPost('/api/v2/auth/token/get', { ...exchange, shop_id: SHOP + 1 });
  assert.equal(otherShop.body.error, 'invalid_shop_id');
  const first = await world.publicPost('/api/v2/auth/token/get', exchange);
  assert.equal(first.body.error, '');
  assert.equal(first.body.expire_in, 14400);
  assert.equal((await world.shopGet(LIST, first.body.access_token, WINDOW)).body.error, '');
  const second = await world.publicPost('/api/v2/auth/token/get', exchange);
  assert.equal(second.body.error, 'invalid_code');
  assert.equal(world.sandbox.calls.made, 4, 'the consent page is no API call');
});

test('a code is dead after 10 minutes, and an unsigned consent link gives none', async () => {
  const world = createWorld();
  const query = world.publicQuery(CONSENT);
  query.set('redirect', 'https://sluice.test/connect');
  query.set('shop_id', String(SHOP + 1));
  const response = await world.sandbox.app.request(`${CONSENT}?${query}`);
  const target = new URL(response.headers.get('location')!);
  assert.equal(target.searchParams.get('shop_id'), String(SHOP + 1));
  await world.advance(10 * MINUTE_MS);
  const exchange = { code: target.searchParams.get('code'), partner_id: PARTNER_ID, shop_id: SHOP + 1 };
  const late = await world.publicPost('/api/v2/auth/token/get', exchange);
  assert.equal(late.body.error, 'invalid_code');

  query.set('timestamp', String(world.now() / 1000));
  const unsigned = await world.sandbox.app.request(`${CONSENT}?${query}`);
  assert.equal(await errorOf(unsigned), 'error_sign');
});

test('a refresh spends its token and gives new ones', async () => {
  const world = createWorld();
  const first = await world.refresh('sandbox-refresh-shopee-1');
  assert.deepEqual(Object.keys(first.body).sort(), [
    'access_token',
    'error',
    'expire_in',
    'message',
    'partner_id',
    'refresh_token',
    'request_id',
    'shop_id',
  ]);
  const spent = await world.refresh('sandbox-refresh-shopee-1');
  assert.deepEqual(
    { ...spent.body, request_id: '' },
    { error: 'error_auth', message: 'Invalid refresh_token.', request_id: '' },
  );
  const second = await world.refresh(first.body.refresh_token);
  assert.equal(second.body.error, '');
  assert.notEqual(second.body.refresh_token, first.body.refresh_token);
});

test('a refresh is refused for another shop, an unknown shop, no shop and a partner id in quotes, and spends nothing', async () => {
  const world = createWorld();
  assert.equal((await world.refresh('sandbox-refresh-shopee-1', SHOP + 1)).body.error, 'error_shop_refresh_token');
  assert.equal((await world.refresh('sandbox-refresh-shopee-1', 99)).body.error, 'shop_no_linked');
  const path = '/api/v2/auth/access_token/get';
  const refresh_token = 'sandbox-refresh-shopee-1';
  const wrong = [
    { refresh_token, partner_id: PARTNER_ID },
    { refresh_token, partner_id: PARTNER_ID, shop_id: SHOP, merchant_id: 1 },
    { refresh_token, partner_id: String(PARTNER_ID), shop_id: SHOP },
    { refresh_token, partner_id: PARTNER_ID, shop_id: String(SHOP) },
  ];
  for (const body of wrong) assert.equal((await world.publicPost(path, body)).body.error, 'error_param');
  assert.equal((await world.refresh(refresh_token)).body.error, '');
});

test('a refresh token is dead after 30 days', async () => {
  const world = createWorld();
  await world.advance(30 * DAY_MS);
  assert.equal((await world.refresh('sandbox-refresh-shopee-1')).body.error, 'refresh_token_expired');
});

test('an access token lasts 4 hours, and 5 minutes once it has been replaced', async () => {
  const world = createWorld();
  const first = (await world.refresh('sandbox-refresh-shopee-1')).body;
  await world.advance(60 * MINUTE_MS);
  const second = (await world.refresh(first.refresh_token)).body;
  await world.advance(5 * MINUTE_MS - 1);
  assert.equal((await world.shopGet(LIST, first.access_token, WINDOW)).body.error, '');
  await world.advance(1);
  assert.equal((await world.shopGet(LIST, first.access_token, WINDOW)).body.error, 'invalid_acceess_token');
  await world.advance(4 * 60 * MINUTE_MS - 5 * MINUTE_MS - 1);
  assert.equal((await world.shopGet(LIST, second.access_token, WINDOW)).body.error, '');
  await world.advance(1);
  assert.equal((await world.shopGet(LIST, second.access_token, WINDOW)).body.error, 'invalid_acceess_token');
});

test('an access token opens only its own shop', async () => {
  const world = createWorld();
  const token = await world.accessToken(0);
  const { body } = await world.shopGet(LIST, token, WINDOW, {}, SHOP + 1);
  assert.equal(body.error, 'invalid_acceess_token');
});

test('a shop has 20 calls at once and 10 a second, and what is over is counted as throttled', async () => {
  const world = createWorld();
  const token = await world.accessToken();
  const call = async () => (await world.shopGet(LIST, token, WINDOW)).body.error;
  for (let number = 1; number <= 20; number++) assert.equal(await call(), '');
  const refused = await world.shopGet(LIST, token, WINDOW);
  assert.deepEqual([refused.status, refused.body.error], [200, 'error_rate_limit']);
  await world.advance(100);
  assert.equal(await call(), '');
  assert.equal(await call(), 'error_rate_limit');
  assert.equal(world.sandbox.calls.throttled, 2);
});

test('the app has 100 calls at once over all its shops', async () => {
  const world = createWorld({ sellers: 6 });
  const tokens: string[] = [];
  for (let index = 0; index < 6; index++) tokens.push(await world.accessToken(index));
  let passed = 0;
  for (const [index, token] of tokens.entries()) {
    for (let number = 1; number <= 20; number++) {
      const { body } = await world.shopGet(LIST, token, WINDOW, {}, SHOP + index);
      if (body.error === '') passed += 1;
      else assert.equal(body.error, 'error_rate_limit');
    }
  }
  assert.equal(passed, 100 - 6, 'the six refreshes count too');
});

test('faults answer in the form of Shopee', async () => {
  const world = createWorld();
  const token = await world.accessToken();
  const call = () => world.shopGet(LIST, token, WINDOW);

  world.faults.next('throttle');
  const throttled = await call();
  assert.deepEqual([throttled.status, throttled.body.error], [200, 'error_rate_limit']);
  assert.equal(world.sandbox.calls.throttled, 0, 'an invented throttle is nobody’s fault');
  world.faults.next('server-error');
  const failed = await call();
  assert.deepEqual([failed.status, failed.body.error], [500, 'error_server']);
  world.faults.next('expire-access-token');
  const expired = await call();
  assert.deepEqual([expired.body.error, expired.body.message], ['error_auth', 'Invalid access_token.']);
  assert.equal((await call()).body.error, '');
});

test('an answer that is dropped after a refresh leaves the old refresh token spent', async () => {
  const world = createWorld();
  world.faults.next('drop-answer');
  await assert.rejects(() => world.refresh('sandbox-refresh-shopee-1'), ConnectionDropped);
  assert.equal((await world.refresh('sandbox-refresh-shopee-1')).body.error, 'error_auth');
});

test('an unknown path is refused with an error that is no success', async () => {
  const world = createWorld();
  assert.equal((await world.publicGet('/api/v2/shop/nothing')).body.error, 'error_param');
});
