import { createDice } from './dice.ts';

/** Every fault, and the share of its chances at which it strikes. */
export const FAULTS = {
  // A worker's way out: every port call, every call of a marketplace, every sleep.
  'crash-before': 0.0006,
  'crash-after': 0.0006,
  // The whole process stands still for minutes, longer than any lease.
  pause: 0.0003,
  // The engine.
  'engine-error-before': 0.003,
  'engine-error-after': 0.003,
  'engine-slow': 0.006,
  'message-refused': 0.002,
  'message-duplicate': 0.01,
  'message-late': 0.02,
  'receipt-expiry': 0.01,
  'tick-lost': 0.02,
  // The clock of a worker, asked once in a while.
  'clock-step': 0.5,
  // On the way to the intake.
  'webhook-unreached': 0.02,
  'webhook-answer-lost': 0.03,
  'webhook-forged': 0.1,
  'poison-message': 0.01,
  'lose-webhook': 0.04,
  'duplicate-webhook': 0.06,
  'reorder-webhook': 0.06,
  // The marketplace's API.
  throttle: 0.004,
  'throttle-storm': 0.0006,
  outage: 0.0006,
  'server-error': 0.01,
  'server-error-after-effect': 0.005,
  timeout: 0.01,
  'drop-connection': 0.006,
  'drop-answer': 0.005,
  slow: 0.01,
  truncate: 0.006,
  'expire-access-token': 0.004,
  'expire-page-token': 0.05,
  'late-answer': 0.01,
  'no-answer': 0.002,
  'late-listing': 0.4,
  // The seller takes the consent back, asked once a while for each.
  'revoke-grant': 0.3,
} as const;

export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

/** Which faults may strike: kinds, and which of all strikes by their number (1 upwards), to shrink a run. */
export type FaultPlan = { kinds: readonly FaultKind[]; from: number; to: number };
export const ALL_FAULTS: FaultPlan = { kinds: FAULT_KINDS, from: 1, to: Number.MAX_SAFE_INTEGER };

/** how much more or less often a kind strikes in one seed than in another */
const LEAST_SCALE = 0.3;
const MOST_SCALE = 2;

export type Faults = ReturnType<typeof createFaultSource>;

/** Decides, from the seed, when a fault strikes. */
export function createFaultSource(seed: string, plan: FaultPlan, struck: (kind: FaultKind, whom: string) => void) {
  const scales = createDice(seed, 'fault-scales');
  const sources = new Map(
    FAULT_KINDS.map((kind) => {
      const rate = Math.min(1, FAULTS[kind] * scales.between(LEAST_SCALE, MOST_SCALE));
      return [kind, { rate: plan.kinds.includes(kind) ? rate : 0, dice: createDice(seed, `fault/${kind}`) }];
    }),
  );
  let isOn = false;
  let number = 0;
  let strikes = 0;

  return {
    /** Asked at each chance. `whom`: the worker or marketplace that it would strike. */
    strikes(kind: FaultKind, whom: string): boolean {
      const source = sources.get(kind)!;
      if (!isOn || source.rate === 0 || source.dice.fraction() >= source.rate) return false;
      number += 1;
      if (number < plan.from || number > plan.to) return false;
      strikes += 1;
      struck(kind, whom);
      return true;
    },
    /** How long, how much: a draw of the same kind. */
    between: (kind: FaultKind, from: number, to: number): number => sources.get(kind)!.dice.between(from, to),
    switch(on: boolean): void {
      isOn = on;
    },
    count: () => strikes,
  };
}
