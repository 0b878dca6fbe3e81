import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shopee } from '#marketplaces/shopee/index.ts';
import { Failure } from '#platform/runtime/failure.ts';
import signing from '#test/vectors/shopee/signing.json' with { type: 'json' };
import tokens from '#test/vectors/shopee/tokens.json' with { type: 'json' };
import { answer, app, connection, NOW } from './app.ts';

const { auth } = shopee;
const signOf = (name: string) => signing.cases.find((entry) => entry.name === name)?.sign;
const redirectUri = 'https://sluice.example.test/consent/shopee?tenant=7';

test('the consent link is signed and carries the state inside its redirect', () => {
  const url = new URL(auth.consentUrl(app, { state: 'a+b/c=&d', redirectUri, now: NOW + 999 }));
  assert.equal(url.origin + url.pathname, 'https://partner.shopeemobile.com/api/v2/shop/auth_partner');
  const { redirect = '', ...query } = Object.fromEntries(url.searchParams);
  assert.deepEqual(query, { partner_id: '2001887', timestamp: '1764547200', sign: signOf('auth_partner_link') });
  const back = new URL(redirect);
  assert.equal(back.origin + back.pathname, 'https://sluice.example.test/consent/shopee');
  assert.deepEqual(Object.fromEntries(back.searchParams), { tenant: '7', state: 'a+b/c=&d' });
});

test('a path in the consent and API URLs does not change what is signed', () => {
  const local = { ...app, apiUrl: 'http://127.0.0.1:4700/shopee', consentUrl: 'http://127.0.0.1:4700/shopee/consent' };
  const consent = new URL(auth.consentUrl(local, { state: 's', redirectUri, now: NOW }));
  assert.equal(consent.searchParams.get('sign'), signOf('auth_partner_link'));
  const { request } = auth.exchangeCall(local, { callback: { code: 'c', shop_id: '1' }, redirectUri, now: NOW });
  const url = new URL(request.url);
  assert.equal(url.pathname, '/shopee/api/v2/auth/token/get');
  assert.equal(url.searchParams.get('sign'), signOf('public_api_token_get'));
});

test('the code is exchanged by a signed public call with numeric ids', () => {
  const callback = { code: 'one-use-code', shop_id: '14701711', state: 's' };
  const { operation, request } = auth.exchangeCall(app, { callback, redirectUri, now: NOW });
  assert.equal(operation, 'exchangeCode');
  assert.equal(request.method, 'POST');
  assert.equal(
    request.url,
    `https://partner.shopeemobile.com/api/v2/auth/token/get?partner_id=2001887&timestamp=1764547200&sign=${signOf('public_api_token_get')}`,
  );
  assert.deepEqual(JSON.parse(request.body ?? ''), { code: 'one-use-code', partner_id: 2001887, shop_id: 14701711 });
});

for (const [code, callback] of [
  ['callback-incomplete', { shop_id: '14701711' }],
  ['callback-incomplete', { code: 'c' }],
  ['callback-incomplete', { code: 'c', shop_id: '1,2' }],
  ['callback-incomplete', { code: 'c', main_account_id: 'x' }],
] as [string, Record<string, string>][]) {
  test(`a callback of only ${Object.keys(callback).join(' and ')} is refused as ${code}`, () => {
    assert.throws(
      () => auth.exchangeCall(app, { callback, redirectUri, now: NOW }),
      (thrown) => thrown instanceof Failure && thrown.kind === 'permanent' && thrown.code === code,
    );
  });
}

test('a main account exchanges its code under its own id', () => {
  const callback = { code: 'one-use-code', main_account_id: '77001' };
  const { request } = auth.exchangeCall(app, { callback, redirectUri, now: NOW });
  assert.deepEqual(JSON.parse(request.body!), { code: 'one-use-code', partner_id: 2001887, main_account_id: 77001 });
});

const exchanged = (list: string) =>
  answer(`{"error":"","message":"","request_id":"r","access_token":"a","refresh_token":"r","expire_in":14400${list}}`);
const identify = (callback: Record<string, string>, list: string) =>
  auth.identify!({ app, callback, accessToken: 'a', now: NOW }, [exchanged(list)]);

test('a shop is known by the callback, whatever else its consent covers', () => {
  const done = [{ sellerId: '14701711', settings: {} }];
  assert.deepEqual(identify({ code: 'c', shop_id: '14701711' }, ',"shop_id_list":[14701711,5]'), { done });
});

test('a main account brings all shops that it consented for, and without any it is refused', () => {
  const callback = { code: 'c', main_account_id: '77001' };
  assert.deepEqual(identify(callback, ',"shop_id_list":[368765100,9007199254740993],"merchant_id_list":[1000321]'), {
    done: [
      { sellerId: '368765100', settings: {} },
      { sellerId: '9007199254740993', settings: {} },
    ],
  });
  for (const list of ['', ',"shop_id_list":[]', ',"shop_id_list":null,"merchant_id_list":[1000321]']) {
    assert.throws(() => identify(callback, list), { kind: 'permanent', code: 'no-shop' });
  }
});

test('a consent lasts a year at most, and the partner key as long as the registration says', () => {
  assert.equal(auth.consentLifetimeMs, 365 * 86_400_000);
  assert.deepEqual(auth.secretEnds!(app), []);
  assert.deepEqual(auth.secretEnds!({ ...app, partnerKeyExpiresAt: '2027-01-31' }), [
    { secret: 'partnerKey', endsAt: Date.parse('2027-01-31T00:00:00Z') },
  ]);
});

test('a refresh names the shop and the token in its body, and nothing secret in its URL', () => {
  const { operation, request } = auth.refreshCall(app, { connection, refreshToken: 'spent-once', now: NOW });
  assert.equal(operation, 'refreshToken');
  const url = new URL(request.url);
  assert.equal(url.pathname, '/api/v2/auth/access_token/get');
  assert.deepEqual([...url.searchParams.keys()], ['partner_id', 'timestamp', 'sign']);
  assert.deepEqual(JSON.parse(request.body ?? ''), {
    refresh_token: 'spent-once',
    partner_id: 2001887,
    shop_id: 14701711,
  });
});

for (const { name, body, tokens: expected } of tokens.cases) {
  test(`tokens are ${expected ? 'read from' : 'not read from an answer with'} ${name}`, () => {
    if (expected) return assert.deepEqual(auth.readTokens(answer(body), tokens.now), expected);
    assert.throws(
      () => auth.readTokens(answer(body), tokens.now),
      (thrown) =>
        thrown instanceof Failure && thrown.code === 'unreadable-answer' && !/new-access|new-re/.test(thrown.message),
    );
  });
}

test('refresh tokens rotate strictly', () => {
  assert.equal(auth.rotation, 'strict');
});
