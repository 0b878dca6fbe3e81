import { join } from 'node:path';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { realClock } from '#platform/runtime/clock.ts';
import type { Config } from '#platform/runtime/config.ts';
import { createLogger } from '#platform/runtime/logger.ts';
import { realRandom } from '#platform/runtime/random.ts';
import { sendOverNetwork } from '#platform/runtime/send.ts';
import type { World } from './deps.ts';

/** The file that is there as soon as anything has been stored in the data directory. */
export const databasePath = (config: Pick<Config, 'dataDirectory'>): string =>
  join(config.dataDirectory, 'sluice.sqlite');

/** The real world: the engine on the data directory, the real clock, randomness and network. */
export function openWorld(config: Config, service: string, options: { sendsTicks?: boolean } = {}): World {
  return {
    engine: openEmbeddedEngine({ path: databasePath(config), clock: realClock, ...options }),
    clock: realClock,
    random: realRandom,
    send: sendOverNetwork,
    logger: createLogger(service, config.logLevel),
    buyerDataDays: config.buyerDataDays,
  };
}
