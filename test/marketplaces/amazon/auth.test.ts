import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { Tokens } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import answers from '#test/vectors/amazon/token-answers.json' with { type: 'json' };
import { failureOf } from './support.ts';

type Vector = { name: string; now: number; response: HttpResponse; tokens?: Partial<Tokens>; failure?: string };

for (const { name, now, response, tokens, failure } of answers as Vector[]) {
  test(`token answer: ${name}`, () => {
    if (tokens) {
      const absent = { refreshToken: undefined, refreshTokenExpiresAt: undefined };
      assert.deepEqual(amazon.auth.readTokens(response, now), { ...absent, ...tokens });
      return;
    }
    const thrown = failureOf(() => amazon.auth.readTokens(response, now));
    assert.deepEqual([thrown.kind, thrown.code], ['retryable', failure]);
    assert.doesNotMatch(thrown.message, /Atza|secret/);
  });
}

test('a refresh spends nothing, so it may be repeated', () => {
  assert.equal(amazon.auth.rotation, 'none');
});
