import { dirname, join } from 'node:path';
import type { Engine } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { openArrivals } from './arrivals.ts';
import { openDatabase } from './database.ts';
import { openQueues } from './queues.ts';
import { openSchedule } from './schedule.ts';
import { openSecrets } from './secrets.ts';
import { openStore } from './store.ts';

/** Where secrets are kept if nothing else is said, in the folder of the database file. */
const SECRETS_FILE_NAME = 'secrets.json';

/**
 * The engine for one machine: one SQLite file, which several processes may share, or `:memory:`, where nothing is
 * polled, so that simulated time can jump from timer to timer.
 */
export function openEmbeddedEngine(options: {
  path: string | ':memory:';
  clock: Clock;
  /** absent: `secrets.json` beside the database file; in memory for `:memory:` */
  secretsPath?: string;
  /** false for a process that only looks: it leaves ticks that are due to those that work; default true */
  sendsTicks?: boolean;
}): Engine {
  const { path, clock, sendsTicks = true } = options;
  const isShared = path !== ':memory:';
  const database = openDatabase(path);
  const arrivals = openArrivals(clock, isShared ? database.changedElsewhere : undefined);
  const queues = openQueues(database, clock, arrivals);
  const schedule = openSchedule(database, clock, {
    isShared,
    sendsTicks,
    insert: queues.insert,
    notify: arrivals.notify,
  });
  return {
    queues,
    store: openStore(database, clock),
    secrets: openSecrets(
      database,
      options.secretsPath ?? (isShared ? join(dirname(path), SECRETS_FILE_NAME) : undefined),
    ),
    schedule,
    async purge() {
      database.emptyLog();
    },
    async close() {
      await schedule.close();
      await arrivals.close();
      database.close();
    },
  };
}
