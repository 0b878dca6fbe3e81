import { type Config, readConfig } from '#platform/runtime/config.ts';
import { run, untilSignal } from '#platform/runtime/lifecycle.ts';
import { createFunctionDeps, type FunctionDeps, type Running, type World } from './deps.ts';
import { createHealth } from './health.ts';
import { needsOf } from './needs.ts';
import { preflight } from './preflight.ts';
import { startSchedules } from './schedules.ts';
import { healthServings, type Serving, serveAll, stopAll } from './serve.ts';
import { createTaskProtection } from './task-protection.ts';
import { openWorld } from './world.ts';

/** What a function is once it has started. */
export type Started = Running & { serves?: readonly Serving[] };

export type FunctionContext = {
  config: Config;
  world: World;
  /** what the function is made of, put together when it is asked for */
  deps(): Promise<FunctionDeps>;
};

/**
 * The life of a process that runs a function: settings, engine, preflight, start, serve, health; at a signal it takes no
 * more, lets what is under way end, and ends with exit code 0. What is wrong before that is one line and exit code 1.
 * @param name its name in infra/topology.ts, or `all-in-one`
 */
export const runFunction = (
  name: string,
  environment: Record<string, string | undefined>,
  start: (context: FunctionContext) => Promise<Started>,
): Promise<void> =>
  run(async () => {
    const config = readConfig(environment);
    const opened = await openWorld(config, name);
    const { engine, logger } = opened;
    const needs = needsOf(name);
    await preflight(opened, needs, config);

    const health = createHealth(opened);
    const { ecsAgentUri } = config;
    const protection = ecsAgentUri === undefined ? undefined : createTaskProtection(opened, { agentUri: ecsAgentUri });
    const world: World = {
      ...opened,
      consuming: {
        watch: { received: health.received, inFlight: (queue, messages) => protection?.inFlight(queue, messages) },
      },
    };
    for (const queue of needs.consumes) await startSchedules(world, queue);
    const started = await start({ config, world, deps: () => createFunctionDeps(world, name) });
    const served = await serveAll(started.serves ?? [], config);
    const servedHealth = await serveAll(healthServings(health, config), config);
    logger.info(
      { ports: [...served, ...servedHealth].map(({ port }) => port), publicUrl: config.publicUrl },
      'started',
    );

    logger.info({ signal: await untilSignal() }, 'stopping');
    health.stopping();
    protection?.stop();
    await stopAll(served);
    await started.stop();
    await stopAll(servedHealth);
    await engine.close();
  });
