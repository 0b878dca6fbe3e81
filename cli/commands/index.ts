import type { Command } from '#cli/command.ts';
import { apiKeysRoll } from './api-keys-roll.ts';
import { apiKeysShow } from './api-keys-show.ts';
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
import { erase } from './erase.ts';
import { keysRoll } from './keys-roll.ts';
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
  erase,
  deadLettersList,
  deadLettersShow,
  deadLettersRedrive,
  deadLettersDrop,
  keysRoll,
  apiKeysShow,
  apiKeysRoll,
  auditFind,
  auditShow,
  auditProve,
  auditExport,
  auditVerify,
  auditDispute,
];
