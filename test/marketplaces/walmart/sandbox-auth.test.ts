import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, DAY_MS, errorOf, FIRST, REDIRECT, SECOND, SECOND_MS } from './sandbox-world.ts';

test('consent leads back with what Walmart sends, and its code is good once and for its seller only', async () => {
  const { token, consent, call } = createWorld();
  const redirect = await consent({ state: 'a b&c', seller: SECOND });
  assert.equal(redirect.status, 302);
  const target = new URL(redirect.headers.get('location') ?? '');
  assert.equal(target.origin + target.pathname, REDIRECT);
  const { code = '', ...rest } = Object.fromEntries(target.searchParams);
  const { clientId, ...others } = rest;
  assert.deepEqual(others, { type: 'auth', sellerId: SECOND, state: 'a b&c' });
  assert.match(clientId ?? '', /^5a7e1c00/);

  const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT };
  const granted = await token(form, { 'WM_PARTNER.ID': SECOND });
  assert.equal(granted.status, 200);
  assert.equal(granted.body.token_type, 'Bearer');
  assert.equal(granted.body.expires_in, 900);
  assert.equal((await call(granted.body.access_token, '/v3/orders')).status, 200);
  assert.equal((await token(form, { 'WM_PARTNER.ID': SECOND })).body.error, 'invalid_grant');

  const second = new URL((await consent()).headers.get('location') ?? '').searchParams.get('code') ?? '';
  const foreign = await token({ ...form, code: second }, { 'WM_PARTNER.ID': SECOND });
  assert.deepEqual([foreign.status, foreign.body.error], [400, 'invalid_grant']);

  const refreshed = { grant_type: 'refresh_token', refresh_token: granted.body.refresh_token };
  assert.equal((await token(refreshed, { 'WM_PARTNER.ID': SECOND })).status, 200);
});

test('an authorization code ends after ten minutes', async () => {
  const { world, token, consent } = createWorld();
  const code = new URL((await consent()).headers.get('location') ?? '').searchParams.get('code') ?? '';
  world.now += 600 * SECOND_MS;
  const late = await token(
    { grant_type: 'authorization_code', code, redirect_uri: REDIRECT },
    { 'WM_PARTNER.ID': FIRST },
  );
  assert.equal(late.body.error, 'invalid_grant');
});

test('the consent page refuses what is not its own', async () => {
  const { consent } = createWorld();
  for (const wrong of [
    { clientId: 'other' },
    { responseType: 'token' },
    { clientType: 'seller-ca' },
    { redirectUri: 'nowhere' },
    { state: '' },
    { nonce: '' },
    { seller: '1' },
  ]) {
    assert.equal((await consent(wrong)).status, 400);
  }
});

test('the token endpoint names what is wrong', async () => {
  const { token } = createWorld();
  const refresh = { grant_type: 'refresh_token', refresh_token: 'sandbox-refresh-walmart-1' };
  const partner = { 'WM_PARTNER.ID': FIRST };
  const cases: [Record<string, string>, Record<string, string>, number, string][] = [
    [refresh, { ...partner, Authorization: `Basic ${btoa('nobody:wrong')}` }, 401, 'invalid_client'],
    [refresh, { ...partner, 'Content-Type': 'application/json' }, 400, 'invalid_request'],
    [refresh, {}, 400, 'invalid_request'],
    [refresh, { 'WM_PARTNER.ID': SECOND }, 400, 'invalid_grant'],
    [{ ...refresh, refresh_token: 'unknown' }, partner, 400, 'invalid_grant'],
    [{ grant_type: 'refresh_token' }, partner, 400, 'invalid_request'],
    [{ grant_type: 'authorization_code', code: 'x' }, partner, 400, 'invalid_request'],
    [{ grant_type: 'authorization_code', code: 'x', redirect_uri: REDIRECT }, partner, 400, 'invalid_grant'],
    [{ grant_type: 'password' }, {}, 400, 'unsupported_grant_type'],
    [{}, {}, 400, 'invalid_request'],
  ];
  for (const [form, headers, status, error] of cases) {
    const answer = await token(form, headers);
    assert.deepEqual([answer.status, answer.body.error], [status, error]);
  }
  const bare = await token(refresh, { ...partner, 'WM_SVC.NAME': '' });
  assert.deepEqual([bare.status, bare.body.errors[0].field], [400, 'WM_SVC.NAME']);
});

test('a refresh token is good again and again, is never answered anew, and ends after 365 days', async () => {
  const { world, refresh } = createWorld();
  for (let turn = 0; turn < 2; turn++) {
    const { body } = await refresh();
    assert.deepEqual(Object.keys(body).sort(), ['access_token', 'expires_in', 'token_type']);
  }
  world.now += 365 * DAY_MS;
  const ended = await refresh();
  assert.deepEqual([ended.status, ended.body.error], [400, 'invalid_grant']);
});

test('client credentials open the account of the first seller, and who does not ask for JSON gets XML', async () => {
  const { sandbox, token, call, app } = createWorld();
  const own = await token({ grant_type: 'client_credentials' });
  const detail = await call(own.body.access_token, '/v3/token/detail');
  assert.equal(detail.body.is_valid, true);
  assert.equal(Number(detail.body.expire_at) - Number(detail.body.issued_at), 900 * SECOND_MS);
  assert.equal(detail.body.scopes.orders, 'full_access');
  const xml = await sandbox.app.request('/v3/token', {
    method: 'POST',
    headers: {
      'WM_QOS.CORRELATION_ID': '1',
      'WM_SVC.NAME': 'Walmart Marketplace',
      Authorization: `Basic ${btoa(`${app.clientId}:${app.clientSecret}`)}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  assert.match(await xml.text(), /^<OAuthTokenDTO><accessToken>eyJ.+<expiresIn>900</);
});

test('a call without its headers is 400; an unknown, an ended and a dropped access token are 401', async () => {
  const { world, call, sellerToken, faults } = createWorld();
  const token = await sellerToken();
  const bare = await call(token, '/v3/orders', { headers: { 'WM_QOS.CORRELATION_ID': '' } });
  assert.deepEqual([bare.status, bare.body.errors[0].field], [400, 'WM_QOS.CORRELATION_ID']);
  const unknown = await call('nonsense', '/v3/orders');
  assert.deepEqual([unknown.status, unknown.body.errors[0].code], [401, 'UNAUTHORIZED.GMP_GATEWAY_API']);

  faults.next('expire-access-token', '/orders');
  assert.equal(errorOf(await call(token, '/v3/orders')), 'UNAUTHORIZED');
  assert.equal((await call(token, '/v3/orders')).status, 401);

  const fresh = await sellerToken();
  world.now += 900 * SECOND_MS - 1;
  assert.equal((await call(fresh, '/v3/orders')).status, 200);
  world.now += 1;
  assert.equal((await call(fresh, '/v3/orders')).status, 401);
  assert.equal((await call(fresh, '/v3/token/detail')).status, 401);
});
