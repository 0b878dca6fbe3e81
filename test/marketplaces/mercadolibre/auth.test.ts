import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { mercadolibre } from '#marketplaces/mercadolibre/index.ts';
import answers from '#test/vectors/mercadolibre/token-answers.json' with { type: 'json' };
import { answer, app, failureOf, NOW, registration, runSteps } from './support.ts';

type Vector = { name: string; body: string; tokens: object | null };

const { auth } = mercadolibre;
const redirectUri = 'https://sluice.example/callback';
const callback = { code: 'TG-1', state: 'S1' };

for (const { name, body, tokens } of answers as Vector[]) {
  test(`tokens: ${name}`, () => {
    const read = () => auth.readTokens(answer(body), NOW);
    if (tokens === null) return assert.equal(failureOf(read).kind, 'retryable');
    assert.deepEqual(read(), { refreshToken: undefined, refreshTokenExpiresAt: undefined, ...tokens });
  });
}

test('the verifier of an exchange fits the challenge of its consent, and no other one', () => {
  const challengeOf = (state: string) =>
    new URL(auth.consentUrl(app, { state, redirectUri, now: NOW })).searchParams.get('code_challenge');
  const { request } = auth.exchangeCall(app, { callback, redirectUri, now: NOW });
  const verifier = new URLSearchParams(request.body).get('code_verifier')!;
  assert.match(verifier, /^[\w-]{43,128}$/);
  assert.equal(createHash('sha256').update(verifier).digest('base64url'), challengeOf('S1'));
  assert.notEqual(challengeOf('S1'), challengeOf('S2'));
});

test('a return from consent without its code or its state, or with an error, is a permanent failure before any call', () => {
  for (const [given, code] of [
    [{ state: 'S1' }, 'callback-incomplete'],
    [{ code: 'TG-1' }, 'callback-incomplete'],
    [{ error: 'access_denied', state: 'S1' }, 'consent-denied'],
  ] as [Record<string, string>, string][]) {
    const failure = failureOf(() => auth.exchangeCall(app, { callback: given, redirectUri, now: NOW }));
    assert.deepEqual([failure.kind, failure.code], ['permanent', code]);
  }
});

test('the seller is the user of the token, and the site is that of the account', () => {
  const exchanged = answer({ access_token: 'a', user_id: 1234567 });
  const identify = (user: object) =>
    runSteps(
      (told) => auth.identify!({ app, callback, accessToken: 'a', now: NOW }, [exchanged, ...told]),
      () => answer(user),
    );
  const { result, requests } = identify({ id: 1234567, site_id: 'MLA', nickname: 'ADA' });
  assert.deepEqual(result, [{ sellerId: '1234567', settings: { siteId: 'MLA' } }]);
  assert.equal(requests[0]!.url, 'https://api.mercadolibre.com/users/me');
  assert.equal(failureOf(() => identify({ id: 7, site_id: 'MLA' })).kind, 'retryable');
});

test('a refresh token is spent by its use', () => {
  assert.equal(auth.rotation, 'strict');
});

test('the operator is told when the client secret ends, if the registration says so', () => {
  assert.deepEqual(auth.secretEnds!(app), []);
  const ending = mercadolibre.appSchema.parse({ ...registration, clientSecretExpiresAt: '2027-01-31' });
  assert.deepEqual(auth.secretEnds!(ending), [{ secret: 'clientSecret', endsAt: Date.parse('2027-01-31') }]);
});

for (const name of Object.keys(registration)) {
  test(`a registration without ${name} is refused`, () => {
    assert.equal(mercadolibre.appSchema.safeParse({ ...registration, [name]: '' }).success, false);
    assert.equal(mercadolibre.appSchema.safeParse({ ...registration, [name]: undefined }).success, false);
  });
}

test('a registration with an id of no digits, an unknown site, a slash at a URL or no place for the number is refused', () => {
  for (const wrong of [
    { clientId: 'app' },
    { site: 'XYZ' },
    { apiUrl: 'https://ml.example/' },
    { trackingUrlTemplate: 'https://carrier.example/' },
  ]) {
    assert.equal(mercadolibre.appSchema.safeParse({ ...registration, ...wrong }).success, false);
  }
});
