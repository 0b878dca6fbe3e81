import type { Member } from '#platform/functions/deps.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { asFailure } from '#platform/runtime/failure.ts';
import type { Page } from './pages.ts';
import { sayUnknown, sayWhichShop } from './say.ts';
import type { States } from './states.ts';

export type BeginConsentDeps = {
  clock: Clock;
  members: ReadonlyMap<string, Member>;
  states: Pick<States, 'issue'>;
};

/** Where a seller consents, or a page that says what is missing. */
export function beginConsent(
  deps: BeginConsentDeps,
  asked: {
    marketplace: string | undefined;
    shop: string | undefined;
    nonce: string;
    redirectUri: (name: string) => string;
  },
): { location: string } | { page: Page } {
  const member = asked.marketplace === undefined ? undefined : deps.members.get(asked.marketplace);
  if (!member?.marketplace.auth.identify) return { page: sayUnknown(connectable(deps.members)) };
  const { name, auth } = member.marketplace;
  const options = {
    state: deps.states.issue(name, asked.nonce),
    redirectUri: asked.redirectUri(name),
    now: deps.clock.now(),
    ...(asked.shop !== undefined && { sellerId: asked.shop.trim() }),
  };
  try {
    return { location: auth.consentUrl(member.app, options) };
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code !== 'shop-missing' && failure.code !== 'shop-domain-wrong') throw failure;
    return { page: sayWhichShop(name, failure.code === 'shop-domain-wrong') };
  }
}

/** Marketplaces that are set up and can tell who consented. */
const connectable = (members: ReadonlyMap<string, Member>): string[] =>
  [...members.values()]
    .filter(({ marketplace }) => marketplace.auth.identify)
    .map(({ marketplace }) => marketplace.name);
