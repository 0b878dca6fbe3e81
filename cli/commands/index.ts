import type { Command } from '#cli/command.ts';
import { auditDispute } from './audit-dispute.ts';
import { auditExport } from './audit-export.ts';
import { auditFind } from './audit-find.ts';
import { auditProve } from './audit-prove.ts';
import { auditShow } from './audit-show.ts';
import { auditVerify } from './audit-verify.ts';
import { connections } from './connections.ts';
import { connectionsAdd } from './connections-add.ts';
import { deadLettersDrop } from './dead-letters-drop.ts';
import { deadLettersList } from './dead-letters-list.ts';
import { deadLettersRedrive } from './dead-letters-redrive.ts';
import { deadLettersShow } from './dead-letters-show.ts';
import { keysRoll } from './keys-roll.ts';
import { ordersEraseBuyer } from './orders-erase-buyer.ts';
import { ordersList } from './orders-list.ts';
import { ordersShow } from './orders-show.ts';
import { status } from './status.ts';

/** Every command, in the order in which help lists them. */
export const commands: readonly Command[] = [
  status,
  connections,
  connectionsAdd,
  ordersList,
  ordersShow,
  ordersEraseBuyer,
  deadLettersList,
  deadLettersShow,
  deadLettersRedrive,
  deadLettersDrop,
  keysRoll,
  auditFind,
  auditShow,
  auditProve,
  auditExport,
  auditVerify,
  auditDispute,
];
