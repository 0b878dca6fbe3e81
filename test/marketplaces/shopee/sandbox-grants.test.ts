import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, type Json, PARTNER_ID, SHOP } from './sandbox-world.ts';

const CONSENT = '/api/v2/shop/auth_partner';
const EXCHANGE = '/api/v2/auth/token/get';
const INFO = '/api/v2/order/get_order_list';
const MAIN_ACCOUNT = 6_100_001;
const WINDOW = { time_range_field: 'update_time', time_from: 1795500000, time_to: 1795586400, page_size: 10 };

type World = ReturnType<typeof createWorld>;

async function consent(world: World, seller: number): Promise<Record<string, string>> {
  const query = world.publicQuery(CONSENT);
  query.set('redirect', 'https://sluice.test/connect?state=abc');
  query.set('seller', String(seller));
  const response = await world.sandbox.app.request(`${CONSENT}?${query}`);
  return Object.fromEntries(new URL(response.headers.get('location')!).searchParams);
}

async function consentOfAll(world: World): Promise<Json> {
  const { code } = await consent(world, MAIN_ACCOUNT);
  const body = { code, partner_id: PARTNER_ID, main_account_id: MAIN_ACCOUNT };
  return (await world.publicPost(EXCHANGE, body)).body;
}

test('a main account consents for all its shops, and its token opens each of them', async () => {
  const world = createWorld();
  const callback = await consent(world, MAIN_ACCOUNT);
  assert.deepEqual(Object.keys(callback).sort(), ['code', 'main_account_id', 'state']);
  assert.equal(callback.main_account_id, String(MAIN_ACCOUNT));
  const exchange = { code: callback.code, partner_id: PARTNER_ID };
  const wrong = await world.publicPost(EXCHANGE, { ...exchange, main_account_id: 1 });
  assert.equal(wrong.body.error, 'invalid_main_acount_id');
  const asShop = await world.publicPost(EXCHANGE, { ...exchange, shop_id: SHOP });
  assert.equal(asShop.body.error, 'invalid_shop_id');
  const { body } = await world.publicPost(EXCHANGE, { ...exchange, main_account_id: MAIN_ACCOUNT });
  assert.deepEqual([body.error, body.shop_id_list, body.expire_in], ['', [SHOP, SHOP + 1], 14_400]);
  for (const shopId of body.shop_id_list) {
    assert.equal((await world.shopGet(INFO, body.access_token, WINDOW, {}, shopId)).body.error, '');
  }
});

test('the first refresh token of a main account is good once for each shop, which then go their own ways', async () => {
  const world = createWorld();
  const { refresh_token } = await consentOfAll(world);
  const first = (await world.refresh(refresh_token, SHOP)).body;
  assert.equal(first.error, '');
  assert.equal((await world.refresh(refresh_token, SHOP)).body.error, 'error_shop_refresh_token');
  const second = (await world.refresh(refresh_token, SHOP + 1)).body;
  assert.equal(second.error, '');
  assert.equal((await world.refresh(refresh_token, SHOP + 1)).body.error, 'error_auth');
  assert.notEqual(first.refresh_token, second.refresh_token);
  assert.equal((await world.refresh(first.refresh_token, SHOP + 1)).body.error, 'error_shop_refresh_token');
  assert.equal((await world.refresh(first.refresh_token, SHOP)).body.error, '');
});

test('the newer consent link needs no signature, and keeps the state', async () => {
  const world = createWorld();
  const link = { auth_type: 'seller', partner_id: String(PARTNER_ID), response_type: 'code', state: 's1' };
  const query = new URLSearchParams({ ...link, redirect_uri: 'https://sluice.test/connect' });
  const response = await world.sandbox.app.request(`/auth?${query}`);
  const callback = new URL(response.headers.get('location')!).searchParams;
  assert.deepEqual([callback.get('state'), callback.get('shop_id')], ['s1', String(SHOP)]);
  const body = { code: callback.get('code'), partner_id: PARTNER_ID, shop_id: SHOP };
  assert.equal((await world.publicPost(EXCHANGE, body)).body.error, '');
  query.set('response_type', 'token');
  assert.equal((await world.sandbox.app.request(`/auth?${query}`)).headers.get('location'), null);
});

test('consent is given by the seller that the link names', async () => {
  const world = createWorld();
  assert.equal((await consent(world, SHOP + 1)).shop_id, String(SHOP + 1));
});

test('a shop that takes back its consent has no token any more, is told of, and can consent again', async () => {
  const world = createWorld();
  const { body: granted } = await world.refresh('sandbox-refresh-shopee-1');
  world.sandbox.revokeAuthorization(String(SHOP));
  await world.advance(0);
  assert.equal((await world.shopGet(INFO, granted.access_token, WINDOW)).body.error, 'shop_no_linked');
  assert.equal((await world.refresh(granted.refresh_token)).body.error, 'shop_no_linked');
  const { data, code, shop_id, partner_id } = JSON.parse(world.sent.at(-1)!.body);
  assert.deepEqual([code, shop_id, partner_id, data.shop_id, data.success], [2, undefined, PARTNER_ID, SHOP, 1]);
  assert.equal(data.authorize_type, 'user cancel shop authorization');
  assert.ok(await world.accessToken(1), 'the other shop is as before');

  const callback = await consent(world, SHOP);
  const exchange = { code: callback.code, partner_id: PARTNER_ID, shop_id: SHOP };
  const { body: anew } = await world.publicPost(EXCHANGE, exchange);
  assert.equal((await world.shopGet(INFO, anew.access_token, WINDOW)).body.error, '');
  assert.equal((await world.refresh(granted.refresh_token)).body.error, 'error_shop_refresh_token');
});
