import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createClockOffset, type TimedAnswer } from '#platform/engines/aws/clock-offset.ts';
import { seededRandom } from '#platform/runtime/random.ts';

const START_AT = 1_767_225_600_000;

/** Answers of a host whose clock is `offsetAt` ahead, as the network gives them. */
function answerAt(
  sentAt: number,
  offsetMs: number,
  { toHostMs, backMs }: { toHostMs: number; backMs: number },
): TimedAnswer {
  const hostNow = sentAt + toHostMs + offsetMs;
  return { sentAt, receivedAt: sentAt + toHostMs + backMs, dateAt: Math.floor(hostNow / 1_000) * 1_000 };
}

type Call = { afterMs: number; latency: { toHostMs: number; backMs: number } };

/** Calls at any part of a second, as they come to a worker, that take up to 30 ms each. */
const calls = fc.integer().map((seed): Call[] => {
  const random = seededRandom(String(seed));
  const upTo = (ms: number): number => 1 + Math.floor(random.fraction() * ms);
  return Array.from({ length: 300 }, () => ({
    afterMs: upTo(997),
    latency: { toHostMs: upTo(15), backMs: upTo(15) },
  }));
});

test('before the first answer it is 0, and known to be unknown', () => {
  const offset = createClockOffset({ clock: { now: () => START_AT } });
  assert.equal(offset.offsetMs(), 0);
  assert.equal(offset.uncertaintyMs(), Number.POSITIVE_INFINITY);
});

test('one answer tells the offset to half a second', () => {
  const offset = createClockOffset({ clock: { now: () => START_AT } });
  offset.observe(answerAt(START_AT, 240_000, { toHostMs: 5, backMs: 5 }));
  assert.ok(Math.abs(offset.offsetMs() - 240_000) <= 505);
});

test('the truth is always as near as it says, and it comes within 40 ms after some hundred answers', () => {
  const offsets = fc.integer({ min: -400_000, max: 400_000 });
  fc.assert(
    fc.property(offsets, calls, (trueMs, sequence) => {
      let now = START_AT;
      const offset = createClockOffset({ clock: { now: () => now } });
      for (const { afterMs, latency: between } of sequence) {
        now += afterMs;
        const answer = answerAt(now, trueMs, between);
        now = answer.receivedAt;
        offset.observe(answer);
        assert.ok(Math.abs(offset.offsetMs() - trueMs) <= offset.uncertaintyMs() + 1);
      }
      assert.ok(Math.abs(offset.offsetMs() - trueMs) <= 40, `${offset.offsetMs()} for ${trueMs}`);
    }),
  );
});

test('it follows a clock that drifts by 50 ppm', () => {
  fc.assert(
    fc.property(fc.constantFrom(-50e-6, 50e-6), calls, (rate, sequence) => {
      let now = START_AT;
      let worstMs = 0;
      const offset = createClockOffset({ clock: { now: () => now } });
      for (const [i, { afterMs, latency: between }] of [...sequence, ...sequence, ...sequence].entries()) {
        now += afterMs * 2;
        const trueMs = (now - START_AT) * rate;
        const answer = answerAt(now, trueMs, between);
        now = answer.receivedAt;
        offset.observe(answer);
        if (i > 200) worstMs = Math.max(worstMs, Math.abs(offset.offsetMs() - trueMs));
      }
      assert.ok(worstMs <= 60, `${worstMs} ms off`);
    }),
    { numRuns: 30 },
  );
});

test('after a clock was set it is right again by the same number of answers', () => {
  fc.assert(
    fc.property(fc.integer({ min: -5_000, max: 5_000 }), calls, (stepMs, sequence) => {
      let now = START_AT;
      const offset = createClockOffset({ clock: { now: () => now } });
      for (const trueMs of [0, stepMs]) {
        for (const { afterMs, latency: between } of sequence) {
          now += afterMs;
          const answer = answerAt(now, trueMs, between);
          now = answer.receivedAt;
          offset.observe(answer);
        }
      }
      assert.ok(Math.abs(offset.offsetMs() - stepMs) <= 60, `${offset.offsetMs()} for ${stepMs}`);
    }),
  );
});

test('hosts that differ by some ms are no contradiction that widens it', () => {
  let now = START_AT;
  const offset = createClockOffset({ clock: { now: () => now } });
  for (let i = 0; i < 500; i++) {
    now += 137;
    const answer = answerAt(now, i % 2 === 0 ? 20 : -20, { toHostMs: 3, backMs: 3 });
    now = answer.receivedAt;
    offset.observe(answer);
    if (i > 200) assert.ok(Math.abs(offset.offsetMs()) <= 40, `${offset.offsetMs()} ms`);
  }
});
