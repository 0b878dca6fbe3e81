import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { openAwsEngine } from '#platform/engines/aws/index.ts';
import { type Engine, MAX_BODY_BYTES, type ReceivedMessage } from '#platform/engines/engine.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { realRandom } from '#platform/runtime/random.ts';
import { openEmulator } from '#test/support/emulator.ts';

/** What the AWS engine does beyond what every engine promises, on an emulator. */
const emulator = await openEmulator();
const skip = 'missing' in emulator ? emulator.missing : false;

/** A value that does not deflate, of so many bytes and some more. */
const noise = (bytes: number) => ({ noise: Buffer.from(realRandom.hex(bytes), 'hex').toString('base64') });

const VISIBILITY_MS = 60_000;
/** longest until a rule of a minute fires twice, ms */
const TWO_TICKS_MS = 150_000;

describe('the AWS engine', { skip, concurrency: 4 }, () => {
  const engines: Engine[] = [];
  const open = (stack: string): Engine => {
    const engine = openAwsEngine({ stack, clock: realClock, random: realRandom });
    engines.push(engine);
    return engine;
  };
  const openNew = async (): Promise<Engine> => {
    if ('missing' in emulator) throw new Error(emulator.missing);
    return open(await emulator.createStack({ queues: ['q'], tables: ['t', 'u'] }));
  };
  after(async () => {
    await Promise.all(engines.map((engine) => engine.close()));
    if (!('missing' in emulator)) await emulator.stop();
  });

  test('values of every size are read as they were written, also as a conflict and in a range', async () => {
    const { store } = await openNew();
    const row = { table: 't', partition: 'p' };
    for (const bytes of [10, 2_000, 20_000, 600_000]) {
      const value = noise(bytes);
      const sort = String(bytes);
      assert.deepEqual(await store.write([{ ...row, sort, condition: 'absent', value: 'short' }]), [
        { ok: true, version: 1 },
      ]);
      assert.deepEqual(await store.write([{ ...row, sort, condition: 1, value }]), [{ ok: true, version: 2 }]);
      const item = await store.get('t', 'p', sort);
      assert.deepEqual(item?.value, value);
      assert.deepEqual(await store.write([{ ...row, sort, condition: 'absent', value: 1 }]), [
        { ok: false, conflict: item },
      ]);
      assert.deepEqual(await store.write([{ ...row, sort, condition: 'none', value: 'short' }]), [
        { ok: true, version: 3 },
      ]);
      assert.equal((await store.get('t', 'p', sort))?.value, 'short');
      assert.deepEqual(await store.write([{ ...row, sort, condition: 'none', value }]), [{ ok: true, version: 4 }]);
    }
    const items = await store.range('t', 'p', { limit: 10 });
    assert.deepEqual(
      items.map(({ sort, version }) => [sort, version]),
      [
        ['10', 4],
        ['2000', 4],
        ['20000', 4],
        ['600000', 4],
      ],
    );
  });

  test('an all-or-nothing write may hold large values, and replaces an expiry', async () => {
    const { store } = await openNew();
    const values = [noise(100), noise(5_000), noise(200_000)];
    const rows = values.map((value, i) => ({ table: i === 0 ? 'u' : 't', partition: 'p', sort: `s${i}`, value }));
    const expiresAt = realClock.now() + VISIBILITY_MS;
    assert.equal(await store.writeAtomically(rows.map((row) => ({ ...row, condition: 'absent', expiresAt }))), true);
    assert.equal((await store.get('t', 'p', 's1'))?.expiresAt, expiresAt);
    assert.equal(await store.writeAtomically(rows.map((row) => ({ ...row, condition: 'none' }))), true);
    for (const { table, sort, value } of rows) {
      const item = await store.get(table, 'p', sort);
      assert.deepEqual(item, { partition: 'p', sort, version: 2, value, expiresAt: undefined });
    }
  });

  test('writes to one item in one call are done in their order', async () => {
    const { store } = await openNew();
    const row = { table: 't', partition: 'p', sort: 's' };
    const results = await store.write([
      { ...row, condition: 'absent', value: 1 },
      { ...row, condition: 1, value: 2 },
      { ...row, condition: 2, value: null },
      { ...row, condition: 'none', value: 4 },
    ]);
    assert.deepEqual(
      results.map((result) => result.ok && result.version),
      [1, 2, 0, 1],
    );
  });

  test('a message above the limit with its attributes, and one of odd characters, are received as they were sent', async () => {
    const { queues } = await openNew();
    const bodies = ['x'.repeat(MAX_BODY_BYTES), '', 'a\u0000b\uffff\ud800', '{"plain":true}'];
    const attributes = { attempt: '3', reason: 'ä\u0001' };
    const results = await queues.send(
      'q',
      bodies.map((body) => ({ body, attributes })),
    );
    assert.ok(results.every(({ ok }) => ok));
    const received: ReceivedMessage[] = [];
    while (received.length < bodies.length) {
      received.push(
        ...(await queues.receive('q', { maxMessages: 10, visibilityTimeoutMs: VISIBILITY_MS, waitMs: 2_000 })),
      );
    }
    assert.deepEqual(received.map(({ body }) => body).sort(), [...bodies].sort());
    for (const message of received) assert.deepEqual(message.attributes, attributes);
  });

  test('hundreds of messages are sent, received and acknowledged in a few calls of the port', async () => {
    const { queues } = await openNew();
    const bodies = Array.from({ length: 400 }, (_, i) => `message ${i}`);
    await queues.send(
      'q',
      bodies.map((body) => ({ body })),
    );
    const received: ReceivedMessage[] = [];
    let calls = 0;
    while (received.length < bodies.length && calls < 20) {
      calls += 1;
      received.push(
        ...(await queues.receive('q', { maxMessages: 500, visibilityTimeoutMs: VISIBILITY_MS, waitMs: 1_000 })),
      );
    }
    assert.deepEqual(new Set(received.map(({ body }) => body)), new Set(bodies));
    const acknowledged = await queues.acknowledge(
      'q',
      received.map(({ receipt }) => receipt),
    );
    assert.ok(acknowledged.every(({ ok }) => ok));
  });

  test('what is not there is named, with the setting to check', async () => {
    const { queues, store } = open('nowhere');
    const isNamed = {
      kind: 'permanent',
      code: 'engine-missing',
      message: /nowhere-(q|t) is not there: check SLUICE_STACK/,
    };
    await assert.rejects(queues.depth('q'), isNamed);
    await assert.rejects(queues.send('q', [{ body: 'x' }]), isNamed);
    await assert.rejects(store.get('t', 'p', 's'), isNamed);
    await assert.rejects(store.range('t', 'p', { limit: 1 }), isNamed);
    for (const condition of ['absent', 'none', 1] as const) {
      await assert.rejects(store.write([{ table: 't', partition: 'p', sort: 's', condition, value: 1 }]), isNamed);
    }
  });

  test('the engine’s clock is known to some tens of ms', async () => {
    const engine = await openNew();
    for (let i = 0; i < 150; i++) {
      await engine.store.get('t', 'p', String(i));
      await realClock.sleep(realRandom.fraction() * 20);
    }
    // It runs on this machine, so the offset is 0; a loaded emulator takes `Date` long before its answer is here.
    assert.ok(Math.abs(engine.clockOffsetMs!()) <= 150, `${engine.clockOffsetMs!()} ms`);
  });

  test('a rule of a minute sends its body, and when put again the new one, until it is removed', async () => {
    const { queues, schedule } = await openNew();
    await schedule.put({ name: 'r', everyMs: 60_000, queue: 'q', body: '{"tick":"old"}' });
    await schedule.put({ name: 'r', everyMs: 60_000, queue: 'q', body: '{"tick":"new"}' });
    const endAt = realClock.now() + TWO_TICKS_MS;
    let ticks: ReceivedMessage[] = [];
    while (ticks.length === 0 && realClock.now() < endAt) {
      ticks = await queues.receive('q', { maxMessages: 10, visibilityTimeoutMs: VISIBILITY_MS, waitMs: 20_000 });
    }
    // Once, or more often: LocalStack goes on with the rule that was replaced beside the new one.
    assert.deepEqual([...new Set(ticks.map(({ body }) => body))], ['{"tick":"new"}']);
    await schedule.remove('r');
    await schedule.remove('r');
  });
});
