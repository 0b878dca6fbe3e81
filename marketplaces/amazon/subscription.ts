import { z } from 'zod';
import type { Webhook } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { readAnswer } from './answer.ts';
import type { AmazonApp } from './app.ts';
import { auth } from './auth.ts';
import { refusalOf } from './failure.ts';
import { apiCall, tokenCall } from './request.ts';

const PATH = '/notifications/v1/subscriptions/ORDER_CHANGE';
/** the one that ORDER_CHANGE has, its notification schema in github.com/amzn/selling-partner-api-models */
const PAYLOAD_VERSION = '1.0';
/** for the calls that belong to no seller */
const NOTIFICATIONS_SCOPE = 'sellingpartnerapi::notifications';

const answer = z.object({ payload: z.object({ subscriptionId: z.string().min(1), destinationId: z.string() }) });
const anyObject = z.looseObject({});

/**
 * Notifications API v1: the seller's subscription to ORDER_CHANGE, which sends to the queue of the registration and to
 * no URL. One that sends elsewhere is in the way of ours, and only the app itself may delete it.
 */
export const subscribe: NonNullable<Webhook<AmazonApp>['subscribe']> = (context, _options, [found, ...answers]) => {
  const { app, now } = context;
  const { destinationId } = app;
  if (destinationId === undefined) {
    throw new Failure('permanent', 'the registration names no destinationId, so Amazon has nowhere to send to', {
      code: 'destination-missing',
    });
  }
  if (!found) {
    const query = { payloadVersion: PAYLOAD_VERSION };
    return { call: apiCall(context, 'getSubscription', { path: PATH, query }) };
  }
  if (refusalOf(found) === undefined) {
    const there = readAnswer(found, answer).payload;
    if (there.destinationId === destinationId) return { done: { repaired: 0 } };
    const [token, deleted] = answers.splice(0, 2);
    if (!token) {
      const grant = { grant_type: 'client_credentials', scope: NOTIFICATIONS_SCOPE };
      return { call: tokenCall(app, 'appToken', grant) };
    }
    if (!deleted) {
      const { accessToken } = auth.readTokens(token, now);
      const path = `${PATH}/${encodeURIComponent(there.subscriptionId)}`;
      return { call: apiCall({ app, accessToken, now }, 'deleteSubscriptionById', { method: 'DELETE', path }) };
    }
    if (refusalOf(deleted) === undefined) readAnswer(deleted, anyObject);
  }
  const [created] = answers;
  if (!created) {
    const body = { payloadVersion: PAYLOAD_VERSION, destinationId };
    return { call: apiCall(context, 'createSubscription', { method: 'POST', path: PATH, body }) };
  }
  readAnswer(created, answer);
  return { done: { repaired: 1 } };
};
