import { hash } from 'node:crypto';
import type { Inside } from '#test/simulation/simulation.ts';
import type { Checker } from '#test/simulation/watch.ts';

const RULE = 'nothing unverified gets in';

/** They sign nothing, so that a forged webhook can't be told: it is a hint like any other, and its proof is the re-read. */
export const UNSIGNED = new Set(['mercadolibre']);

/** A forged webhook is never answered 2xx, and nothing with its content is queued. */
export function checkForgeries(inside: Inside): Checker {
  const forged = new Set<string>();
  const genuine = new Set<string>();
  return {
    rule: RULE,
    posted({ marketplace, body, isForged }) {
      if (UNSIGNED.has(marketplace)) return;
      (isForged ? forged : genuine).add(hash('sha256', body));
    },
    arrived({ marketplace, isForged, status }) {
      if (UNSIGNED.has(marketplace) || !isForged || status < 200 || status >= 300) return;
      inside.violate(RULE, `${marketplace} let a forged webhook in`);
    },
    sent({ queue, body }, by) {
      if (queue !== 'sync') return;
      const sha256 = /"bodySha256":"([0-9a-f]{64})"/.exec(body)?.[1];
      if (sha256 === undefined || !forged.has(sha256) || genuine.has(sha256)) return;
      inside.violate(RULE, `${by} queued what a forged webhook said`);
    },
  };
}
