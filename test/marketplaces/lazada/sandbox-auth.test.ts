import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRateLimits } from '#marketplaces/lazada/sandbox/rate-limits.ts';
import { pushSignature, requestSignature } from '#marketplaces/lazada/sandbox/signature.ts';
import vectors from '#test/vectors/lazada/sandbox-signature.json' with { type: 'json' };
import { createWorld, DAY_MS, FIRST, isoTime, type Json, MINUTE_MS, REDIRECT, SECOND, START } from './sandbox-world.ts';

const MAX_SKEW_MS = 7_200_000;

for (const { name, api, params, sign } of vectors.cases as Json[]) {
  test(`the signature of ${name} is the published one`, () => {
    assert.equal(requestSignature(vectors.app_secret, { path: api, parameters: params, rawBody: '' }), sign);
    const withMore = { ...params, sign: 'X', empty: '' };
    assert.equal(
      requestSignature(vectors.app_secret, { path: `/lazada/rest${api}`, parameters: withMore, rawBody: '' }),
      sign,
    );
  });
}

test('the signature of a push is the published rule', () => {
  const app = { appKey: vectors.app_key, appSecret: vectors.app_secret };
  assert.equal(pushSignature(app, vectors.push.raw_body), vectors.push.authorization_header);
});

test('a call with a wrong signature, a changed parameter or an old timestamp is refused', async () => {
  const { seller, app } = createWorld();
  const { as } = await seller();
  const get = (settings: Json) => as('/seller/get', {}, settings);
  assert.equal((await get({})).code, '0');
  for (const [settings, code] of [
    [{ appSecret: 'another' }, 'IncompleteSignature'],
    [{ forge: { order_id: '1' } }, 'IncompleteSignature'],
    [{ forge: { sign: 'A'.repeat(64) } }, 'IncompleteSignature'],
    [{ forge: { sign_method: 'md5' } }, 'IncompleteSignature'],
    [{ forge: { sign: '' } }, 'MissingParameter'],
    [{ forge: { timestamp: '' } }, 'MissingParameter'],
    [{ forge: { app_key: `${app.appKey}1` } }, 'InvalidAppKey'],
    [{ timestamp: START - MAX_SKEW_MS }, 'IllegalTimestamp'],
    [{ timestamp: START + MAX_SKEW_MS }, 'IllegalTimestamp'],
    [{ timestamp: Math.floor(START / 1000) }, 'IllegalTimestamp'],
  ] as const) {
    const answer = await get(settings);
    assert.deepEqual([answer.code, answer.type], [code, 'ISV']);
    assert.match(answer.request_id, /^[0-9a-f]{24}$/);
  }
  assert.equal((await get({ timestamp: START - MAX_SKEW_MS + 1 })).code, '0');
});

test('parameters count wherever a client puts them, and a body that is no form is signed', async () => {
  const { seller } = createWorld();
  const { as } = await seller();
  const payload = { payload: '<Request/>' };
  for (const carrier of ['form', 'multipart', 'query', 'query-and-json'] as const) {
    assert.equal((await as('/product/stock/sellable/update', payload, { method: 'POST', carrier })).code, '30');
  }
  assert.equal((await as('/product/stock/sellable/update', payload, { method: 'POST', rawBody: '<a/>' })).code, '30');
});

test('a consent is redirected with a code that is good once, for half an hour', async () => {
  const { consent, call, world } = createWorld();
  const response = await consent({ state: 'S 1', seller: SECOND });
  assert.equal(response.status, 302);
  const target = new URL(response.headers.get('location') ?? '');
  assert.equal(target.origin + target.pathname, REDIRECT);
  assert.equal(target.searchParams.get('state'), 'S 1');
  const code = target.searchParams.get('code') ?? '';
  assert.match(code, /^0_100132_/);

  const granted = await call('/auth/token/create', { code }, { method: 'POST' });
  assert.equal(granted.code, '0');
  assert.equal(granted.expires_in, 2_592_000);
  assert.equal(granted.refresh_expires_in, '15552000');
  assert.equal(granted.country, 'sg');
  assert.equal(granted.account_platform, 'seller_center');
  assert.deepEqual(Object.keys(granted.country_user_info[0]), ['country', 'user_id', 'seller_id', 'short_code']);
  assert.equal(granted.country_user_info[0].seller_id, SECOND);
  assert.equal((await call('/auth/token/create', { code })).code, 'InvalidCode');

  const late = new URL((await consent()).headers.get('location') ?? '').searchParams.get('code') ?? '';
  world.now += 30 * MINUTE_MS;
  assert.equal((await call('/auth/token/create', { code: late })).code, 'InvalidCode');
  assert.equal((await call('/auth/token/create', {})).code, 'MissingParameter');
});

test('a consent for another app, to nowhere, for no seller or another country is refused', async () => {
  const { consent } = createWorld();
  for (const query of [
    { client_id: '1' },
    { redirect_uri: 'nowhere' },
    { response_type: 'token' },
    { seller: '1' },
    { country: 'my,th' },
  ] as Record<string, string>[]) {
    assert.equal((await consent(query)).status, 400);
  }
});

test('a refresh spends its token, ends the access token before it and does not prolong the consent', async () => {
  const { call, refresh, world } = createWorld();
  const first = await refresh('sandbox-refresh-lazada-1');
  assert.equal(first.country_user_info_list[0].seller_id, FIRST);
  assert.equal(first.country_user_info, undefined);
  assert.equal(first.refresh_expires_in, 180 * 86_400);
  assert.equal((await refresh('sandbox-refresh-lazada-1')).code, 'IllegalRefreshToken');
  const who = (token: string): Promise<Json> => call('/seller/get', { access_token: token });
  assert.equal((await who(first.access_token)).data.seller_id, Number(FIRST));

  world.now += 100 * DAY_MS;
  assert.equal((await who(first.access_token)).code, 'IllegalAccessToken');
  const second = await refresh(first.refresh_token);
  assert.equal(second.refresh_expires_in, 80 * 86_400);
  const third = await refresh(second.refresh_token);
  assert.equal((await who(second.access_token)).code, 'IllegalAccessToken');
  assert.equal((await who(third.access_token)).code, '0');
  world.now += 80 * DAY_MS;
  assert.equal((await refresh(third.refresh_token)).code, 'IllegalRefreshToken');
});

test('a call without a token is refused, and one whose token the fault ends until it is refreshed', async () => {
  const { call, faults, seller } = createWorld();
  assert.equal((await call('/orders/get', {})).code, 'IllegalAccessToken');
  const { list } = await seller();
  faults.next('expire-access-token', '/orders/get');
  assert.equal((await list()).code, 'IllegalAccessToken');
  assert.equal((await list()).code, 'IllegalAccessToken');
});

test('more than 50 calls a second are answered with a ban of their API for one second', async () => {
  const { sandbox, seller, world } = createWorld();
  const { list, as } = await seller();
  for (let count = 0; count < 50; count++) assert.equal((await list()).code, '0');
  const refused = await list();
  assert.equal(refused.code, 'ApiCallLimit');
  assert.match(refused.message, /this ban will last 1 seconds/);
  assert.equal((await as('/seller/get')).code, '0');
  world.now += 999;
  assert.equal((await list()).code, 'ApiCallLimit');
  world.now += 1;
  assert.equal((await list()).code, '0');
  assert.deepEqual(sandbox.calls, { made: 55, throttled: 2 });
});

test('the stock APIs share 50 calls a second of each seller', async () => {
  const { seller } = createWorld();
  const { as } = await seller();
  const other = await seller(2);
  for (let count = 0; count < 25; count++) {
    await as('/product/stock/sellable/update', {}, { method: 'POST' });
    await as('/product/stock/sellable/adjust', {}, { method: 'POST' });
  }
  assert.equal((await as('/product/price_quantity/update', {}, { method: 'POST' })).code, '901');
  assert.notEqual((await other.as('/product/price_quantity/update', {}, { method: 'POST' })).code, '901');
});

test('an app has only so many calls a day', () => {
  let now = START;
  const limits = createRateLimits(() => now, 2);
  assert.equal(limits.take(FIRST, '/orders/get'), undefined);
  assert.equal(limits.take(SECOND, '/orders/get'), undefined);
  assert.equal(limits.take(SECOND, '/seller/get'), 18 * 3600);
  now += 18 * 3_600_000;
  assert.equal(limits.take(SECOND, '/seller/get'), undefined);
});

test('an invented throttle and a failure are HTTP 200 in the words of Lazada; an unknown path too', async () => {
  const { faults, seller, sandbox } = createWorld();
  const { list, as } = await seller();
  faults.next('throttle', '/orders/get');
  assert.equal((await list()).code, 'ApiCallLimit');
  faults.next('server-error', '/orders/get');
  assert.deepEqual(await list().then(({ code, type }) => [code, type]), ['ServiceTimeout', 'SYSTEM']);
  assert.equal((await as('/order/rts')).code, 'InvalidApiPath');
  assert.equal(sandbox.calls.throttled, 0);
  assert.equal((await list({ update_after: isoTime(START) })).code, '0');
});
