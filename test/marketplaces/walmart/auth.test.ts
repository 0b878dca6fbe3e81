import assert from 'node:assert/strict';
import { test } from 'node:test';
import { walmart } from '#marketplaces/walmart/index.ts';
import answers from '#test/vectors/walmart/token-answers.json' with { type: 'json' };
import { answer, app, failureOf, NOW, registration } from './support.ts';

type Vector = { name: string; body: string; tokens: object | null };

const DAY_MS = 86_400_000;
const callback = { code: 'c', type: 'auth', clientId: 'client-1', sellerId: '10001234567', state: 's' };
const redirectUri = 'https://sluice.example/callback';

for (const { name, body, tokens } of answers as Vector[]) {
  test(`tokens: ${name}`, () => {
    const read = () => walmart.auth.readTokens(answer(body), NOW);
    if (tokens === null) return assert.equal(failureOf(read).kind, 'retryable');
    assert.deepEqual(read(), { refreshToken: undefined, refreshTokenExpiresAt: undefined, ...tokens });
  });
}

test('the callback names the seller, and no call is needed to know', () => {
  const step = walmart.auth.identify!({ app, callback, accessToken: 'a', now: NOW }, []);
  assert.deepEqual(step, { done: [{ sellerId: '10001234567', settings: {} }] });
});

for (const missing of ['code', 'sellerId'] as const) {
  test(`a return from consent without ${missing} is a permanent failure`, () => {
    const { [missing]: _, ...rest } = callback;
    const failure = failureOf(() => walmart.auth.exchangeCall(app, { callback: rest, redirectUri, now: NOW }));
    assert.deepEqual([failure.kind, failure.code], ['permanent', 'callback-incomplete']);
  });
}

test('a seller id with a line break in it never becomes a header', () => {
  const forged = { ...callback, sellerId: '1\r\nWM_MARKET: ca' };
  const failure = failureOf(() => walmart.auth.exchangeCall(app, { callback: forged, redirectUri, now: NOW }));
  assert.equal(failure.code, 'callback-incomplete');
});

test('a consent lasts a year and a refresh token is not spent by its use', () => {
  assert.equal(walmart.auth.consentLifetimeMs, 365 * DAY_MS);
  assert.equal(walmart.auth.rotation, 'none');
});

test('no token and no secret stands in a URL', () => {
  const { request } = walmart.auth.exchangeCall(app, { callback, redirectUri, now: NOW });
  assert.equal(request.url, 'https://marketplace.walmartapis.com/v3/token');
});

test('the operator is told when the client secret ends, if the registration says so', () => {
  assert.deepEqual(walmart.auth.secretEnds!(app), []);
  const ending = walmart.appSchema.parse({ ...registration, clientSecretExpiresAt: '2027-01-31' });
  assert.deepEqual(walmart.auth.secretEnds!(ending), [{ secret: 'clientSecret', endsAt: Date.parse('2027-01-31') }]);
});

for (const name of Object.keys(registration)) {
  test(`a registration without ${name} is refused`, () => {
    assert.equal(walmart.appSchema.safeParse({ ...registration, [name]: '' }).success, false);
    assert.equal(walmart.appSchema.safeParse({ ...registration, [name]: undefined }).success, false);
  });
}

test('a registration with an empty former secret, a slash at a URL or another market is refused', () => {
  for (const wrong of [{ formerWebhookSecret: '' }, { apiUrl: 'https://walmart.example/' }, { market: 'ca' }]) {
    assert.equal(walmart.appSchema.safeParse({ ...registration, ...wrong }).success, false);
  }
});
