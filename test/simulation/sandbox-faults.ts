import type { Faults as SandboxFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { FAULTS, type FaultKind, type Faults } from './faults.ts';

/** how long a marketplace refuses every call, or fails, ms, from … to */
const STORM_FROM_MS = 60_000;
const STORM_TO_MS = 1_200_000;
/** failing so long that messages die of it is no fault of theirs: see MAX_ATTEMPTS in consume.ts */
const OUTAGE_TO_MS = 240_000;

/** These befall an answer on its way, once it is known what the marketplace did: see network.ts. */
const ON_THE_WAY: readonly string[] = ['server-error-after-effect', 'drop-answer', 'truncate'];
/** These let a call take effect late. Where it is counted for its pace, that would be the marketplace's own doing. */
const EFFECT_IS_LATE: readonly string[] = ['slow', 'timeout'];

/** The faults that the sandboxes ask for, and times in which a marketplace refuses or fails every call. */
export function createSandboxFaults(clock: Clock, faults: Faults): SandboxFaults {
  const stormUntil = new Map<string, number>();

  function isStormy(kind: 'throttle-storm' | 'outage', marketplace: string): boolean {
    const key = `${kind}/${marketplace}`;
    if ((stormUntil.get(key) ?? 0) > clock.now()) return true;
    if (!faults.strikes(kind, marketplace)) return false;
    stormUntil.set(
      key,
      clock.now() + faults.between(kind, STORM_FROM_MS, kind === 'outage' ? OUTAGE_TO_MS : STORM_TO_MS),
    );
    return true;
  }

  return {
    setRate() {},
    next() {},
    strikes(fault, path) {
      const marketplace = path.split('/')[1] ?? path;
      if (fault === 'throttle' && isStormy('throttle-storm', marketplace)) return true;
      if (fault === 'server-error' && isStormy('outage', marketplace)) return true;
      if (EFFECT_IS_LATE.includes(fault) && !path.includes('token')) return false;
      return fault in FAULTS && !ON_THE_WAY.includes(fault) && faults.strikes(fault as FaultKind, marketplace);
    },
  };
}
