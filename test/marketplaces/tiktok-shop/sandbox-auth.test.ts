import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, DAY_MS, GB_SHOP, MINUTE_MS, ORDERS, SG_SHOP, START } from './sandbox-world.ts';

const SHOPS = '/authorization/202309/shops';
const INVALID_PARAMETER = 36009004;
const EXPIRED_TOKEN = 105002;
const INVALID_CODE = 36004004;
const UNKNOWN_REFRESH_TOKEN = 36004005;
const REFRESH_TOKEN_EXPIRED = 36004001;

type World = ReturnType<typeof createWorld>;

function consent(world: World, query: Record<string, string> = {}, path = '/open/authorize') {
  const all = { service_id: world.registration.serviceId!, state: 'S1', ...query };
  return world.sandbox.app.request(`${path}?${new URLSearchParams(all)}`);
}

async function callback(world: World, query: Record<string, string> = {}): Promise<URL> {
  const response = await consent(world, query);
  assert.equal(response.status, 302);
  return new URL(response.headers.get('location')!);
}

test('a seller’s consent leads to the callback with a code that is good once', async () => {
  const world = createWorld();
  const target = await callback(world);
  assert.equal(target.origin + target.pathname, 'https://hooks.example.test/connections/callback/tiktok-shop');
  const { code = '', ...others } = Object.fromEntries(target.searchParams);
  assert.deepEqual(others, { app_key: world.registration.appKey, locale: 'en', shop_region: 'GB', state: 'S1' });
  const { status, body } = await world.exchange(code);
  assert.deepEqual([status, body.code, body.message], [200, 0, 'success']);
  assert.match(body.request_id, /^20261124060000[0-9A-F]{20}$/);
  assert.equal(body.data.user_type, 0);
  assert.equal(body.data.seller_base_region, 'GB');
  assert.ok(body.data.granted_scopes.includes('seller.order.info'));
  assert.equal((await world.exchange(code)).body.code, INVALID_CODE);
});

test('the expiries of tokens are points in time, not lengths', async () => {
  const world = createWorld();
  const { data } = (await world.refresh('sandbox-refresh-tiktok-shop-1')).body;
  assert.equal(data.access_token_expire_in, (START + 7 * DAY_MS) / 1000);
  assert.equal(data.refresh_token_expire_in, (START + 365 * DAY_MS) / 1000);
  await world.advance(DAY_MS);
  const next = (await world.refresh(data.refresh_token)).body.data;
  assert.equal(next.access_token_expire_in, (START + 8 * DAY_MS) / 1000);
  assert.equal(next.refresh_token_expire_in, data.refresh_token_expire_in, 'a refresh does not prolong the consent');
});

test('a code is good for 30 minutes', async () => {
  const world = createWorld();
  const early = (await callback(world)).searchParams.get('code')!;
  const late = (await callback(world)).searchParams.get('code')!;
  await world.advance(30 * MINUTE_MS - 1);
  assert.equal((await world.exchange(early)).body.code, 0);
  await world.advance(1);
  assert.equal((await world.exchange(late)).body.code, INVALID_CODE);
});

test('another seller consents when the link says so, elsewhere, or refuses', async () => {
  const world = createWorld();
  const other = await callback(world, { seller: SG_SHOP, redirect_uri: 'https://app.example/back?a=1' });
  assert.equal(other.href.startsWith('https://app.example/back?a=1&'), true);
  const token = (await world.exchange(other.searchParams.get('code')!)).body.data.access_token;
  const { body } = await world.call(SHOPS, { token, changes: {}, shop: 1 });
  assert.equal(body.data.shops[0].id, SG_SHOP);
  const denied = await callback(world, { deny: '1' });
  assert.deepEqual(
    [denied.searchParams.get('code'), denied.searchParams.get('error'), denied.searchParams.get('state')],
    ['null', 'auth_denied', 'S1'],
  );
});

test('the older consent page goes by the app key', async () => {
  const world = createWorld();
  assert.equal((await consent(world, { app_key: world.registration.appKey! }, '/oauth/authorize')).status, 302);
  assert.equal((await consent(world, { app_key: 'nobody' }, '/oauth/authorize')).status, 400);
});

test('a consent link for an unknown app or seller is refused', async () => {
  const world = createWorld();
  assert.equal((await consent(world, { service_id: '1' })).status, 400);
  assert.equal((await consent(world, { seller: '1' })).status, 400);
  assert.equal((await consent(world, { redirect_uri: 'nowhere' })).status, 400);
});

test('a refresh token is spent by its first use', async () => {
  const world = createWorld();
  const first = await world.refresh('sandbox-refresh-tiktok-shop-1');
  assert.equal(first.body.code, 0);
  const again = await world.refresh('sandbox-refresh-tiktok-shop-1');
  assert.deepEqual([again.status, again.body.code, again.body.data], [200, UNKNOWN_REFRESH_TOKEN, undefined]);
  assert.equal((await world.refresh(first.body.data.refresh_token)).body.code, 0);
});

test('a refresh token ends with the consent', async () => {
  const world = createWorld();
  await world.advance(365 * DAY_MS);
  assert.equal((await world.refresh('sandbox-refresh-tiktok-shop-1')).body.code, REFRESH_TOKEN_EXPIRED);
});

test('the token endpoints refuse wrong credentials and grant types', async () => {
  const world = createWorld();
  const wrong: Record<string, string>[] = [
    { app_key: 'nobody' },
    { app_secret: 'wrong' },
    { grant_type: 'authorization_code' },
    { refresh_token: '' },
  ];
  for (const changes of wrong) {
    const { body } = await world.refresh('sandbox-refresh-tiktok-shop-1', changes);
    assert.equal(body.code, INVALID_PARAMETER);
    assert.ok(body.message.includes(Object.keys(changes)[0]!), body.message);
  }
  assert.equal((await world.refresh('sandbox-refresh-tiktok-shop-1')).body.code, 0, 'no refusal spent the token');
});

test('an access token is good for seven days, also beside the next one', async () => {
  const world = createWorld();
  const { access_token, refresh_token } = (await world.refresh('sandbox-refresh-tiktok-shop-1')).body.data;
  await world.refresh(refresh_token);
  await world.advance(7 * DAY_MS - 1000);
  assert.equal((await world.call(SHOPS, { token: access_token })).body.code, 0);
  await world.advance(1000);
  const { status, body } = await world.call(SHOPS, { token: access_token });
  assert.deepEqual([status, body.code], [401, EXPIRED_TOKEN]);
});

test('a seller who withdraws the authorization ends every token of it, and the app is told', async () => {
  const world = createWorld();
  const { access_token, refresh_token } = (await world.refresh('sandbox-refresh-tiktok-shop-1')).body.data;
  const response = await world.sandbox.app.request(`/open/deauthorize?seller=${GB_SHOP}`, { method: 'POST' });
  assert.equal(response.status, 200);
  assert.equal((await world.call(SHOPS, { token: access_token })).body.code, EXPIRED_TOKEN);
  assert.equal((await world.refresh(refresh_token)).body.code, REFRESH_TOKEN_EXPIRED);
  await world.advance(0);
  const [notification] = world.notifications();
  assert.deepEqual([notification.type, notification.shop_id], [6, GB_SHOP]);
  world.place();
  await world.advance(0);
  assert.equal(world.sent.length, 1, 'nothing more is told of the shop');

  const code = (await callback(world)).searchParams.get('code')!;
  assert.equal((await world.exchange(code)).body.code, 0, 'a new consent begins anew');
  world.place();
  await world.advance(0);
  assert.equal(world.sent.length, 2);
});

test('a shop is named with the cipher that calls need', async () => {
  const world = createWorld();
  const { body } = await world.call(SHOPS, { changes: {} });
  const { shopCipher } = world.sandbox.sellers[0]!.settings;
  const { code, name, ...shop } = body.data.shops[0];
  assert.deepEqual(shop, { id: GB_SHOP, region: 'GB', seller_type: 'LOCAL', cipher: shopCipher });
  assert.ok(code && name);
  assert.equal(body.data.shops.length, 1);
});

test('an answer that is dropped after a refresh leaves the old refresh token spent', async () => {
  const world = createWorld();
  world.faults.next('server-error-after-effect', '/token/refresh');
  const lost = await world.refresh('sandbox-refresh-tiktok-shop-1');
  assert.deepEqual([lost.status, lost.body.code], [500, 36009003]);
  assert.equal((await world.refresh('sandbox-refresh-tiktok-shop-1')).body.code, UNKNOWN_REFRESH_TOKEN);
});

test('a token that was told to expire is refused for good', async () => {
  const world = createWorld();
  await world.tokenOf();
  world.faults.next('expire-access-token', ORDERS);
  for (let time = 1; time <= 2; time++) {
    const { status, body } = await world.call(ORDERS, { query: { ids: '1' } });
    assert.deepEqual([status, body.code], [401, EXPIRED_TOKEN]);
  }
});
