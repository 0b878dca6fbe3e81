import { z } from 'zod';
import type { Call, CallContext, Webhook } from '#marketplaces/marketplace.ts';
import { readAnswer } from './answer.ts';
import type { WalmartApp } from './app.ts';
import { isEmptyList } from './failure.ts';
import type { Operation } from './limits.ts';
import { apiCall, basicAuthorization } from './request.ts';

/** where Walmart is told to put the signature of a notification; the name that its own pages use */
export const SIGNATURE_HEADER = 'WM_SEC.SIGNATURE';

const PATH = '/v3/webhooks/subscriptions';
/** It replaces PO_CREATED, PO_LINE_AUTOCANCELLED and INTENT_TO_CANCEL, which end on 15 December 2026. */
const EVENT_TYPE = 'ORDER_UPDATES';

const text = z.string().nullish();
const subscription = z.object({
  subscriptionId: z.string().min(1),
  eventType: text,
  eventUrl: text,
  status: text,
  authDetails: z.object({ authMethod: text, authHeaderName: text, clientSecret: text }).nullish(),
});
// The published schema has one list inside another, the published examples have one.
const subscriptions = z
  .object({ events: z.array(z.union([z.object({ event: z.array(subscription) }), subscription])) })
  .transform(({ events }) => events.flatMap((event) => ('event' in event ? event.event : event)));
/** The same of what was made or changed: the published schema calls the list `event`, the examples give it or one alone. */
const repairedAnswer = z.union([
  z.object({ events: z.array(subscription).min(1) }),
  z.object({ event: z.array(subscription).min(1) }),
  subscription,
]);

type Subscription = z.infer<typeof subscription>;

/** Notifications API: one subscription of a seller's order events that sends to `callbackUrl`, signed with the app's secret. */
export const subscribe: NonNullable<Webhook<WalmartApp>['subscribe']> = (context, { callbackUrl }, answers) => {
  const [listed, repaired] = answers;
  if (!listed) {
    return { call: webhooksCall(context, 'listSubscriptions', 'GET', `${PATH}?eventType=${EVENT_TYPE}`) };
  }
  const all = isEmptyList(listed) ? [] : readAnswer(listed, subscriptions);
  const ours = all.filter(({ eventType, eventUrl }) => eventType === EVENT_TYPE && eventUrl === callbackUrl);
  if (ours.some((found) => isInOrder(found, context.app))) return { done: { repaired: 0 } };
  if (repaired) {
    readAnswer(repaired, repairedAnswer);
    return { done: { repaired: 1 } };
  }
  const wanted = { eventUrl: callbackUrl, authDetails: authDetailsOf(context.app), status: 'ACTIVE' };
  const [broken] = ours;
  if (broken) {
    const path = `${PATH}/${encodeURIComponent(broken.subscriptionId)}`;
    return { call: webhooksCall(context, 'updateSubscription', 'PATCH', path, wanted) };
  }
  const events = [{ eventType: EVENT_TYPE, eventVersion: 'V1', resourceName: 'ORDER', ...wanted }];
  return { call: webhooksCall(context, 'createSubscription', 'POST', PATH, { events }) };
};

function authDetailsOf({ webhookSecret }: WalmartApp) {
  return { authMethod: 'HMAC', authHeaderName: SIGNATURE_HEADER, clientSecret: webhookSecret };
}

function isInOrder({ status, authDetails }: Subscription, app: WalmartApp): boolean {
  const wanted = authDetailsOf(app);
  const secret = authDetails?.clientSecret;
  // A secret that the list leaves out or masks tells nothing.
  const isOurs = !secret || secret.includes('*') || secret === wanted.clientSecret;
  return (
    status === 'ACTIVE' &&
    authDetails?.authMethod === wanted.authMethod &&
    authDetails.authHeaderName?.toLowerCase() === wanted.authHeaderName.toLowerCase() &&
    isOurs
  );
}

/** These calls want the app's credentials besides the seller's token. */
function webhooksCall(
  context: CallContext<WalmartApp>,
  operation: Operation,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body?: unknown,
): Call {
  const call = apiCall(context, operation, { method, path, body });
  const headers = { ...call.request.headers, Authorization: basicAuthorization(context.app) };
  return { ...call, request: { ...call.request, headers } };
}
