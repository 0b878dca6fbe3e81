import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shopifyApp } from '#marketplaces/shopify/app.ts';
import { auth } from '#marketplaces/shopify/auth.ts';
import callbacks from '#test/vectors/shopify/callbacks.json' with { type: 'json' };
import answers from '#test/vectors/shopify/token-answers.json' with { type: 'json' };
import { answer, app, connection, failureOf, NOW, registration } from './support.ts';

const exchange = (callback: object, itsApp = app) =>
  auth.exchangeCall(itsApp, { callback: callback as Record<string, string>, redirectUri: '', now: NOW });

test('the consent page is the shop’s own, and is told the scopes, the state and where to come back', () => {
  const options = { state: 'S/1&2', redirectUri: 'https://sluice.example/cb', now: NOW };
  const url = new URL(auth.consentUrl(app, { ...options, sellerId: connection.sellerId }));
  assert.equal(url.origin + url.pathname, 'https://some-shop.myshopify.com/admin/oauth/authorize');
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    client_id: 'key-1',
    scope: app.scopes.join(','),
    redirect_uri: 'https://sluice.example/cb',
    state: 'S/1&2',
  });
  assert.equal(failureOf(() => auth.consentUrl(app, options)).code, 'shop-missing');
});

for (const { name, callback, code } of callbacks) {
  test(`callback ${name}`, () => {
    if (code === null) return assert.equal(exchange(callback).operation, 'exchangeCode');
    const failure = failureOf(() => exchange(callback));
    assert.deepEqual([failure.kind, failure.code], ['permanent', code]);
  });
}

test('in a roll, a callback signed with the former secret is taken too', () => {
  const rolled = { ...app, formerApiSecret: 'hush', apiSecret: 'new-hush' };
  const { callback } = callbacks[0]!;
  assert.equal(exchange(callback, rolled).operation, 'exchangeCode');
});

test('a callback connects the shop that it is signed for, and no other', () => {
  const identify = (callback: object) =>
    auth.identify({ app, callback: callback as Record<string, string>, accessToken: 'shpat_1', now: NOW });
  const { callback } = callbacks[0]!;
  assert.deepEqual(identify(callback), { done: [{ sellerId: connection.sellerId, settings: {} }] });
  assert.equal(failureOf(() => identify({ ...callback, shop: 'other.myshopify.com' })).code, 'callback-forged');
});

for (const { name, body, tokens } of answers) {
  test(`token answer: ${name}`, () => {
    const read = () => auth.readTokens(answer(body), NOW);
    if (tokens === null) return assert.equal(failureOf(read).kind, 'retryable');
    assert.deepEqual(read(), { ...tokens, refreshTokenExpiresAt: tokens.refreshTokenExpiresAt ?? undefined });
  });
}

test('a secret goes to no host but a shop’s', () => {
  for (const sellerId of [
    'evil.example',
    'x.myshopify.com.evil.example',
    'a/b.myshopify.com',
    '-a.myshopify.com',
    '',
  ]) {
    const refresh = () =>
      auth.refreshCall(app, { connection: { ...connection, sellerId }, refreshToken: 'shprt_1', now: NOW });
    assert.deepEqual([failureOf(refresh).kind, failureOf(refresh).code], ['permanent', 'shop-domain-wrong']);
  }
});

test('a spent refresh token is good until its successor is used, so a refresh may be made again', () => {
  assert.equal(auth.rotation, 'retry-allowed');
});

test('the end of the app secret is told where the registration names it', () => {
  assert.deepEqual(auth.secretEnds(app), []);
  const ending = { ...app, apiSecretExpiresAt: '2027-01-31' };
  assert.deepEqual(auth.secretEnds(ending), [{ secret: 'apiSecret', endsAt: Date.parse('2027-01-31') }]);
});

test('a registration with an empty or missing secret is refused', () => {
  for (const field of ['apiKey', 'apiSecret', 'formerApiSecret', 'webhookUrl', 'scopes', 'apiVersion']) {
    assert.equal(shopifyApp.safeParse({ ...registration, [field]: '' }).success, false, field);
  }
  const { apiSecret, ...without } = registration;
  assert.equal(shopifyApp.safeParse(without).success, false);
});

test('scopes are taken as a list and as Shopify’s own configuration writes them', () => {
  const scopesOf = (scopes: unknown) => shopifyApp.safeParse({ ...registration, scopes }).data?.scopes;
  assert.deepEqual(scopesOf('read_orders,write_inventory'), ['read_orders', 'write_inventory']);
  assert.deepEqual(scopesOf(['read_orders']), ['read_orders']);
  for (const scopes of [[], [''], ['read_orders', ''], 'read_orders,', 'read orders']) {
    assert.equal(scopesOf(scopes), undefined);
  }
});

test('a version that sets stock in another way, and a template without its shop, are refused', () => {
  const isTaken = (changed: object): boolean => shopifyApp.safeParse({ ...registration, ...changed }).success;
  for (const apiVersion of ['2026-04', '2026-07', '2027-01']) assert.ok(isTaken({ apiVersion }));
  for (const apiVersion of ['2026-01', '2025-10', '2026-05', 'unstable']) assert.ok(!isTaken({ apiVersion }));
  for (const shopUrlTemplate of ['http://127.0.0.1:4700/shopify/{shop}', 'https://{shop}']) {
    assert.ok(isTaken({ shopUrlTemplate }));
  }
  for (const shopUrlTemplate of ['https://{shop}/', 'https://shopify.example', '{shop}', '']) {
    assert.ok(!isTaken({ shopUrlTemplate }));
  }
});
