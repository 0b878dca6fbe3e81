import { seconds } from './order-shape.ts';

// Both from Shopee's API reference, v2.push.get_lost_push_message.
/** how long a lost push is kept, ms: 3 days */
const KEPT_MS = 3 * 86_400_000;
const PAGE_SIZE = 100;

type LostPush = { messageId: number; shopId: number | undefined; code: number; lostAt: number; body: string };

/** Pushes that every attempt failed to deliver, until they are confirmed or too old. */
export function createLostPushes(now: () => number) {
  let kept: LostPush[] = [];
  let lastMessageId = 0;

  function dropOld(): void {
    kept = kept.filter((push) => push.lostAt > now() - KEPT_MS);
  }

  return {
    keep(push: { shopId: number | undefined; code: number; body: string }): void {
      dropOld();
      kept.push({ messageId: ++lastMessageId, lostAt: now(), ...push });
    },
    /** The earliest ones; the same again until they are confirmed. `data` is the whole push as a string. */
    page() {
      dropOld();
      const page = kept.slice(0, PAGE_SIZE);
      return {
        push_message_list: page.map((push) => ({
          ...(push.shopId === undefined ? {} : { shop_id: push.shopId }),
          code: push.code,
          timestamp: seconds(push.lostAt),
          data: push.body,
        })),
        has_next_page: kept.length > page.length,
        last_message_id: page.at(-1)?.messageId ?? 0,
      };
    },
    /** Forgets all up to this one. False: there never was such a message. */
    confirm(messageId: number): boolean {
      if (messageId > lastMessageId) return false;
      kept = kept.filter((push) => push.messageId > messageId);
      return true;
    },
  };
}
