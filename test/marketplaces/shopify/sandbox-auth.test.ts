import assert from 'node:assert/strict';
import { test } from 'node:test';
import { querySignature, webhookSignature } from '#marketplaces/shopify/sandbox/signature.ts';
import vectors from '#test/vectors/shopify/sandbox-signatures.json' with { type: 'json' };
import { createWorld, DAY_MS, HOUR_MS, MINUTE_MS, OTHER_SHOP, SHOP } from './sandbox-world.ts';

const OFFLINE = 'urn:shopify:params:oauth:token-type:offline-access-token';
const EXCHANGE = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token_type: OFFLINE,
  requested_token_type: OFFLINE,
  expiring: '1',
};
const SHOP_NAME = '{ shop { name } }';

for (const { query_without_hmac, hmac } of vectors.oauth) {
  test(`the published callback ${hmac.slice(0, 8)} is signed as published`, () => {
    const parameters = Object.fromEntries(new URLSearchParams(query_without_hmac));
    assert.equal(querySignature(vectors.client_secret, parameters), hmac);
  });
}

test('the published webhook is signed as published', () => {
  const { raw_body, 'X-Shopify-Hmac-Sha256': hmac } = vectors.webhook;
  assert.equal(webhookSignature(vectors.client_secret, raw_body), hmac);
});

test('a consent leads back with a code, the shop, the state and a signature over all of it', async () => {
  const { consent, registration, now } = createWorld();
  const { hmac, ...parameters } = await consent({ scope: 'read_orders' });
  assert.deepEqual(Object.keys(parameters).sort(), ['code', 'host', 'shop', 'state', 'timestamp']);
  assert.deepEqual([parameters.shop, parameters.state, parameters.timestamp], [SHOP, 'state-1', String(now() / 1000)]);
  assert.equal(hmac, querySignature(registration.apiSecret!, parameters));
});

test('an install link names no shop: the seller says which', async () => {
  const { consent } = createWorld();
  assert.equal((await consent({}, '/admin/oauth/authorize')).shop, SHOP);
  assert.equal((await consent({ seller: OTHER_SHOP }, '/oauth/install')).shop, OTHER_SHOP);
  assert.equal((await consent({}, '/%7Bshop%7D/admin/oauth/authorize')).shop, SHOP);
});

test('the consent page of an unknown shop or app, or for online access, approves nothing', async () => {
  const { sandbox, registration } = createWorld();
  const ask = async (shop: string, query: Record<string, string>) => {
    const all = { client_id: registration.apiKey!, redirect_uri: 'https://app.test/callback', ...query };
    return (await sandbox.app.request(`/${shop}/admin/oauth/authorize?${new URLSearchParams(all)}`)).status;
  };
  assert.equal(await ask(SHOP, {}), 302);
  assert.equal(await ask('sandbox-shop-9.myshopify.com', {}), 404);
  assert.equal(await ask(SHOP, { client_id: 'wrong' }), 400);
  assert.equal(await ask(SHOP, { redirect_uri: 'nowhere' }), 400);
  assert.equal(await ask(SHOP, { 'grant_options[]': 'per-user' }), 400);
});

test('a code gives an expiring token with what was asked for, once', async () => {
  const { consent, tokenCall, graphql } = createWorld();
  const { code } = await consent({ scope: 'read_orders,write_inventory' });
  const { status, body } = await tokenCall({ code: code!, expiring: '1' });
  assert.equal(status, 200);
  assert.deepEqual(
    [body.scope, body.expires_in, body.refresh_token_expires_in],
    ['read_orders,write_inventory', 3600, 7_776_000],
  );
  assert.equal((await graphql(SHOP_NAME, {}, { token: body.access_token })).status, 200);
  const again = await tokenCall({ code: code!, expiring: '1' });
  assert.deepEqual([again.status, again.body.error], [400, 'invalid_request']);
});

test('a code is good at its own shop and for ten minutes', async () => {
  const { consent, tokenCall, advance } = createWorld();
  const { code } = await consent();
  assert.equal((await tokenCall({ code: code! }, OTHER_SHOP)).status, 400);
  await advance(10 * MINUTE_MS);
  assert.equal((await tokenCall({ code: code! })).status, 400);
});

test('a new consent ends the refresh token of the one before', async () => {
  const { consent, tokenCall, refresh, sandbox } = createWorld();
  const { code } = await consent();
  const { body } = await tokenCall({ code: code!, expiring: '1' });
  assert.equal((await refresh(sandbox.sellers[0]!.refreshToken)).body.error, 'invalid_grant');
  assert.equal((await refresh(body.refresh_token)).status, 200);
});

test('an access token ends after an hour, with 401', async () => {
  const { tokenOf, graphql, advance } = createWorld();
  const token = await tokenOf();
  await advance(HOUR_MS - 1000);
  assert.equal((await graphql(SHOP_NAME, {}, { token })).status, 200);
  await advance(1000);
  const { status, body } = await graphql(SHOP_NAME, {}, { token });
  assert.equal(status, 401);
  assert.match(body.errors, /Invalid API key or access token/);
});

test('an access token opens only its own shop', async () => {
  const { tokenOf, graphql } = createWorld();
  assert.equal((await graphql(SHOP_NAME, {}, { token: await tokenOf(), shop: OTHER_SHOP })).status, 401);
});

test('a refresh token whose answer was lost can be used again, until its replacement is', async () => {
  const { refresh, sandbox, advance } = createWorld();
  const first = sandbox.sellers[0]!.refreshToken;
  const { body: lost } = await refresh(first);
  await advance(20 * DAY_MS);
  const { body: found } = await refresh(first);
  assert.equal(found.refresh_token, lost.refresh_token);
  assert.notEqual(found.access_token, lost.access_token);
  const { body: next } = await refresh(found.refresh_token);
  assert.notEqual(next.refresh_token, found.refresh_token);
  const spent = await refresh(first);
  assert.deepEqual([spent.status, spent.body.error], [400, 'invalid_grant']);
});

test('a spent refresh token can be used again for 30 days only', async () => {
  const { refresh, sandbox, advance } = createWorld();
  const first = sandbox.sellers[0]!.refreshToken;
  await refresh(first);
  await advance(30 * DAY_MS);
  assert.equal((await refresh(first)).body.error, 'invalid_grant');
});

test('a refresh token ends after 90 days', async () => {
  const { refresh, sandbox, advance } = createWorld();
  await advance(90 * DAY_MS);
  assert.equal((await refresh(sandbox.sellers[0]!.refreshToken)).body.error, 'invalid_grant');
});

test('a refresh token is good at its own shop only', async () => {
  const { refresh, sandbox } = createWorld();
  assert.equal((await refresh(sandbox.sellers[0]!.refreshToken, OTHER_SHOP)).body.error, 'invalid_grant');
});

test('a wrong secret is refused whatever the grant', async () => {
  const { tokenCall, sandbox } = createWorld();
  const wrong = { grant_type: 'refresh_token', refresh_token: sandbox.sellers[0]!.refreshToken, client_secret: 'x' };
  const { status, body } = await tokenCall(wrong);
  assert.deepEqual([status, body.error], [400, 'invalid_client']);
});

test('a token without an end works until 2027, and can be traded for an expiring one before', async () => {
  const { consent, tokenCall, graphql, advance, now } = createWorld();
  const endless = async () => (await tokenCall({ code: (await consent()).code!, expiring: '0' })).body;
  const kept = await endless();
  const traded = await endless();
  assert.deepEqual(Object.keys(kept).sort(), ['access_token', 'scope']);
  const exchange = () => tokenCall({ ...EXCHANGE, subject_token: traded.access_token });
  const { body: pair } = await exchange();
  assert.equal(pair.expires_in, 3600);
  assert.equal((await graphql(SHOP_NAME, {}, { token: traded.access_token })).status, 401);
  assert.equal((await graphql(SHOP_NAME, {}, { token: pair.access_token })).status, 200);
  // A lost answer can be had again, with the same refresh token, for a week.
  assert.equal((await exchange()).body.refresh_token, pair.refresh_token);
  await advance(7 * DAY_MS);
  assert.equal((await exchange()).body.error, 'invalid_subject_token');
  assert.equal((await graphql(SHOP_NAME, {}, { token: kept.access_token })).status, 200);
  await advance(Date.UTC(2027, 0, 1) - now());
  assert.equal((await graphql(SHOP_NAME, {}, { token: kept.access_token })).status, 401);
});

test('the app gets a token of its own for a day', async () => {
  const { tokenCall } = createWorld();
  const { body } = await tokenCall({ grant_type: 'client_credentials' });
  assert.equal(body.expires_in, 86_400);
  assert.equal(body.refresh_token, undefined);
});

test('a form is as good as JSON, and an unknown grant type is told', async () => {
  const { sandbox, registration, tokenCall } = createWorld();
  const form = { client_id: registration.apiKey!, client_secret: registration.apiSecret!, grant_type: 'refresh_token' };
  const response = await sandbox.app.request(`/${SHOP}/admin/oauth/access_token`, {
    method: 'POST',
    body: new URLSearchParams({ ...form, refresh_token: sandbox.sellers[0]!.refreshToken }),
  });
  assert.equal(response.status, 200);
  assert.equal((await tokenCall({ grant_type: 'password' })).body.error, 'unsupported_grant_type');
});

test('a shop is found by its name without the domain, and by the host name where the path has none', async () => {
  const { sandbox, tokenOf } = createWorld();
  const token = await tokenOf();
  const ask = async (path: string, host = 'localhost') => {
    const headers = { host, 'content-type': 'application/json', 'x-shopify-access-token': token };
    const body = JSON.stringify({ query: SHOP_NAME });
    return (await sandbox.app.request(path, { method: 'POST', headers, body })).status;
  };
  assert.equal(await ask('/sandbox-shop-1/admin/api/2026-10/graphql.json'), 200);
  assert.equal(await ask('/admin/api/2026-10/graphql.json', SHOP), 200);
  assert.equal(await ask('/admin/api/2026-10/graphql.json'), 404);
});

test('a shop that removed the app knows none of its tokens, until it consents again', async () => {
  const { rest, refresh, tokenOf, graphql, consent, tokenCall, sandbox } = createWorld();
  const token = await tokenOf();
  assert.equal((await rest('DELETE', 'api_permissions/current.json')).status, 200);
  assert.equal((await graphql(SHOP_NAME, {}, { token })).status, 401);
  assert.equal((await refresh(sandbox.sellers[0]!.refreshToken)).body.error, 'invalid_client');
  const { body } = await tokenCall({ code: (await consent()).code!, expiring: '1' });
  assert.equal((await refresh(body.refresh_token)).status, 200);
});

test('a token that the sandbox was told to expire is refused from then on', async () => {
  const { faults, tokenOf, graphql } = createWorld();
  const token = await tokenOf();
  faults.next('expire-access-token');
  assert.equal((await graphql(SHOP_NAME, {}, { token })).status, 401);
  assert.equal((await graphql(SHOP_NAME, {}, { token })).status, 401);
});
