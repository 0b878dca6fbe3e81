import { connectSeller } from '#platform/functions/connect-seller.ts';
import { memberOf } from '#platform/functions/deps.ts';
import type { Connection } from '#platform/state/connections.ts';
import type { Dice } from './dice.ts';
import type { Network } from './network.ts';
import { type Inside, SANDBOX_ORIGIN, SLUICE_ORIGIN } from './simulation.ts';
import type { Checker } from './watch.ts';

const HOUR_MS = 3_600_000;
const REDIRECT_URI = `${SLUICE_ORIGIN}/callback`;
/** how long a seller takes to consent anew once told, ms, from … to */
const CONSENTS_AFTER_FROM_MS = HOUR_MS / 2;
const CONSENTS_AFTER_TO_MS = 4 * HOUR_MS;
/** how long a person waits for an answer, ms */
const PATIENCE_MS = 60_000;
/** how often a seller may think of taking the consent back, ms */
const THINKS_EVERY_MS = 6 * HOUR_MS;

export type Sellers = Checker & { run(network: Network): Promise<void> };

/** The sellers: they take their consent back now and then, and give it anew a while after they were told. */
export function createSellers(inside: Inside, dice: Dice): Sellers {
  const { clock, faults, ledger, sandboxes, deps } = inside;
  let network: Network;
  let isOver = false;

  async function consent(connectionId: string): Promise<void> {
    for (;;) {
      await clock.sleep(dice.between(CONSENTS_AFTER_FROM_MS, CONSENTS_AFTER_TO_MS));
      const connection = await deps.connections.get(connectionId);
      if (isOver || connection?.status !== 'needs-consent') return;
      // Where a fault of the marketplace is in the way, the seller tries again later.
      const refreshToken = await askMarketplace(connection).catch(() => undefined);
      if (refreshToken === undefined) continue;
      ledger.grant(connectionId, refreshToken);
      return connectSeller(deps, { ...connection, consentedAt: clock.now(), refreshToken });
    }
  }

  async function askMarketplace(connection: Connection): Promise<string | undefined> {
    const { auth } = memberOf(deps.members, connection.marketplace).marketplace;
    const { app } = memberOf(deps.members, connection.marketplace);
    const url = new URL(auth.consentUrl(app, { state: 'simulated', redirectUri: REDIRECT_URI, now: clock.now() }));
    // The sandboxes' own ways to say who is logged in.
    for (const name of ['seller', 'sandbox_seller', 'shop_id']) url.searchParams.set(name, connection.sellerId);
    const page = await network.send({ method: 'GET', url: url.href, headers: {} }, PATIENCE_MS, undefined);
    const callback = Object.fromEntries(new URL(page.headers.location ?? SANDBOX_ORIGIN).searchParams);
    const { request } = auth.exchangeCall(app, { callback, redirectUri: REDIRECT_URI, now: clock.now() });
    const answer = await network.send(request, PATIENCE_MS, undefined);
    return (JSON.parse(answer.body) as { refresh_token?: string }).refresh_token;
  }

  return {
    rule: 'sellers consent when they are told',
    sent({ queue, body }) {
      if (queue !== 'seller-events' || !body.includes('"connection.consent-needed"')) return;
      const { data } = JSON.parse(body) as { data: { connectionId: string } };
      void consent(data.connectionId);
    },
    async run(through) {
      network = through;
      const connectionIds = sandboxes.flatMap(({ name, sellers }) => sellers.map((_, i) => `${name}-${i + 1}`));
      while (!isOver) {
        await clock.sleep(dice.untilNext(THINKS_EVERY_MS));
        const connectionId = dice.pick(connectionIds);
        if (faults.strikes('revoke-grant', connectionId)) ledger.revoke(connectionId);
      }
    },
    finish() {
      isOver = true;
    },
  };
}
