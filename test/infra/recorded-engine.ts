import type { Engine, Write } from '#platform/engines/engine.ts';

/** What was done, and to what: `send sync`, `consume sync`, `read orders`, `write orders`, `read-secret …`, … */
export type Use =
  `${'send' | 'consume' | 'read' | 'write' | 'read-secret' | 'create-secret' | 'put-secret' | 'put-schedule' | 'archive'} ${string}`;

/** The engine as one function sees it. Each use is told before it is done; who is told may throw. */
export function recordedEngine(engine: Engine, used: (use: Use) => void): Engine {
  const { queues, store, secrets, schedule } = engine;
  const wrote = (writes: readonly Write[]): void => {
    for (const { table } of writes) used(`write ${table}`);
  };
  return {
    ...engine,
    queues: {
      ...queues,
      async send(queue, messages) {
        used(`send ${queue}`);
        return queues.send(queue, messages);
      },
      async receive(queue, options) {
        used(`consume ${queue}`);
        return queues.receive(queue, options);
      },
      async acknowledge(queue, receipts) {
        used(`consume ${queue}`);
        return queues.acknowledge(queue, receipts);
      },
      async extend(queue, receipts, visibilityTimeoutMs) {
        used(`consume ${queue}`);
        return queues.extend(queue, receipts, visibilityTimeoutMs);
      },
    },
    store: {
      async get(table, partition, sort) {
        used(`read ${table}`);
        return store.get(table, partition, sort);
      },
      async range(table, partition, options) {
        used(`read ${table}`);
        return store.range(table, partition, options);
      },
      async write(writes) {
        wrote(writes);
        return store.write(writes);
      },
      async writeAtomically(writes) {
        wrote(writes);
        return store.writeAtomically(writes);
      },
    },
    secrets: {
      async get(name) {
        used(`read-secret ${name}`);
        return secrets.get(name);
      },
      async create(name, value) {
        used(`create-secret ${name}`);
        return secrets.create(name, value);
      },
      async put(name, value) {
        used(`put-secret ${name}`);
        return secrets.put(name, value);
      },
    },
    archive: {
      async put() {
        used('archive audit');
      },
    },
    schedule: {
      async put(rule) {
        used(`put-schedule ${rule.name}`);
        return schedule.put(rule);
      },
      async remove(name) {
        used(`put-schedule ${name}`);
        return schedule.remove(name);
      },
    },
  };
}
