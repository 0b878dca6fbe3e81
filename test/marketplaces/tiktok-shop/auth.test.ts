import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tiktokShopApp } from '#marketplaces/tiktok-shop/app.ts';
import { tiktokShop } from '#marketplaces/tiktok-shop/index.ts';
import answers from '#test/vectors/tiktok-shop/token-answers.json' with { type: 'json' };
import { answer, app, failureOf, NOW, registration, runSteps, success } from './support.ts';

const { auth } = tiktokShop;
const exchanged = success({ access_token: 'TTP_a', user_type: 0 });
const identify = (exchange = exchanged, shops: unknown = []) =>
  runSteps(
    (rest) => auth.identify!({ app, callback: {}, accessToken: 'TTP_a', now: NOW }, [exchange, ...rest]),
    () => success({ shops }),
  );

test('the consent page is told the service and the state, and where to come back it knows itself', () => {
  const options = { state: 'S/1&2', redirectUri: 'https://sluice.example/cb', now: NOW };
  assert.equal(
    auth.consentUrl(app, options),
    `https://services.tiktokshop.com/open/authorize?service_id=${app.serviceId}&state=S%2F1%262`,
  );
});

for (const callback of [{ code: 'null', error: 'auth_denied' }, { code: 'null' }, { error: 'auth_denied' }]) {
  test(`a seller who says no is not exchanged: ${JSON.stringify(callback)}`, () => {
    const failure = failureOf(() => auth.exchangeCall(app, { callback, redirectUri: '', now: NOW }));
    assert.deepEqual([failure.kind, failure.code], ['permanent', 'consent-denied']);
  });
}

test('a callback without a code is a permanent failure', () => {
  const failure = failureOf(() => auth.exchangeCall(app, { callback: { state: 'S' }, redirectUri: '', now: NOW }));
  assert.deepEqual([failure.kind, failure.code], ['permanent', 'callback-incomplete']);
});

for (const { name, body, tokens } of answers) {
  test(`token answer: ${name}`, () => {
    const read = () => auth.readTokens(answer(body), NOW);
    if (tokens === null) return assert.equal(failureOf(read).kind, 'retryable');
    const { refreshToken, refreshTokenExpiresAt, ...access } = tokens;
    assert.deepEqual(read(), {
      ...access,
      refreshToken: refreshToken ?? undefined,
      refreshTokenExpiresAt: refreshTokenExpiresAt ?? undefined,
    });
  });
}

test('a consent connects every shop that it covers, each with its cipher', () => {
  const { result, operations, requests } = identify(exchanged, [
    { id: '7494049642642441621', name: 'A', region: 'GB', seller_type: 'LOCAL', cipher: 'GCP_a', code: 'GB1' },
    { id: '7494049642642441622', name: 'B', region: 'DE', seller_type: 'LOCAL', cipher: 'GCP_b', code: 'DE1' },
  ]);
  assert.deepEqual(result, [
    { sellerId: '7494049642642441621', settings: { shopCipher: 'GCP_a' } },
    { sellerId: '7494049642642441622', settings: { shopCipher: 'GCP_b' } },
  ]);
  assert.deepEqual(operations, ['getAuthorizedShops']);
  assert.equal(requests[0]!.headers['x-tts-access-token'], 'TTP_a');
  assert.equal(new URL(requests[0]!.url).searchParams.has('shop_cipher'), false);
});

test('who is no seller, or has no shop, is not connected', () => {
  assert.equal(failureOf(() => identify(success({ user_type: 1 }))).code, 'not-a-seller');
  assert.equal(failureOf(() => identify()).code, 'no-shop');
});

test('a list of shops that is not whole connects none', () => {
  assert.equal(failureOf(() => identify(exchanged, [{ id: '1', name: 'A' }])).kind, 'retryable');
  assert.equal(failureOf(() => identify(exchanged, null)).kind, 'retryable');
});

test('a refresh may spend the old token, so it is never made twice at once', () => {
  assert.equal(auth.rotation, 'strict');
});

test('the end of the app secret is told where the registration names it', () => {
  assert.deepEqual(auth.secretEnds?.(app), []);
  const ending = { ...app, appSecretExpiresAt: '2027-01-31' };
  assert.deepEqual(auth.secretEnds?.(ending), [{ secret: 'appSecret', endsAt: Date.parse('2027-01-31') }]);
});

test('a registration with an empty or missing secret is refused', () => {
  for (const field of ['appKey', 'appSecret', 'serviceId', 'webhookUrl', 'formerAppSecret']) {
    assert.equal(tiktokShopApp.safeParse({ ...registration, [field]: '' }).success, false);
  }
  const { appSecret, ...without } = registration;
  assert.equal(tiktokShopApp.safeParse(without).success, false);
  assert.equal(tiktokShopApp.safeParse({ ...registration, apiUrl: 'https://api.example/' }).success, false);
});
