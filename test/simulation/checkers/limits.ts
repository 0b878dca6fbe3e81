import type { Inside } from '#test/simulation/simulation.ts';
import type { Checker } from '#test/simulation/watch.ts';

const RULE = 'no limit is ever exceeded';

/** No sandbox refuses a call for its pace; the refusals that a fault invents are not counted there. */
export function checkLimits(inside: Inside): Checker {
  let throttled = 0;
  return {
    rule: RULE,
    callEnded({ worker, marketplace, path }) {
      const now = inside.sandboxes.reduce((sum, { calls }) => sum + calls.throttled, 0);
      if (now > throttled) inside.violate(RULE, `${marketplace} throttled, at the latest ${worker} calling ${path}`);
      throttled = now;
    },
  };
}
