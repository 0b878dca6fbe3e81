import type { Inside } from '#test/simulation/simulation.ts';
import type { Checker } from '#test/simulation/watch.ts';
import { checkAudit } from './audit.ts';
import { checkDeadLetters } from './dead-letters.ts';
import { checkDeliveries } from './deliveries.ts';
import { checkForgeries } from './forgeries.ts';
import { checkGrants } from './grants.ts';
import { checkLimits } from './limits.ts';
import { checkOrders } from './orders.ts';
import { checkSecrecy } from './secrecy.ts';
import { checkWatermarks } from './watermarks.ts';

/** One checker for each line of "What must always be true". */
export const createCheckers = (inside: Inside): Checker[] => [
  checkDeliveries(inside),
  checkForgeries(inside),
  checkLimits(inside),
  checkGrants(inside),
  checkOrders(inside),
  checkWatermarks(inside),
  checkAudit(inside),
  checkSecrecy(inside),
  checkDeadLetters(inside),
];
