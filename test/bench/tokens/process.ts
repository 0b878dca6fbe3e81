import type { Engine } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Random } from '#platform/runtime/random.ts';
import type { Send } from '#platform/runtime/send.ts';

/** how long a call of the engine takes one way, ms, at the most; most of them take no time that matters */
const ENGINE_MS = 30;
const SHARE_THAT_TAKES_TIME = 0.3;

/** Told of each await inside the process; what it gives says whether the process dies there, before its effect or after. */
export type Reaper = () => (moment: 'before' | 'after') => boolean;

/** A process: the engine and the network as it sees them. Once dead it goes no further, whatever it awaits. */
export type Process = { engine: Engine; send: Send; clock: Clock; isDead(): boolean; kill(): void };

/** @param reaper asked at each await but the waiting for messages, which is not inside any work */
export function startProcess(parts: {
  engine: Engine;
  send: Send;
  clock: Clock;
  random: Random;
  reaper: Reaper;
  died(): void;
}): Process {
  const { clock, random } = parts;
  let isDead = false;
  const life = new AbortController();
  const never = <Result>(): Promise<Result> => new Promise(() => {});

  function kill(): void {
    if (isDead) return;
    isDead = true;
    life.abort('dead');
    parts.died();
  }

  const wait = async (): Promise<void> => {
    if (random.fraction() < SHARE_THAT_TAKES_TIME) await clock.sleep(random.fraction() * ENGINE_MS);
  };

  async function pass<Result>(call: () => Promise<Result>): Promise<Result> {
    if (isDead) return never();
    const diesHere = parts.reaper();
    if (diesHere('before')) kill();
    if (!isDead) await wait();
    if (isDead) return never();
    const result = call();
    result.catch(() => {});
    // The effect is there, and a process that dies now does not learn of it.
    if (diesHere('after')) kill();
    const given = await result;
    await wait();
    return isDead ? never() : given;
  }

  const alive = async <Result>(call: Promise<Result>): Promise<Result> => {
    const result = await call;
    return isDead ? never() : result;
  };

  const { queues, store, secrets, schedule } = parts.engine;
  return {
    isDead: () => isDead,
    kill,
    clock: { now: clock.now, sleep: (ms, signal) => (isDead ? never() : alive(clock.sleep(ms, signal))) },
    send: (request, options) => pass(() => parts.send(request, options)),
    engine: {
      schedule,
      secrets,
      close: async () => {},
      queues: {
        ...queues,
        receive: (queue, options) =>
          isDead ? never() : alive(queues.receive(queue, { ...options, signal: life.signal })),
        send: (queue, messages) => pass(() => queues.send(queue, messages)),
        acknowledge: (queue, receipts) => pass(() => queues.acknowledge(queue, receipts)),
        extend: (queue, receipts, ms) => pass(() => queues.extend(queue, receipts, ms)),
      },
      store: {
        get: (...parameters) => pass(() => store.get(...parameters)),
        write: (...parameters) => pass(() => store.write(...parameters)),
        writeAtomically: (...parameters) => pass(() => store.writeAtomically(...parameters)),
        range: (...parameters) => pass(() => store.range(...parameters)),
      },
    },
  };
}
