import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  type Answer,
  codeOf,
  createWorld,
  DAY_MS,
  FIRST,
  HOUR_MS,
  MINUTE_MS,
  REDIRECT,
  SECOND,
} from './sandbox-world.ts';

const outcome = ({ status, body }: Answer) => [status, body.error];
const GRANT_DEAD = [400, 'invalid_grant'];

test('consent leads back with code and state alone, and the code is good once', async () => {
  const { token, consent, call } = createWorld();
  const redirect = await consent({ state: 'a b&c', seller: SECOND });
  assert.equal(redirect.status, 302);
  const target = new URL(redirect.headers.get('location') ?? '');
  assert.equal(target.origin + target.pathname, REDIRECT);
  assert.deepEqual([...target.searchParams.keys()], ['code', 'state']);
  assert.equal(target.searchParams.get('state'), 'a b&c');

  const form = { grant_type: 'authorization_code', code: codeOf(redirect), redirect_uri: REDIRECT };
  const { status, body } = await token(form);
  assert.equal(status, 200);
  const { access_token, refresh_token, ...rest } = body;
  assert.match(access_token, /^APP_USR-\d+-112406-[0-9a-f]+-468424002$/);
  assert.match(refresh_token, /^TG-[0-9a-f]+-468424002$/);
  assert.deepEqual(rest, {
    token_type: 'bearer',
    expires_in: 21_600,
    scope: 'offline_access read write',
    user_id: Number(SECOND),
  });
  assert.equal((await call(access_token, '/users/me')).body.id, Number(SECOND));
  assert.deepEqual(await token(form).then(outcome), GRANT_DEAD);
});

test('a code with another redirect URI, and one that is ten minutes old, are refused', async () => {
  const { world, token, consent } = createWorld();
  const exchange = (code: string, redirectUri: string) =>
    token({ grant_type: 'authorization_code', code, redirect_uri: redirectUri }).then(outcome);
  assert.deepEqual(await exchange(codeOf(await consent()), 'https://other.example/'), GRANT_DEAD);
  const code = codeOf(await consent());
  world.now += 10 * MINUTE_MS;
  assert.deepEqual(await exchange(code, REDIRECT), GRANT_DEAD);
});

test('a code with a challenge is good only with its verifier', async () => {
  const { token, consent } = createWorld();
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  // the pair of RFC 7636, appendix B
  const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
  assert.equal(createHash('sha256').update(verifier).digest('base64url'), challenge);
  async function exchange(method: string, value: string, proof: Record<string, string>) {
    const code = codeOf(await consent({ code_challenge: value, code_challenge_method: method }));
    return (await token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...proof })).status;
  }
  assert.equal(await exchange('S256', challenge, { code_verifier: verifier }), 200);
  assert.equal(await exchange('plain', verifier, { code_verifier: verifier }), 200);
  assert.equal(await exchange('S256', challenge, { code_verifier: challenge }), 400);
  assert.equal(await exchange('S256', challenge, {}), 400);
});

test('the consent page refuses what is not its own', async () => {
  const { consent } = createWorld();
  for (const wrong of [
    { client_id: 'other' },
    { response_type: 'token' },
    { redirect_uri: 'nowhere' },
    { code_challenge: 'x', code_challenge_method: 'MD5' },
    { seller: '1' },
  ]) {
    assert.equal((await consent(wrong)).status, 400);
  }
});

test('a refresh token is good once, and only the last one of a seller works', async () => {
  const { token, refresh, consent } = createWorld();
  const first = await refresh('sandbox-refresh-mercadolibre-1');
  assert.equal(first.status, 200);
  const spent = await refresh('sandbox-refresh-mercadolibre-1');
  assert.deepEqual(spent.body, {
    error_description:
      'Error validating grant. Your authorization code or refresh token may be expired or it was already used',
    error: 'invalid_grant',
    status: 400,
    cause: [],
  });
  assert.equal((await refresh('sandbox-refresh-mercadolibre-2')).status, 200, 'another seller’s is not touched');
  const again = { grant_type: 'authorization_code', code: codeOf(await consent()), redirect_uri: REDIRECT };
  const consented = await token(again);
  assert.deepEqual(await refresh(first.body.refresh_token).then(outcome), GRANT_DEAD);
  assert.equal((await refresh(consented.body.refresh_token)).status, 200);
});

test('a grant that nobody uses ends after four months, a used one after six', async () => {
  const idle = createWorld();
  const unused = await idle.refresh('sandbox-refresh-mercadolibre-1');
  idle.world.now += 120 * DAY_MS;
  assert.deepEqual(await idle.refresh(unused.body.refresh_token).then(outcome), GRANT_DEAD);

  const busy = createWorld();
  const { body } = await busy.refresh('sandbox-refresh-mercadolibre-1');
  busy.world.now += 5 * HOUR_MS;
  await busy.call(body.access_token, '/users/me');
  busy.world.now += 120 * DAY_MS - 1;
  assert.equal((await busy.refresh(body.refresh_token)).status, 200);
});

test('the token endpoint names what is wrong', async () => {
  const { sandbox, token } = createWorld();
  const refresh = { grant_type: 'refresh_token', refresh_token: 'sandbox-refresh-mercadolibre-1' };
  const cases: [Record<string, string>, string][] = [
    [{ ...refresh, client_secret: 'wrong' }, 'invalid_client'],
    [{ ...refresh, client_id: '1' }, 'invalid_client'],
    [{ ...refresh, refresh_token: 'unknown' }, 'invalid_grant'],
    [{ grant_type: 'refresh_token' }, 'invalid_request'],
    [{ grant_type: 'authorization_code', code: 'x' }, 'invalid_request'],
    [{ grant_type: 'client_credentials' }, 'unsupported_grant_type'],
    [{}, 'invalid_request'],
  ];
  for (const [form, error] of cases) assert.deepEqual(await token(form).then(outcome), [400, error]);
  const json = await sandbox.app.request('/oauth/token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(refresh),
  });
  assert.equal(json.status, 400);
});

test('an access token lasts six hours; an unknown, an ended and a dropped one are 401', async () => {
  const { world, call, faults, refresh } = createWorld();
  assert.deepEqual(await call('nonsense', '/users/me').then(outcome), [401, 'unauthorized']);
  const { body } = await refresh('sandbox-refresh-mercadolibre-1');
  world.now += 6 * HOUR_MS - 1;
  assert.equal((await call(body.access_token, '/users/me')).status, 200);
  world.now += 1;
  assert.equal((await call(body.access_token, '/users/me')).status, 401);

  const fresh = await refresh(body.refresh_token);
  faults.next('expire-access-token', '/users/me');
  assert.equal((await call(fresh.body.access_token, '/users/me')).body.message, 'expired_token');
  assert.equal((await call(fresh.body.access_token, '/users/me')).status, 401);
});

test('a token in the query is taken too, as the official SDK sends it', async () => {
  const { sandbox, sellerToken } = createWorld();
  const { status } = await sandbox.app.request(`/users/me?access_token=${await sellerToken()}`);
  assert.equal(status, 200);
});

test('a path in one segment, as the official SDK writes it, reaches its resource', async () => {
  const { sandbox, call, sellerToken } = createWorld();
  const token = await sellerToken();
  assert.equal((await call(token, `/${encodeURIComponent('users/me')}`)).body.id, Number(FIRST));
  assert.equal((await call(token, `/${encodeURIComponent(`orders/search?seller=${FIRST}`)}`)).status, 200);
  assert.equal((await call('nonsense', `/${encodeURIComponent('users/me')}`)).status, 401);
  assert.equal(sandbox.calls.made, 4, 'one refresh and each call are counted once');
});

test('a seller who takes the consent back ends all that was issued', async () => {
  const { app, call, refresh } = createWorld();
  const { access_token: token, refresh_token: refreshToken } = (await refresh('sandbox-refresh-mercadolibre-1')).body;
  assert.equal((await call(token, `/applications/${app.clientId}`)).body.active, true);
  const [granted] = (await call(token, `/users/${FIRST}/applications`)).body;
  assert.deepEqual([granted.app_id, granted.user_id], [app.clientId, FIRST]);
  const path = `/users/${FIRST}/applications/${app.clientId}`;
  assert.equal((await call(token, `/users/${SECOND}/applications/${app.clientId}`, { method: 'DELETE' })).status, 403);
  assert.equal((await call(token, path, { method: 'DELETE' })).status, 200);
  assert.equal((await call(token, '/users/me')).status, 401);
  assert.deepEqual(await refresh(refreshToken).then(outcome), GRANT_DEAD);
});
