import { createFaults, type Faults } from '#marketplaces/sandbox-kit/faults.ts';
import type { Queues } from '#platform/engines/engine.ts';
import { serveHttp } from '#platform/functions/serve.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { realRandom } from '#platform/runtime/random.ts';
import { sendOverNetwork } from '#platform/runtime/send.ts';
import { createSandboxes, type Sandboxes } from './sandboxes.ts';

/** Puts Amazon's notifications into the queues of an engine. */
export const enqueuing =
  (queues: Pick<Queues, 'send'>) =>
  async (queue: string, body: string): Promise<void> => {
    const [sent] = await queues.send(queue, [{ body }]);
    if (!sent?.ok) throw new Error('the queue did not take the message');
  };

export type RunningSandboxes = Sandboxes & { port: number; faults: Faults; stop(): Promise<void> };

/**
 * Serves every simulated marketplace over HTTP in real time.
 * @param options.enqueue where Amazon's notifications go; they are dropped where it is absent
 */
export async function startSandboxes(options: {
  host: string;
  port: number;
  /** what a person sets to choose the port */
  portSetting?: string;
  /** where clients reach it, without a slash at its end; `http://<host>:<port>` where absent */
  publicUrl?: string;
  webhooksUrl: string;
  sellers: number;
  /** only these marketplaces; all where absent */
  names?: readonly string[];
  enqueue?: (queue: string, body: string) => Promise<void>;
}): Promise<RunningSandboxes> {
  const faults = createFaults(realRandom.fraction);
  const sandboxes = createSandboxes(
    {
      now: realClock.now,
      sleep: (ms) => realClock.sleep(ms),
      random: realRandom.fraction,
      randomHex: realRandom.hex,
      send: sendOverNetwork,
      enqueue: options.enqueue ?? (async () => {}),
      faults,
    },
    { ...options, publicUrl: options.publicUrl ?? `http://${options.host}:${options.port}` },
  );
  const served = await serveHttp(sandboxes.app, { ...options, setting: options.portSetting ?? '--port' });
  return { ...sandboxes, port: served.port, faults, stop: served.stop };
}
