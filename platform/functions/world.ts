import { join } from 'node:path';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Engine } from '#platform/engines/engine.ts';
import { realClock } from '#platform/runtime/clock.ts';
import type { Config } from '#platform/runtime/config.ts';
import { createLogger } from '#platform/runtime/logger.ts';
import { realRandom } from '#platform/runtime/random.ts';
import { sendOverNetwork } from '#platform/runtime/send.ts';
import type { World } from './deps.ts';

/** The file that is there as soon as anything has been stored in the data directory. */
export const databasePath = (config: Pick<Config, 'dataDirectory'>): string =>
  join(config.dataDirectory, 'sluice.sqlite');

/**
 * The real world: the engine that the settings name, the real clock, randomness and network.
 * @param options.sendsTicks false for a process that only looks, see `openEmbeddedEngine`
 */
export async function openWorld(
  config: Config,
  service: string,
  options: { sendsTicks?: boolean } = {},
): Promise<World> {
  return {
    engine: config.engine === 'aws' ? await openAws(config) : openEmbedded(config, options),
    schedulesAreDeployed: config.engine === 'aws',
    clock: realClock,
    random: realRandom,
    send: sendOverNetwork,
    logger: createLogger(service, config.logLevel),
    buyerDataDays: config.buyerDataDays,
    auditLogs: config.auditLogs,
  };
}

/** Loaded only where it is wanted: a laptop run has no use for the AWS SDK. */
async function openAws({ stack }: Config): Promise<Engine> {
  const { openAwsEngine } = await import('#platform/engines/aws/index.ts');
  return openAwsEngine({ stack, clock: realClock, random: realRandom });
}

function openEmbedded(config: Config, options: { sendsTicks?: boolean }): Engine {
  try {
    return openEmbeddedEngine({ path: databasePath(config), clock: realClock, ...options });
  } catch (thrown) {
    throw new Error(`${(thrown as Error).message}; SLUICE_DATA is ${config.dataDirectory}`, { cause: thrown });
  }
}
