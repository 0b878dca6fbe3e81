import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lazadaApp } from '#marketplaces/lazada/app.ts';
import { lazada } from '#marketplaces/lazada/index.ts';
import answers from '#test/vectors/lazada/token-answers.json' with { type: 'json' };
import { answer, app, failureOf, NOW, registration, runSteps } from './support.ts';

const { auth } = lazada;
const account = (country: string, seller_id: string | number) => ({
  country,
  seller_id,
  user_id: '1',
  short_code: 'S',
});
const identify = (country_user_info: unknown) =>
  runSteps(
    (rest) => {
      const exchanged = answer({ code: '0', access_token: 'a', country_user_info });
      return auth.identify!({ app, callback: {}, accessToken: 'a', now: NOW }, [exchanged, ...rest]);
    },
    () => assert.fail('the exchange tells it all'),
  ).result;

test('the consent page is told the app, where to come back to, and the state', () => {
  const options = { state: 'S/1&2', redirectUri: 'https://sluice.example/cb', now: NOW };
  assert.equal(
    auth.consentUrl(app, options),
    'https://auth.lazada.com/oauth/authorize?response_type=code&force_auth=true' +
      '&redirect_uri=https%3A%2F%2Fsluice.example%2Fcb&client_id=123456&state=S%2F1%262',
  );
});

test('a callback with an error, or without a code, is not exchanged', () => {
  for (const [callback, code] of [
    [{ error: 'access_denied', state: 'S' }, 'consent-denied'],
    [{ state: 'S' }, 'callback-incomplete'],
    [{ code: '' }, 'callback-incomplete'],
  ] as [Record<string, string>, string][]) {
    const failure = failureOf(() => auth.exchangeCall(app, { callback, redirectUri: '', now: NOW }));
    assert.deepEqual([failure.kind, failure.code], ['permanent', code]);
  }
});

for (const { name, body, tokens } of answers) {
  test(`token answer: ${name}`, () => {
    const read = () => auth.readTokens(answer(body), NOW);
    if (tokens === null) {
      const failure = failureOf(read);
      assert.equal(failure.kind, 'retryable');
      return assert.doesNotMatch(failure.message, /50000601|50001601/);
    }
    const { refreshToken, refreshTokenExpiresAt, ...access } = tokens;
    assert.deepEqual(read(), {
      ...access,
      refreshToken: refreshToken ?? undefined,
      refreshTokenExpiresAt: refreshTokenExpiresAt ?? undefined,
    });
  });
}

test('a consent connects the account of every country that it covers', () => {
  assert.deepEqual(identify([account('sg', '1234567'), account('MY', 7654321)]), [
    { sellerId: '1234567', settings: { country: 'sg' } },
    { sellerId: '7654321', settings: { country: 'my' } },
  ]);
});

test('a country without an API host is left out, and a consent of no other connects none', () => {
  assert.deepEqual(identify([account('xx', '1'), account('th', '2')]), [
    { sellerId: '2', settings: { country: 'th' } },
  ]);
  for (const accounts of [[account('xx', '1')], [account('constructor', '1')], []]) {
    assert.equal(failureOf(() => identify(accounts)).code, 'no-shop');
  }
});

test('accounts that are not whole connect none', () => {
  for (const accounts of [null, undefined, [{ country: 'sg' }], [account('sg', 'Ada/1')]]) {
    assert.equal(failureOf(() => identify(accounts)).kind, 'retryable');
  }
});

test('a refresh gives a new refresh token, so it is never made twice at once', () => {
  assert.equal(auth.rotation, 'strict');
});

test('the end of the app secret is told where the registration names it', () => {
  assert.deepEqual(auth.secretEnds?.(app), []);
  const ending = { ...app, appSecretExpiresAt: '2027-01-31' };
  assert.deepEqual(auth.secretEnds?.(ending), [{ secret: 'appSecret', endsAt: Date.parse('2027-01-31') }]);
});

test('a registration with an empty or missing secret, or a host that is none, is refused', () => {
  for (const field of ['appKey', 'appSecret', 'webhookUrl', 'formerAppSecret', 'apiUrls', 'authUrl', 'consentUrl']) {
    assert.equal(lazadaApp.safeParse({ ...registration, [field]: '' }).success, false);
  }
  const { appSecret, ...without } = registration;
  assert.equal(lazadaApp.safeParse(without).success, false);
  for (const apiUrls of [{ sg: 'https://api.example/' }, { sg: 'ftp://api.example' }, { SGP: 'https://api.example' }]) {
    assert.equal(lazadaApp.safeParse({ ...registration, apiUrls }).success, false);
  }
});
