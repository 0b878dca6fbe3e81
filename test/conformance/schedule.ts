import assert from 'node:assert/strict';
import type { EnginePromises, World } from './engine-conformance.ts';
import { OTHER_QUEUE, QUEUE, RULE } from './names.ts';
import { expectNothingElse, receiveOne, SECOND_MS } from './receiving.ts';

/** Receives and acknowledges the next tick; returns its body. */
async function nextTick(world: World, queue = QUEUE): Promise<string> {
  const message = await receiveOne(world, { queue });
  await world.engine.queues.acknowledge(queue, [message.receipt]);
  return message.body;
}

export const schedulePromises: EnginePromises = {
  'a rule sends its body once in every interval, the first time after one': async (world) => {
    const startedAt = world.clock.now();
    await world.engine.schedule.put({ name: RULE, everyMs: SECOND_MS, queue: QUEUE, body: 'tick' });
    for (const ticks of [1, 2, 3]) {
      assert.equal(await nextTick(world), 'tick');
      assert.ok(world.clock.now() - startedAt >= ticks * SECOND_MS, `tick ${ticks} came too early`);
    }
  },

  'a rule that is put again is replaced': async (world) => {
    const { schedule } = world.engine;
    await schedule.put({ name: RULE, everyMs: SECOND_MS, queue: QUEUE, body: 'old' });
    await schedule.put({ name: RULE, everyMs: SECOND_MS, queue: OTHER_QUEUE, body: 'new' });
    assert.equal(await nextTick(world, OTHER_QUEUE), 'new');
    await expectNothingElse(world);
  },

  'a rule that is removed sends no more': async (world) => {
    const { schedule } = world.engine;
    await schedule.put({ name: RULE, everyMs: SECOND_MS, queue: QUEUE, body: 'tick' });
    await schedule.put({ name: `${RULE}-2`, everyMs: SECOND_MS, queue: OTHER_QUEUE, body: 'other' });
    await schedule.remove(RULE);
    await schedule.remove('never there');
    assert.equal(await nextTick(world, OTHER_QUEUE), 'other');
    assert.equal(await nextTick(world, OTHER_QUEUE), 'other');
    await expectNothingElse(world);
  },
};
