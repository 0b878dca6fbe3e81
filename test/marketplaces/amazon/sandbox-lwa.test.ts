import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, HOUR, MINUTE, REDIRECT } from './sandbox-world.ts';

test('a consent gives a code that is worth tokens once, with the redirect URI it was sent to', async () => {
  const { consent, token, seller } = createWorld();
  const callback = await consent('opaque&state');
  assert.equal(callback.get('state'), 'opaque&state');
  assert.equal(callback.get('selling_partner_id'), seller.sellerId);
  const code = callback.get('spapi_oauth_code') ?? '';

  const elsewhere = await token({ grant_type: 'authorization_code', code, redirect_uri: 'https://other.example/' });
  assert.deepEqual([elsewhere.status, elsewhere.body.error], [400, 'invalid_grant']);
  const first = await token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
  assert.equal(first.status, 200);
  assert.match(first.body.access_token, /^Atza\|/);
  assert.match(first.body.refresh_token, /^Atzr\|/);
  assert.deepEqual([first.body.token_type, first.body.expires_in], ['bearer', 3600]);
  const again = await token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
  assert.match(again.body.error_description, /invalid grant parameter : code/);
});

test('a consent that names no redirect URI leads to the registered one, which the exchange may leave out', async () => {
  const { app, registration, token } = createWorld();
  const query = new URLSearchParams({ application_id: String(registration.applicationId), state: 's1' });
  const consent = async () => {
    const location = (await app.request(`/apps/authorize/consent?${query}`)).headers.get('location');
    assert.match(location ?? '', /^http:\/\/127\.0\.0\.1:4600\/oauth\/amazon\/callback\?/);
    return new URL(location!).searchParams.get('spapi_oauth_code')!;
  };
  const grant_type = 'authorization_code';
  assert.equal((await token({ grant_type, code: await consent() })).status, 200);
  const named = await token({ grant_type, code: await consent(), redirect_uri: REDIRECT });
  assert.equal(named.body.error, 'invalid_grant');
  query.set('redirect_uri', REDIRECT);
  const left = await app.request(`/apps/authorize/consent?${query}`);
  const code = new URL(left.headers.get('location')!).searchParams.get('spapi_oauth_code')!;
  assert.equal((await token({ grant_type, code })).body.error, 'invalid_request');
});

test('a code is worth nothing after five minutes', async () => {
  const { consent, token, world } = createWorld();
  const code = (await consent()).get('spapi_oauth_code') ?? '';
  world.now += 5 * MINUTE;
  const { status, body } = await token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
  assert.deepEqual([status, body.error], [400, 'invalid_grant']);
});

test('a refresh token does not rotate, and is good for a year', async () => {
  const { token, world, seller } = createWorld();
  const refresh = () => token({ grant_type: 'refresh_token', refresh_token: seller.refreshToken });
  const [first, second] = [await refresh(), await refresh()];
  assert.equal(first.body.refresh_token, 'Atzr|sandbox-refresh-1');
  assert.equal(second.body.refresh_token, 'Atzr|sandbox-refresh-1');
  assert.notEqual(first.body.access_token, second.body.access_token);
  world.now += 365 * 24 * HOUR;
  const late = await refresh();
  assert.deepEqual([late.status, late.body.error], [400, 'invalid_grant']);
  assert.match(late.body.error_description, /invalid grant parameter : refresh_token/);
});

test('the token endpoint takes JSON as well as a form, and says what is wrong with either', async () => {
  const { app, token, client, seller } = createWorld();
  const grant = { grant_type: 'refresh_token', refresh_token: seller.refreshToken };
  const post = (contentType: string, body: string) =>
    app.request('/auth/o2/token', { method: 'POST', body, headers: { 'content-type': contentType } });
  assert.equal((await post('application/json', JSON.stringify({ ...client, ...grant }))).status, 200);
  assert.equal((await post('application/json', '{')).status, 400);
  assert.equal((await post('text/plain', 'grant_type=refresh_token')).status, 400);

  const wrong = [
    [{ ...grant, client_secret: 'wrong' }, 401, 'invalid_client'],
    [{ ...grant, client_id: '' }, 400, 'invalid_request'],
    [{ grant_type: 'refresh_token' }, 400, 'invalid_request'],
    [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
    [{ grant_type: 'client_credentials', scope: 'all' }, 400, 'invalid_scope'],
  ] as const;
  for (const [fields, status, error] of wrong) {
    const answer = await token(fields as Record<string, string>);
    assert.deepEqual([answer.status, answer.body.error], [status, error]);
  }
});
