import { functions } from '#infra/topology.ts';
import { marketplaces, otherSources } from '#marketplaces/index.ts';
import { registrationSecret } from '#platform/state/secrets.ts';
import type { Needs } from './preflight.ts';

/**
 * What a function needs of the engine, by its name in `infra/topology.ts`; by another name (`all-in-one`) what all that
 * are deployed need.
 */
export function needsOf(name: string): Needs {
  const named = functions.filter((entry) => entry.name === name);
  const all = named.length > 0 ? named : functions.filter(({ isSimulated }) => !isSimulated);
  const registrations = [...marketplaces, ...otherSources].map((source) => registrationSecret(source.name));
  return {
    consumes: all.flatMap(({ consumes }) => consumes),
    sends: all.flatMap(({ sends }) => sends),
    reads: all.flatMap(({ reads }) => reads),
    writes: all.flatMap(({ writes }) => writes),
    secrets: all.flatMap(({ secrets }) => [...secrets.reads, ...secrets.creates]),
    // Without any, a function that calls marketplaces has nothing to do.
    oneOfSecrets: all.some(({ callsOut, isSimulated }) => callsOut && !isSimulated) ? registrations : [],
  };
}
