import { z } from 'zod';
import type { Webhook, WebhookReading } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readAnswer } from './answer.ts';
import type { MercadolibreApp } from './app.ts';
import { notification, ORDER_TOPIC, toReading } from './notification.ts';
import { apiCall } from './request.ts';

/** 1 h, ours: a notification is resent for an hour, and then kept in the list for two days */
const EVERY_MS = 3_600_000;
/** messages on one page, what the list gives where it is not asked for a number */
const PAGE_SIZE = 10;
/** most pages that are read at once, ours: the poll finds the rest */
const MAX_PAGES = 100;

// One that nobody can read must not hide the others.
const page = z.object({ messages: z.array(notification.nullable().catch(null)) });

/**
 * The list of what Mercado Libre has given up delivering, for all sellers of the application. Reading takes nothing off
 * it, so what it names is named again till it is two days old. What came while a topic was switched off is not in it.
 */
export const missed: NonNullable<Webhook<MercadolibreApp>['missed']> = {
  scope: 'app',
  everyMs: EVERY_MS,

  list(context, answers) {
    const pages = answers.map(readPage);
    const isOver = pages.at(-1)?.length === 0 || pages.length === MAX_PAGES;
    if (!isOver) {
      const offset = pages.reduce((count, messages) => count + messages.length, 0);
      const query = {
        app_id: context.app.clientId,
        topic: ORDER_TOPIC,
        limit: String(PAGE_SIZE),
        offset: String(offset),
      };
      const path = `/missed_feeds?${new URLSearchParams(query)}`;
      return { call: apiCall(context, 'getMissedFeeds', { method: 'GET', path }) };
    }
    const ours = pages.flat().filter((told) => told?.application_id === context.app.clientId);
    const readings = ours.flatMap((told): WebhookReading[] => (told ? [toReading(told)] : []));
    // One that is added meanwhile moves the others on to the next page.
    const byKey = new Map(readings.map((reading) => [reading.deduplicationKey, reading]));
    return { done: [...byKey.values()].filter(({ orderIds }) => orderIds.length > 0) };
  },
};

function readPage(response: HttpResponse) {
  return readAnswer(response, page).messages;
}
