import type { Hono, MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { type Answers, readBody, wrongParameter } from './answers.ts';
import { seconds } from './order-shape.ts';
import { PUSH_CODES, type Pushes } from './push.ts';

/** most blocked shops (Shopee's API reference, v2.push.set_app_push_config) */
const MAX_BLOCKED_SHOPS = 500;

const code = z.int().refine((value) => PUSH_CODES.includes(value));

const settingsBody = z.object({
  callback_url: z.url({ protocol: /^https?$/ }).optional(),
  set_push_config_on: z.array(code).default([]),
  set_push_config_off: z.array(code).default([]),
  blocked_shop_id_list: z.array(z.int()).max(MAX_BLOCKED_SHOPS).optional(),
});

const confirmBody = z.object({ last_message_id: z.int() });

/** The push settings, and the pushes that could not be delivered. */
export function addPushRoutes(
  app: Hono,
  parts: { publicApi: MiddlewareHandler; answers: Answers; pushes: Pushes },
): void {
  const { publicApi, answers, pushes } = parts;

  app.post('/api/v2/push/set_app_push_config', publicApi, async (c) => {
    const body = await readBody(c, settingsBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    const { callback_url, set_push_config_on, set_push_config_off, blocked_shop_id_list } = body.value;
    if (callback_url !== undefined) {
      if (!(await pushes.verifies(callback_url))) {
        return answers.refuse(c, wrongParameter('the callback_url did not answer the test push with 2xx in 3 seconds'));
      }
      pushes.config.callbackUrl = callback_url;
      pushes.health.resume();
    }
    for (const on of set_push_config_on) pushes.config.on.add(on);
    for (const off of set_push_config_off) pushes.config.on.delete(off);
    if (blocked_shop_id_list) pushes.config.blockedShopIds = new Set(blocked_shop_id_list);
    return answers.response(c, { result: 'success' });
  });

  app.get('/api/v2/push/get_app_push_config', publicApi, (c) => {
    const { config, health } = pushes;
    const suspendedAt = health.suspendedAt();
    return answers.response(c, {
      callback_url: config.callbackUrl,
      live_push_status: health.status(),
      ...(suspendedAt === undefined ? {} : { suspended_time: seconds(suspendedAt) }),
      blocked_shop_id: [...config.blockedShopIds],
      push_config_on_list: PUSH_CODES.filter((value) => config.on.has(value)),
      push_config_off_list: PUSH_CODES.filter((value) => !config.on.has(value)),
    });
  });

  app.get('/api/v2/push/get_lost_push_message', publicApi, (c) => answers.response(c, pushes.lost.page()));

  app.post('/api/v2/push/confirm_consumed_lost_push_message', publicApi, async (c) => {
    const body = await readBody(c, confirmBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    if (!pushes.lost.confirm(body.value.last_message_id)) {
      return answers.refuse(c, wrongParameter('last_message_id is unknown'));
    }
    return answers.fields(c, {});
  });
}
