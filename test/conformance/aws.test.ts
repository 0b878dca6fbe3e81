import { after, test } from 'node:test';
import { openAwsEngine } from '#platform/engines/aws/index.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { realRandom } from '#platform/runtime/random.ts';
import { openEmulator } from '#test/support/emulator.ts';
import { engineConformance } from './engine-conformance.ts';
import { OTHER_QUEUE, OTHER_TABLE, QUEUE, TABLE } from './names.ts';

const BY_THE_MINUTE = 'rules of EventBridge go by whole minutes; test/platform/engines/aws/engine.test.ts runs one';

/** promises checked at once: an emulator that has more to do than it can answers late, and late is what some of them measure */
const CONCURRENCY = 6;

const emulator = await openEmulator();
if ('missing' in emulator) {
  test('the AWS engine keeps the promises of an engine', { skip: emulator.missing }, () => {});
} else {
  after(() => emulator.stop());
  engineConformance(
    'AWS',
    async () => {
      const stack = await emulator.createStack({ queues: [QUEUE, OTHER_QUEUE], tables: [TABLE, OTHER_TABLE] });
      return { engine: openAwsEngine({ stack, clock: realClock, random: realRandom }), clock: realClock };
    },
    {
      concurrency: CONCURRENCY,
      declaredDifferences: {
        'a rule sends its body once in every interval, the first time after one': BY_THE_MINUTE,
        'a rule that is put again is replaced': BY_THE_MINUTE,
        'a rule that is removed sends no more': BY_THE_MINUTE,
        'a group with a large backlog does not hold up another':
          'fair queues of SQS weigh groups by what is in flight, over minutes; emulators accept groups and do nothing',
      },
    },
  );
}
