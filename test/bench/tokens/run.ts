import { virtualClock } from '#platform/runtime/clock.ts';
import { createSellers, type Granting, KINDS, type Kind, modelOf } from './marketplaces.ts';
import { type DeathAt, type Outcome, runTrial } from './trial.ts';

/** some instant, 2026-01-01T00:00:00Z */
const START_AT = 1_767_225_600_000;
/** how long an access token of the models lives, ms */
const LIFE_MS = 3_600_000;
/** sellers of one set of sandboxes */
const SELLERS = 500;

export type Crashes = {
  crashes: number;
  lost: number;
  doubleExchanges: number;
  staleReturned: number;
  surfacedWithinSeconds: number;
  /** how many rotated tokens of strict marketplaces were lost with a process or an answer: no code can save those */
  strictLosses: number;
  wrong: string[];
};

/**
 * Lets a process die at each await of a refresh in turn, before its effect and after it, over all kinds of marketplaces;
 * then again in another world, until there were `crashes` deaths.
 */
export async function runCrashes(crashes: number): Promise<Crashes> {
  const clock = virtualClock(START_AT);
  const nextSeller = createSellers(clock, SELLERS);
  const total: Crashes = {
    ...{ crashes: 0, lost: 0, doubleExchanges: 0, staleReturned: 0, surfacedWithinSeconds: 0, strictLosses: 0 },
    wrong: [],
  };
  let trials = 0;

  async function trial(kind: Kind, seed: string, deathAt: DeathAt): Promise<Outcome> {
    const granting: Granting =
      kind === 'shopee' || kind === 'amazon' || kind === 'ebay'
        ? nextSeller(kind)
        : modelOf(kind, `seller-${trials}`, LIFE_MS);
    trials += 1;
    const outcome = await runTrial(clock, kind, granting, seed, deathAt);
    if (outcome.died) total.crashes += 1;
    if (outcome.lost) total.lost += 1;
    total.doubleExchanges += outcome.doubleExchanges;
    total.staleReturned += outcome.staleReturned;
    if (outcome.surfacedAfterMs !== undefined) {
      total.strictLosses += 1;
      total.surfacedWithinSeconds = Math.max(total.surfacedWithinSeconds, outcome.surfacedAfterMs / 1000);
    }
    const { passage, moment } = deathAt ?? { passage: 0, moment: '' };
    for (const text of outcome.wrong) total.wrong.push(`${kind}, seed ${seed}, await ${passage} ${moment}: ${text}`);
    return outcome;
  }

  for (let round = 0; total.crashes < crashes; round++) {
    const kind = KINDS[round % KINDS.length]!;
    const seed = `${kind} ${round}`;
    const { passages } = await trial(kind, seed, undefined);
    const before = total.crashes;
    for (let passage = 1; passage <= passages; passage++) {
      for (const moment of ['before', 'after'] as const) {
        if (total.crashes < crashes) await trial(kind, seed, { passage, moment });
      }
    }
    if (total.crashes === before) throw new Error(`nobody died in the world of seed ${seed}: ${total.wrong[0] ?? ''}`);
  }
  return total;
}
