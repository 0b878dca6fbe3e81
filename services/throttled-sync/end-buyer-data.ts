import { type EraseBuyerDeps, tellOfErasure } from '#platform/functions/erase-buyer.ts';
import type { Buyers } from '#platform/state/buyers.ts';

/** orders looked at in one step */
const PAGE = 100;

export type EndBuyerDataDeps = Omit<EraseBuyerDeps, 'buyers'> & {
  buyers: Pick<Buyers, 'announced' | 'due' | 'end'>;
  /** see `Engine.purge` */
  purge(): Promise<void>;
};

/**
 * On a tick: takes away the data of buyers whose time is over, and tells of erasures that were not told of, because whoever
 * did them was killed. No engine's own expiry is relied on.
 */
export async function endBuyerData(deps: EndBuyerDataDeps): Promise<void> {
  for (;;) {
    const now = deps.clock.now();
    const due = await deps.buyers.due(now, PAGE);
    const isGone = await Promise.all(
      due.map(async (order) => {
        const gone = await deps.buyers.end(order, now);
        if (gone) await tellOfErasure(deps, order, gone);
        return gone !== undefined;
      }),
    );
    if (isGone.includes(true)) await deps.purge();
    if (due.length < PAGE || !isGone.includes(true)) return;
  }
}
