import { z } from 'zod';
import type { Call, CallContext, Webhook } from '#marketplaces/marketplace.ts';
import { type Procedure, stepOf } from '#marketplaces/procedure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { isTold, readAnswer, readCreatedId } from './answer.ts';
import type { EbayApp } from './app.ts';
import { auth } from './auth.ts';
import type { Operation } from './limits.ts';
import { refusalOf } from './refusals.ts';
import { apiCall } from './request.ts';

/** The topic of a seller's orders: subscribed to for each seller, with the seller's token. */
export const ORDER_CONFIRMATION = 'ORDER_CONFIRMATION';
export const AUTHORIZATION_REVOCATION = 'AUTHORIZATION_REVOCATION';
export const MARKETPLACE_ACCOUNT_DELETION = 'MARKETPLACE_ACCOUNT_DELETION';
/** Topics of the whole application. The second is a duty of every keyset that stores eBay's data. */
const APP_TOPICS = [AUTHORIZATION_REVOCATION, MARKETPLACE_ACCOUNT_DELETION];

const DESTINATION_NAME = 'Sluice';
const PAYLOAD = { format: 'JSON', deliveryProtocol: 'HTTPS', schemaVersion: '1.0' };
/** most entries in a page, Notification API getDestinations and getSubscriptions */
const PAGE_SIZE = 100;
/** most pages of a list that are read, ours; nobody has a thousand destinations */
const MAX_PAGES = 10;

const text = z.string().nullish();
const total = z.int().nullish();
const destinations = z
  .object({
    total,
    destinations: z
      .array(
        z.object({
          destinationId: z.string().min(1),
          status: text,
          deliveryConfig: z.object({ endpoint: text }).nullish(),
        }),
      )
      .nullish(),
    next: text,
  })
  .refine(({ destinations, total }) => isTold({ list: destinations, total }));
const subscriptions = z
  .object({
    total,
    subscriptions: z
      .array(z.object({ subscriptionId: z.string().min(1), topicId: text, status: text, destinationId: text }))
      .nullish(),
    next: text,
  })
  .refine(({ subscriptions, total }) => isTold({ list: subscriptions, total }));

/** Builds a call of the Notification API with one token. */
type Caller = (operation: Operation, method: HttpRequest['method'], path: string, body?: unknown) => Call;

/**
 * Notification API: an endpoint at `callbackUrl` that is switched on, and subscriptions that send to it. Endpoints and the
 * topics of the application take a token of the application's own, so the procedure begins with getting one.
 */
export const subscribe: NonNullable<Webhook<EbayApp>['subscribe']> = (context, { callbackUrl }, answers) =>
  stepOf(subscribed(context, callbackUrl), answers);

function* subscribed(context: CallContext<EbayApp>, callbackUrl: string): Procedure<{ repaired: number }> {
  const { app, accessToken, now } = context;
  const minted = yield auth.appTokenCall!(app, { now });
  const asApp = callerOf(app, auth.readTokens(minted, now).accessToken);
  /** Whom to alert, which eBay wants to know before anything is made. */
  const alert = function* (): Procedure<void> {
    if (app.alertEmail !== undefined) yield asApp('updateConfig', 'PUT', '/config', { alertEmail: app.alertEmail });
  };
  const { destinationId, repaired } = yield* endpointAt(asApp, app, callbackUrl, alert);
  const ofApp = yield* subscribedTo(asApp, 'createAppSubscription', APP_TOPICS, destinationId, alert);
  const asSeller = callerOf(app, accessToken);
  const ofSeller = yield* subscribedTo(asSeller, 'createSubscription', [ORDER_CONFIRMATION], destinationId, alert);
  return { repaired: repaired + ofApp + ofSeller };
}

/** The endpoint, made or switched on where that is needed: eBay marks down those that fail. Either sends a challenge. */
function* endpointAt(
  call: Caller,
  { verificationToken }: EbayApp,
  endpoint: string,
  alert: () => Procedure<void>,
): Procedure<{ destinationId: string; repaired: number }> {
  const known = yield* all(call, 'getDestinations', '/destination', (answer) => {
    const page = readAnswer(answer, destinations, 'destinations');
    return { entries: page.destinations ?? [], next: page.next };
  });
  const found = known.find(({ deliveryConfig }) => deliveryConfig?.endpoint === endpoint);
  if (found?.status === 'ENABLED') return { destinationId: found.destinationId, repaired: 0 };

  const body = { name: DESTINATION_NAME, status: 'ENABLED', deliveryConfig: { endpoint, verificationToken } };
  if (found) {
    yield call('updateDestination', 'PUT', `/destination/${encodeURIComponent(found.destinationId)}`, body);
    return { destinationId: found.destinationId, repaired: 1 };
  }
  yield* alert();
  const created = yield call('createDestination', 'POST', '/destination', body);
  return { destinationId: readCreatedId(created, 'destination'), repaired: 1 };
}

/**
 * One subscription of each topic, which is all that eBay allows: it is pointed to the endpoint and switched on where it
 * is not. An application topic may be refused: one set up in the developer portal is in no list, and keysets differ.
 * Gives how many were repaired.
 */
function* subscribedTo(
  call: Caller,
  operation: 'createSubscription' | 'createAppSubscription',
  topics: readonly string[],
  destinationId: string,
  alert: () => Procedure<void>,
): Procedure<number> {
  const known = yield* all(call, 'getSubscriptions', '/subscription', (answer) => {
    const page = readAnswer(answer, subscriptions, 'subscriptions');
    return { entries: page.subscriptions ?? [], next: page.next };
  });
  const wanted = { status: 'ENABLED', payload: PAYLOAD, destinationId };
  let repaired = 0;
  for (const topicId of topics) {
    const found = known.find((one) => one.topicId === topicId);
    if (found?.status === 'ENABLED' && found.destinationId === destinationId) continue;
    const path = `/subscription/${encodeURIComponent(found?.subscriptionId ?? '')}`;
    if (!found) yield* alert();
    let answer: HttpResponse;
    if (!found) answer = yield call(operation, 'POST', '/subscription', { topicId, ...wanted });
    else if (found.destinationId === destinationId) answer = yield call('enableSubscription', 'POST', `${path}/enable`);
    else answer = yield call('updateSubscription', 'PUT', path, wanted);
    if (refusalOf(answer) === undefined) repaired++;
  }
  return repaired;
}

/** Every entry of a list, page by page. */
function* all<Entry>(
  call: Caller,
  operation: Operation,
  path: string,
  read: (answer: HttpResponse) => { entries: Entry[]; next: string | null | undefined },
): Procedure<Entry[]> {
  const found: Entry[] = [];
  let token = '';
  for (let page = 0; page < MAX_PAGES; page++) {
    const { entries, next } = read(yield call(operation, 'GET', `${path}?limit=${PAGE_SIZE}${token}`));
    found.push(...entries);
    const continued = next ? /[?&](continuation_token=[^&#]+)/.exec(next)?.[1] : undefined;
    if (continued === undefined) break;
    token = `&${continued}`;
  }
  return found;
}

function callerOf({ apiUrl }: EbayApp, accessToken: string): Caller {
  return (operation, method, path, body) =>
    apiCall(operation, { accessToken, method, url: `${apiUrl}/commerce/notification/v1${path}`, body });
}
