import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BASE_SCOPE, createWorld, errorIdOf, NOTIFICATION, ORDERS, SECOND_MS } from './sandbox-world.ts';

test('consent leads back with the state and a code that is good once and for 299 seconds', async () => {
  const { world, app, token, consent, call } = createWorld();
  const redirect = await consent({ state: 'a b&c', seller: 'sandboxuser0002', acceptUrl: 'https://me.test/cb?x=1' });
  const target = new URL(redirect.headers.get('location') ?? '');
  assert.equal(redirect.status, 302);
  assert.equal(target.origin + target.pathname, 'https://me.test/cb');
  assert.equal(target.searchParams.get('x'), '1');
  assert.equal(target.searchParams.get('state'), 'a b&c');
  assert.equal(target.searchParams.get('expires_in'), '299');
  const code = target.searchParams.get('code') ?? '';
  assert.match(code, /^v\^1\.1#/);

  const form = { grant_type: 'authorization_code', code, redirect_uri: app.ruName ?? '' };
  const first = await token(form);
  assert.equal(first.status, 200);
  assert.equal(first.body.expires_in, 7200);
  assert.equal(first.body.refresh_token_expires_in, 47_304_000);
  assert.equal(first.body.token_type, 'User Access Token');
  assert.equal((await call(first.body.access_token, ORDERS)).status, 200);
  const second = await token(form);
  assert.deepEqual([second.status, second.body.error], [400, 'invalid_grant']);

  const late = await consent({});
  const lateTarget = new URL(late.headers.get('location') ?? '');
  assert.equal(lateTarget.origin + lateTarget.pathname, 'http://sluice.test/connections/callback/ebay');
  world.now += 299 * SECOND_MS;
  const lateCode = lateTarget.searchParams.get('code') ?? '';
  assert.equal((await token({ ...form, code: lateCode })).body.error, 'invalid_grant');
});

test('a token says whose it is', async () => {
  const { token, consent, call, app } = createWorld();
  const scope = `${BASE_SCOPE}/commerce.identity.readonly`;
  const redirect = await consent({ seller: 'sandboxuser0002', scope });
  const code = new URL(redirect.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const { body } = await token({ grant_type: 'authorization_code', code, redirect_uri: app.ruName ?? '' });
  const user = await call(body.access_token, '/commerce/identity/v1/user/');
  assert.equal(user.body.userId, 'sandboxuser0002');
  const orders = await call(body.access_token, ORDERS);
  assert.deepEqual([orders.status, errorIdOf(orders)], [403, 1100]);
});

test('consent refuses a foreign application, a URL in place of the RuName, and an unknown scope', async () => {
  const { consent } = createWorld();
  assert.equal((await consent({ client_id: 'other' })).status, 400);
  assert.equal((await consent({ redirect_uri: 'https://me.test/cb' })).status, 400);
  assert.equal((await consent({ scope: `${BASE_SCOPE}/sell.everything` })).status, 400);
  assert.equal((await consent({ response_type: 'token' })).status, 400);
});

test('the token endpoint names what is wrong in OAuth words', async () => {
  const { token, app } = createWorld();
  const refresh = { grant_type: 'refresh_token', refresh_token: 'v^1.1#i^1#sandbox-refresh-1' };
  const cases: [Record<string, string>, string | undefined, number, string][] = [
    [refresh, 'Basic bm9ib2R5Ondyb25n', 401, 'invalid_client'],
    [{ grant_type: 'password' }, undefined, 400, 'unsupported_grant_type'],
    [{}, undefined, 400, 'invalid_request'],
    [{ ...refresh, refresh_token: 'v^1.1#unknown' }, undefined, 400, 'invalid_grant'],
    [{ ...refresh, scope: `${BASE_SCOPE}/sell.everything` }, undefined, 400, 'invalid_scope'],
    [{ grant_type: 'client_credentials', scope: `${BASE_SCOPE}/sell.fulfillment` }, undefined, 400, 'invalid_scope'],
    [{ grant_type: 'authorization_code', code: 'x' }, undefined, 400, 'invalid_request'],
    [{ grant_type: 'authorization_code', code: 'x', redirect_uri: app.ruName ?? '' }, undefined, 400, 'invalid_grant'],
  ];
  for (const [form, authorization, status, error] of cases) {
    const answer = await token(form, authorization);
    assert.deepEqual([answer.status, answer.body.error], [status, error]);
  }
});

test('a refresh token is good again and again, is never answered anew, and ends after 18 months', async () => {
  const { world, token } = createWorld();
  const form = { grant_type: 'refresh_token', refresh_token: 'v^1.1#i^1#sandbox-refresh-1' };
  for (let turn = 0; turn < 2; turn++) {
    const { status, body } = await token(form);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).sort(), ['access_token', 'expires_in', 'token_type']);
  }
  world.now += 47_304_000 * SECOND_MS;
  assert.equal((await token(form)).body.error, 'invalid_grant');
});

test('no more than a thousand application tokens are minted a day', async () => {
  const { world, token } = createWorld();
  const form = { grant_type: 'client_credentials', scope: BASE_SCOPE };
  for (let count = 0; count < 1_000; count++) assert.equal((await token(form)).status, 200);
  const refused = await token(form);
  assert.deepEqual([refused.status, errorIdOf(refused)], [429, 2001]);
  world.now = Date.parse('2026-11-24T08:00:00.000Z');
  assert.equal((await token(form)).status, 200);
});

test('a bad, an ended and a revoked access token are 401/1001, one of the wrong kind 403/1100', async () => {
  const { world, call, sellerToken, appToken, faults } = createWorld();
  const seller = await sellerToken();
  const application = await appToken();
  assert.equal(errorIdOf(await call('nonsense', ORDERS)), 1001);
  const wrong = await call(application, ORDERS);
  assert.deepEqual([wrong.status, errorIdOf(wrong)], [403, 1100]);
  assert.equal(errorIdOf(await call(seller, `${NOTIFICATION}/public_key/x`)), 1100);

  faults.next('expire-access-token', '/order');
  assert.equal((await call(seller, ORDERS)).status, 401);
  assert.equal((await call(seller, ORDERS)).status, 401);

  const fresh = await sellerToken();
  world.now += 7200 * SECOND_MS - 1;
  assert.equal((await call(fresh, ORDERS)).status, 200);
  world.now += 1;
  const ended = await call(fresh, ORDERS);
  assert.deepEqual([ended.status, errorIdOf(ended)], [401, 1001]);
});
