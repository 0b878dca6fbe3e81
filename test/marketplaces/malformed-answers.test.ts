import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Marketplace } from '#marketplaces/marketplace.ts';
import { asFailure, Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { type Conversation, type Recorded, readingOf, readsOf } from './conversations.ts';
import { changed, GONE, type Kind, MARK, malformedOf, pathsOf } from './malformed-answers.ts';
import { members } from './members.ts';
import { failureVectors, recorded } from './recorded.ts';
import { wholeResults } from './whole-results.ts';

/** Answers of which a body says nothing that is read: what of it can't be malformed, and why. */
const SAYS_NOTHING: Readonly<Record<string, readonly Kind[]>> = {
  // What was created is named by its `Location`.
  'ebay/createDestination': ['none', 'cut', 'type', 'object'],
  // Amazon's model of it has no field that must be there.
  'amazon/deleteSubscriptionById': ['object'],
  // Mercado Libre does not say what it answers.
  'mercadolibre/notifyShipment': ['none', 'object'],
};

/** Failures for good that a whole answer means: a list without anything in it, an order that is null. */
const MEANT_FOR_GOOD = ['no-shop', 'order-not-found'];

const RUNS = 300;
/** shorter words are names of fields and states as well */
const SHORTEST_VALUE = 8;

type Outcome = { failure: Failure } | { result: unknown } | { stuck: 'no answer to what it asks next' };

/**
 * A conversation with one answer changed. What is asked after it is answered as before; a result that is not whole by the
 * contract, or anything but a `Failure` thrown, fails the test.
 */
function hold(marketplace: Marketplace, told: Recorded, conversation: Conversation, at: number, answer: HttpResponse) {
  const { answers: good, read } = conversation;
  const reading = readingOf(marketplace, told, conversation);
  const answers: HttpResponse[] = good.slice(0, at);
  const take = (response: HttpResponse, operation: string): void => {
    const failure = marketplace.readFailure(response, operation);
    if (failure) throw failure;
    answers.push(response);
  };
  let outcome: Outcome | undefined;
  try {
    take(answer, good[at]!.operation);
    while (!outcome) {
      const step = reading(answers);
      if ('done' in step) outcome = { result: step.done };
      else {
        const { operation, request } = step.call;
        assert.doesNotMatch(request.url + (request.body ?? ''), /undefined|NaN|\[object/);
        const isOf = (index: number): boolean => index !== at && good[index]!.operation === operation;
        const next = good.find((_, index) => index > at && isOf(index)) ?? good.find((_, index) => isOf(index));
        if (!next || answers.length > good.length) outcome = { stuck: 'no answer to what it asks next' };
        else take(next, operation);
      }
    }
  } catch (thrown) {
    if (thrown instanceof assert.AssertionError) throw thrown;
    assert.ok(thrown instanceof Failure, `${asFailure(thrown).message} was thrown`);
    outcome = { failure: thrown };
  }
  if ('result' in outcome) {
    const { error } = wholeResults[read].safeParse(outcome.result);
    assert.equal(error, undefined);
  }
  return outcome;
}

/** What people are told of an answer: the failure, and the refusals that are outcomes. */
function saidOf(outcome: Outcome): string {
  if ('failure' in outcome) return `${outcome.failure.message} ${outcome.failure.code} ${outcome.failure.cause}`;
  const results = 'result' in outcome ? [outcome.result].flat() : [];
  const refusals = results as { outcome?: string; code?: string; message?: string }[];
  return refusals.map((one) => (one?.outcome === 'failed' ? `${one.code} ${one.message}` : '')).join();
}

/** The values in an answer, but for the id of its request, which the marketplaces' support asks for. */
function valuesOf(json: unknown, key = ''): string[] {
  if (typeof json === 'string') return json.length >= SHORTEST_VALUE && key !== 'request_id' ? [json] : [];
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([name, value]) => valuesOf(value, name));
}

for (const { marketplace } of members) {
  const { name } = marketplace;
  const told = recorded[name]!;
  const { conversations } = told;
  const bodies = conversations.flatMap((conversation) =>
    conversation.answers.flatMap((answer, at) =>
      answer.body === '' ? [] : [{ conversation, at, answer, paths: pathsOf(JSON.parse(answer.body)) }],
    ),
  );

  test(`${name}: every read that the connector has was recorded`, () => {
    assert.deepEqual([...new Set(conversations.map(({ read }) => read))].sort(), readsOf(marketplace).sort());
  });

  for (const conversation of conversations) {
    const { answers, result } = conversation;
    if (conversation !== conversations.at(-1)) {
      test(`${name}, ${conversation.name}: what was recorded is read as it was`, () => {
        const outcome = hold(marketplace, told, conversation, answers.length - 1, answers.at(-1)!);
        assert.deepEqual(JSON.parse(JSON.stringify(outcome)), { result });
      });
    }

    test(`${name}, ${conversation.name}: a malformed answer is a failure that passes, and says nothing of it`, () => {
      for (const [at, good] of answers.entries()) {
        const tolerated = SAYS_NOTHING[`${name}/${good.operation}`] ?? [];
        for (const { name: what, kind, response } of malformedOf(good)) {
          const outcome = hold(marketplace, told, conversation, at, response);
          assert.ok(!saidOf(outcome).includes(MARK), what);
          if (tolerated.includes(kind)) continue;
          assert.ok('failure' in outcome, `${good.operation} takes ${what} for an answer`);
          assert.equal(outcome.failure.kind, 'retryable', `${good.operation}: ${what}`);
        }
      }
    });

    test(`${name}, ${conversation.name}: a field that is gone or of another kind spoils an answer, or nothing`, () => {
      for (const [at, good] of answers.entries()) {
        if (good.body === '') continue;
        const json: unknown = JSON.parse(good.body);
        for (const path of pathsOf(json)) {
          for (const to of [GONE, null, {}, [], MARK, '', -1.5]) {
            const body = JSON.stringify(changed(json, path, to));
            const outcome = hold(marketplace, told, conversation, at, { ...good, body });
            const where = `${good.operation}: ${path.join('.')} is ${String(to)}`;
            assert.ok(!saidOf(outcome).includes(MARK), where);
            if (!('failure' in outcome)) continue;
            const { kind, code } = outcome.failure;
            assert.ok(kind !== 'permanent' || MEANT_FOR_GOOD.includes(code), `${where}: ${kind}, ${code}`);
          }
        }
      }
    });
  }

  test(`${name}: a refusal for good whose body is cut, a page or of another shape is none`, () => {
    for (const { operation, response } of failureVectors[name]!) {
      if (marketplace.readFailure(response, operation)?.kind !== 'permanent') continue;
      const { body } = response;
      for (const spoilt of ['', body.slice(0, -1), body.slice(0, body.length / 2), MARK, 'null', '[]', '{}']) {
        const failure = marketplace.readFailure({ ...response, body: spoilt }, operation);
        assert.ok(failure && failure.kind !== 'permanent', `${operation}, HTTP ${response.status}: ${spoilt}`);
        assert.ok(!failure.message.includes(MARK));
      }
    }
  });

  test(`${name}: whatever becomes of an answer, it is read whole or is a failure that says none of its values`, () => {
    const anywhere = fc.constantFrom(...bodies).chain(({ conversation, at, answer, paths }) => {
      const json: unknown = JSON.parse(answer.body);
      const values = fc
        .tuple(fc.constantFrom(...paths, []), fc.oneof(fc.jsonValue(), fc.constant(GONE)))
        .map(([path, to]) => JSON.stringify(changed(json, path, to)) ?? '');
      const { length } = answer.body;
      const texts = fc
        .tuple(fc.nat(length - 1), fc.nat(20), fc.string({ maxLength: 20 }))
        .map(([from, count, text]) => answer.body.slice(0, from) + text + answer.body.slice(from + count));
      const statuses = fc.constantFrom(answer.status, answer.status, 200, 204, 206, 302, 400, 401, 403, 404, 409, 429);
      return fc.record({
        conversation: fc.constant(conversation),
        at: fc.constant(at),
        answer: fc.tuple(fc.oneof(values, texts), statuses).map(([body, status]) => ({ ...answer, status, body })),
      });
    });
    fc.assert(
      fc.property(anywhere, ({ conversation, at, answer }) => {
        const outcome = hold(marketplace, told, conversation, at, answer);
        const said = saidOf(outcome);
        let json: unknown = null;
        try {
          json = JSON.parse(answer.body);
        } catch {
          if (answer.status >= 200 && answer.status < 300 && 'failure' in outcome) {
            assert.notEqual(outcome.failure.kind, 'permanent');
          }
        }
        assert.deepEqual(
          valuesOf(json).filter((value) => said.includes(value)),
          [],
        );
      }),
      { numRuns: RUNS },
    );
  });
}
