import type { Write } from '#platform/engines/engine.ts';
import { type Mutant, unconditional, withStore } from './mutation.ts';

export const auditMutants: Mutant[] = [
  {
    name: 'audit-log-without-the-fence',
    breaks: [/audit log/, /buried/],
    withinSeeds: 2,
    world: (world) => withStore(world, unconditional('audit-log')),
  },
  {
    name: 'append-a-batch-twice',
    breaks: [/audit log/],
    withinSeeds: 2,
    world: (world) =>
      withStore(world, (store) => ({
        writeAtomically(writes) {
          // Each mark under a name that nobody finds again.
          const marked = (write: Write): Write =>
            write.partition.endsWith(' batches') ? { ...write, sort: world.random.hex(16) } : write;
          return store.writeAtomically(writes.map(marked));
        },
      })),
  },
  {
    name: 'record-no-call-without-an-answer',
    breaks: [/audit log/],
    withinSeeds: 1,
    deps: (deps) => ({
      ...deps,
      publisher: {
        async publish(event) {
          const isUnanswered = event.type === 'api-call.recorded' && event.data.status === null;
          if (!isUnanswered) await deps.publisher.publish(event);
        },
      },
    }),
  },
];
