import type { IdentifiedSeller, Tokens } from '#marketplaces/marketplace.ts';
import { asFailure, Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { appConnectionId, type Connections } from '#platform/state/connections.ts';
import type { Consents, Exchanged } from '#platform/state/consents.ts';
import { type CallDeps, callMarketplace, type Origin } from './call-marketplace.ts';
import { type ConnectSellerDeps, connectApp, connectSeller } from './connect-seller.ts';
import { type TellConsentNeededDeps, tellConsentNeeded } from './consent-needed.ts';
import { type Member, type Members, memberOf } from './deps.ts';

/** most calls to find out who consented: one or two are needed */
const MAX_CALLS = 20;

export type FinishConsentDeps = CallDeps &
  ConnectSellerDeps &
  TellConsentNeededDeps & {
    members: Members;
    connections: Pick<Connections, 'get' | 'put' | 'bySeller' | 'sharing' | 'needsConsent' | 'announced'>;
    consents: Pick<Consents, 'get' | 'connected' | 'fail'>;
  };

/**
 * Makes connections of a consent whose code is exchanged: finds out who consented, puts the grant in place, and asks for
 * subscriptions; old orders are asked for by the first poll. Whatever it is killed in between, it can be done again. Gives
 * the connections' ids. A permanent failure ends the consent; after any other, it is tried again.
 */
export async function finishConsent(deps: FinishConsentDeps, consentId: string, origin: Origin): Promise<string[]> {
  const consent = await deps.consents.get(consentId);
  if (consent?.step === 'connected') return consent.connectionIds;
  if (consent?.step !== 'exchanged') {
    throw new Failure('permanent', 'there is no such consent to finish', { code: 'consent-not-exchanged' });
  }
  const member = memberOf(deps.members, consent.marketplace);
  const tokens = member.marketplace.auth.readTokens(consent.exchanged.answer, consent.exchanged.at);
  try {
    const sellers = await identify(deps, member, consent.exchanged, tokens, origin);
    const connectionIds = await connect(deps, member, consent.exchanged, tokens, sellers);
    await deps.consents.connected(consentId, connectionIds, deps.clock.now());
    return connectionIds;
  } catch (thrown) {
    const failure = asFailure(thrown);
    const isOver = tokens.accessTokenExpiresAt <= deps.clock.now();
    if (failure.kind !== 'permanent' && !isOver) throw failure;
    await deps.consents.fail(consentId, failure.code, deps.clock.now());
    throw new Failure('permanent', failure.message, { code: failure.code, cause: failure });
  }
}

async function identify(
  deps: FinishConsentDeps,
  { marketplace, app }: Member,
  { callback, answer }: Exchanged,
  { accessToken }: Tokens,
  origin: Origin,
): Promise<IdentifiedSeller[]> {
  const answers: HttpResponse[] = [answer];
  const next = (now: number) => marketplace.auth.identify!({ app, callback, accessToken, now }, answers);
  for (;;) {
    const step = next(deps.clock.now());
    if ('done' in step) return step.done;
    if (answers.length > MAX_CALLS) {
      throw new Failure('permanent', `${step.call.operation} goes on and on`, { code: 'procedure-endless' });
    }
    const { response } = await callMarketplace(deps, {
      marketplace,
      connectionId: appConnectionId(marketplace.name),
      build(now) {
        const again = next(now);
        if ('call' in again) return again.call;
        throw new Failure('retryable', 'the procedure had come to its end meanwhile', { code: 'procedure-changed' });
      },
      orderIds: [],
      ...origin,
    });
    answers.push(response);
  }
}

/** One connection a seller. Where they share a grant, its tokens are kept under the id of one of them, which comes first. */
async function connect(
  deps: FinishConsentDeps,
  { marketplace }: Member,
  { at, backfillMs }: Exchanged,
  tokens: Tokens,
  sellers: readonly IdentifiedSeller[],
): Promise<string[]> {
  const { name, auth, webhook } = marketplace;
  const found: { connectionId: string; seller: IdentifiedSeller; grantId: string; settings: Record<string, string> }[] =
    [];
  for (const seller of sellers) {
    const known = await deps.connections.bySeller(name, seller.sellerId);
    const connectionId = known?.grant === 'seller' ? known.connectionId : await newConnectionId(deps, name, seller);
    const settings = { ...known?.settings, ...seller.settings };
    found.push({ connectionId, seller, settings, grantId: known?.grantId ?? connectionId });
  }
  const connectionIds = found.map(({ connectionId }) => connectionId);
  const formerOwner = found.find(({ grantId }) => connectionIds.includes(grantId))?.grantId;
  const owner = auth.grantPerSeller ? undefined : (formerOwner ?? connectionIds[0]);
  found.sort((a, b) => Number(b.connectionId === owner) - Number(a.connectionId === owner));

  const { refreshToken = null, ...others } = tokens;
  for (const { connectionId, seller, settings } of found) {
    await connectSeller(deps, {
      connectionId,
      marketplace: name,
      sellerId: seller.sellerId,
      settings,
      grant: 'seller',
      ...(owner !== undefined && owner !== connectionId && { grantId: owner }),
      consentedAt: at,
      ...(seller.consentEndsAt !== undefined && { consentEndsAt: seller.consentEndsAt }),
      refreshToken,
      tokens: others,
      backfillMs,
    });
  }
  // Who shared a grant that is now another one is not covered by it.
  for (const connectionId of connectionIds) {
    const left = (await deps.connections.sharing(connectionId)).filter(
      (each) => !connectionIds.includes(each.connectionId),
    );
    for (const each of left) {
      await tellConsentNeeded(deps, each.connectionId, { reason: 'not-in-consent', generation: at });
    }
  }
  await connectApp(deps, name);
  if (webhook.subscribe) {
    const subscribing = webhook.subscriptionScope === 'app' ? connectionIds.slice(0, 1) : connectionIds;
    for (const connectionId of subscribing) {
      const data = { connectionId, reason: 'connected' as const };
      await deps.publisher.publish(deps.newEvent('webhook-subscription.requested', data));
    }
  }
  return connectionIds;
}

/** `<marketplace>-<seller>`, with a number behind it where another seller's connection is called so. */
async function newConnectionId(
  deps: Pick<FinishConsentDeps, 'connections'>,
  marketplace: string,
  { sellerId }: IdentifiedSeller,
): Promise<string> {
  // It becomes part of URLs and of names of budgets.
  const wanted = `${marketplace}-${sellerId.replaceAll(/[^\w.-]/g, '-')}`;
  for (let n = 1; ; n++) {
    const connectionId = n === 1 ? wanted : `${wanted}-${n}`;
    if (!(await deps.connections.get(connectionId))) return connectionId;
  }
}
