// All from Shopee Open Platform's guide, push mechanism.
/** Shopee looks at the pushes of the last 6 h … */
const WINDOW_MINUTES = 6 * 60;
/** … once there are more than these … */
const MIN_PUSHES = 600;
/** … warns below this share of successes … */
const WARNING_BELOW = 0.7;
/** … and stops pushing below this one. */
const SUSPENDED_BELOW = 0.3;
const MINUTE_MS = 60_000;

export type PushStatus = 'Normal' | 'Warning' | 'Suspended';

/** Watches how the app's callback answers. Every attempt counts as a push; the window moves in whole minutes. */
export function createPushHealth(now: () => number) {
  let minutes: { minute: number; sent: number; accepted: number }[] = [];
  let suspendedAt: number | undefined;

  const total = (count: 'sent' | 'accepted'): number => minutes.reduce((sum, minute) => sum + minute[count], 0);

  function status(): PushStatus {
    if (suspendedAt !== undefined) return 'Suspended';
    if (total('sent') <= MIN_PUSHES) return 'Normal';
    return total('accepted') / total('sent') < WARNING_BELOW ? 'Warning' : 'Normal';
  }

  return {
    status,
    /** epoch ms; undefined: pushes go out */
    suspendedAt: () => suspendedAt,
    record(accepted: boolean): void {
      const minute = Math.floor(now() / MINUTE_MS);
      minutes = minutes.filter((entry) => entry.minute > minute - WINDOW_MINUTES);
      let current = minutes.at(-1);
      if (current?.minute !== minute) {
        current = { minute, sent: 0, accepted: 0 };
        minutes.push(current);
      }
      current.sent += 1;
      if (accepted) current.accepted += 1;
      const isFailing = total('sent') > MIN_PUSHES && total('accepted') / total('sent') < SUSPENDED_BELOW;
      if (isFailing) suspendedAt ??= now();
    },
    /** The developer has mended the callback: counting starts anew. */
    resume(): void {
      minutes = [];
      suspendedAt = undefined;
    },
  };
}
