import type { Marketplace } from '#marketplaces/marketplace.ts';
import type { Engine, Queues, Store, Write } from '#platform/engines/engine.ts';
import type { FunctionDeps, World } from '#platform/functions/deps.ts';

/** A deliberate bug, put in from outside: `name` is the function whose world or deps these are. */
export type Mutation = {
  world?(world: World, name: string): World;
  deps?(deps: FunctionDeps, name: string): FunctionDeps;
};

/** `withinSeeds`: it is caught by one of the seeds from 1 up to this one, a day each. */
export type Mutant = Mutation & {
  name: string;
  withinSeeds: number;
  /** the promises of which it breaks one; any other that is broken does not count */
  breaks: readonly RegExp[];
};

/** Changes the connectors of all marketplaces, or of those that `change` does not return as they are. */
export const withMarketplaces = (
  deps: FunctionDeps,
  change: (marketplace: Marketplace) => Partial<Marketplace>,
): FunctionDeps => ({
  ...deps,
  members: new Map(
    [...deps.members].map(([name, { marketplace, app }]) => [
      name,
      { app, marketplace: { ...marketplace, ...change(marketplace) } },
    ]),
  ),
});

export const withStore = (world: World, change: (store: Store) => Partial<Store>): World =>
  withEngine(world, ({ store }) => ({ store: { ...store, ...change(store) } }));

export const withQueues = (world: World, change: (queues: Queues) => Partial<Queues>): World =>
  withEngine(world, ({ queues }) => ({ queues: { ...queues, ...change(queues) } }));

const withEngine = (world: World, change: (engine: Engine) => Partial<Engine>): World => ({
  ...world,
  engine: { ...world.engine, ...change(world.engine) },
});

/** Writes to some tables without their conditions. */
export const unconditional =
  (...tables: string[]) =>
  (store: Store): Pick<Store, 'write' | 'writeAtomically'> => {
    const freed = (write: Write): Write => (tables.includes(write.table) ? { ...write, condition: 'none' } : write);
    return {
      write: (writes) => store.write(writes.map(freed)),
      writeAtomically: (writes) => store.writeAtomically(writes.map(freed)),
    };
  };
