import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ebayApp } from '#marketplaces/ebay/app.ts';
import { ebay } from '#marketplaces/ebay/index.ts';
import { Failure } from '#platform/runtime/failure.ts';
import registration from '#test/vectors/ebay/app.json' with { type: 'json' };
import vectors from '#test/vectors/ebay/auth.json' with { type: 'json' };

const app = ebayApp.parse(registration);
const connection = { connectionId: 'ebay-1', sellerId: 'sEllEr0Id01', settings: {} };
const now = 1_700_000_000_000;
const redirectUri = 'https://example.test/oauth/ebay/callback';
const answer = (body: unknown) => ({ status: 200, headers: {}, body: JSON.stringify(body) });

test('an app without one of its secrets is refused', () => {
  for (const name of ['clientSecret', 'verificationToken', 'ruName'] as const) {
    assert.ok(!ebay.appSchema.safeParse({ ...registration, [name]: '' }).success, name);
  }
});

test('the consent URL writes spaces as %20 and names the RuName', () => {
  assert.equal(ebay.auth.consentUrl(app, { state: 'st &+1', redirectUri, now }), vectors.consentUrl);
});

for (const vector of vectors.exchange) {
  test(`${vector.name} is sent encoded once`, () => {
    const call = ebay.auth.exchangeCall(app, { callback: { code: vector.code, state: 's' }, redirectUri, now });
    assert.equal(call.operation, 'exchangeCode');
    assert.equal(call.request.body, vector.body);
  });
}

test('a declined consent and a callback without a code end for good', () => {
  const exchange = (callback: Record<string, string>) => () =>
    ebay.auth.exchangeCall(app, { callback, redirectUri, now });
  assert.throws(exchange({ error: 'access_denied' }), { kind: 'permanent', code: 'consent-declined' });
  assert.throws(exchange({ state: 's' }), { kind: 'permanent', code: 'callback-incomplete' });
});

test('a refresh authenticates with Basic and asks for no scope', () => {
  const { operation, request } = ebay.auth.refreshCall(app, {
    connection,
    refreshToken: vectors.refresh.refreshToken,
    now,
  });
  assert.equal(operation, 'refreshToken');
  assert.deepEqual(request, {
    method: 'POST',
    url: vectors.tokenUrl,
    headers: {
      authorization: vectors.basicHeader,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: vectors.refresh.body,
  });
  assert.equal(ebay.auth.rotation, 'none');
});

test('the app token is asked for with client credentials', () => {
  const call = ebay.auth.appTokenCall!(app, { now });
  assert.equal(call.operation, 'appToken');
  assert.equal(call.request.body, vectors.appToken.body);
  assert.equal(call.request.headers.authorization, vectors.basicHeader);
});

test("the seller is known by the user id that eBay's other host tells, and by nothing personal", () => {
  const context = { app, callback: { code: 'c' }, accessToken: 'v^1.1#a', now };
  const exchanged = answer(vectors.answers[0]!.answer);
  const step = ebay.auth.identify!(context, [exchanged]);
  assert.deepEqual(step, {
    call: {
      operation: 'getUser',
      request: {
        method: 'GET',
        url: 'https://apiz.ebay.com/commerce/identity/v1/user/',
        headers: { authorization: 'Bearer v^1.1#a', accept: 'application/json' },
      },
    },
  });
  const told = answer({ userId: 'sEllEr0Id01', username: 'seller_name', individualAccount: { firstName: 'Ada' } });
  assert.deepEqual(ebay.auth.identify!(context, [exchanged, told]), {
    done: [{ sellerId: 'sEllEr0Id01', settings: {} }],
  });
  assert.throws(() => ebay.auth.identify!(context, [exchanged, answer({ username: 'seller_name' })]), {
    kind: 'retryable',
  });
});

test('the Identity API is looked for beside any other API host', () => {
  const urlOf = (change: object) => {
    const step = ebay.auth.identify!({ app: { ...app, ...change }, callback: {}, accessToken: 't', now }, []);
    return 'call' in step && new URL(step.call.request.url).host;
  };
  assert.equal(urlOf({ apiUrl: 'https://api.sandbox.ebay.com' }), 'apiz.sandbox.ebay.com');
  assert.equal(urlOf({ apiUrl: 'http://127.0.0.1:4700/ebay' }), '127.0.0.1:4700');
  assert.equal(urlOf({ identityUrl: 'https://identity.example' }), 'identity.example');
});

test('a consent lasts as long as its refresh token, which no refresh renews', () => {
  const { refresh_token_expires_in } = vectors.answers.find(({ answer }) => 'refresh_token' in answer)!.answer;
  assert.equal(ebay.auth.consentLifetimeMs, refresh_token_expires_in! * 1000);
});

for (const vector of vectors.answers) {
  test(`tokens of ${vector.name}`, () => {
    assert.deepEqual(ebay.auth.readTokens(answer(vector.answer), now), {
      refreshToken: undefined,
      refreshTokenExpiresAt: undefined,
      ...vector.tokens,
    });
  });
}

test('an answer that is not whole gives no tokens, and its failure tells none', () => {
  const whole = JSON.stringify(vectors.answers[0]!.answer);
  for (const body of [
    whole.slice(0, 60),
    '<html>',
    '{}',
    '[]',
    '{"access_token":"v^1.1#a"}',
    '{"access_token":"","expires_in":7200}',
  ]) {
    assert.throws(
      () => ebay.auth.readTokens({ status: 200, headers: {}, body }, now),
      (failure) =>
        failure instanceof Failure &&
        failure.kind === 'retryable' &&
        failure.code === 'unreadable-answer' &&
        !failure.message.includes('v^1.1'),
      body,
    );
  }
});
