import { type Audit, openAudits } from '#cli/audit.ts';
import { defineCommand } from '#cli/command.ts';
import { fields, table } from '#cli/table.ts';
import { deadLetterQueue, QUEUES } from '#events/routes.ts';
import type { Queues } from '#platform/engines/engine.ts';
import type { World } from '#platform/functions/deps.ts';
import { latestCheckpoint } from '#platform/state/audit-log/checkpoints.ts';
import { loadHead } from '#platform/state/audit-log/storage.ts';
import { type Connection, createConnections } from '#platform/state/connections.ts';

export const status = defineCommand({
  name: 'status',
  takes: [],
  says: 'Queues, connections and the audit log; exit code 1 if a person is needed',
  options: {},
  async run({ open }) {
    const world = await open();
    const queues = await Promise.all(QUEUES.map((queue) => depthOf(world.engine.queues, queue)));
    const connections = countByStatus(await createConnections(world.engine).list());
    const audits = await auditStates(world);

    const problems = queues
      .filter(({ deadLetters }) => deadLetters > 0)
      .map(
        ({ queue, deadLetters }) =>
          `${queue} has dead letters (${deadLetters}): see sluice dead-letters list --queue ${queue}`,
      );
    const needConsent = connections['needs-consent'];
    if (needConsent > 0)
      problems.push(`connections need their seller's consent (${needConsent}): see sluice connections`);
    if ('problem' in audits) problems.push(`the audit log can't be read: ${audits.problem}`);
    const logs = 'problem' in audits ? [] : audits;
    const auditLogs = logs.map(({ log, state }) => ({ log, ...state }));

    return {
      json: { queues, connections, audit: logs[0]?.state ?? null, ...(logs.length > 1 ? { auditLogs } : {}), problems },
      text: [
        ...table(
          ['QUEUE', 'VISIBLE', 'IN FLIGHT', 'DELAYED', 'DEAD LETTERS'],
          queues.map((row) => [row.queue, row.visible, row.inFlight, row.delayed, row.deadLetters]),
        ),
        '',
        ...fields([
          ['connections', `${connections.active} active, ${needConsent} needs-consent`],
          ...(logs.length > 1
            ? logs.map(({ log, state }) => [`audit log ${log}`, describeAudit(state)] as const)
            : [['audit log', logs[0] ? describeAudit(logs[0].state) : 'not readable'] as const]),
        ]),
        ...(problems.length > 0 ? ['', ...problems.map((problem) => `problem: ${problem}`)] : []),
      ],
      foundProblem: problems.length > 0,
    };
  },
});

async function depthOf(queues: Queues, queue: (typeof QUEUES)[number]) {
  const [depth, dead] = [await queues.depth(queue), await queues.depth(deadLetterQueue(queue))];
  return { queue, ...depth, deadLetters: dead.visible + dead.inFlight + dead.delayed };
}

function countByStatus(connections: readonly Connection[]): Record<Connection['status'], number> {
  const counts = { active: 0, 'needs-consent': 0 };
  for (const connection of connections) counts[connection.status] += 1;
  return counts;
}

type AuditState = { entries: number; checkpoint: { entries: number; signedAt: string } | null };

/** A log without its key is a problem among others, and no reason to say nothing of the queues. */
async function auditStates(world: World): Promise<{ log: string; state: AuditState }[] | { problem: string }> {
  try {
    const audits = await openAudits(world);
    return await Promise.all(audits.map(async (audit) => ({ log: audit.log, state: await auditState(audit) })));
  } catch (thrown) {
    return { problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

async function auditState({ store, origin }: Audit): Promise<AuditState> {
  const newest = await latestCheckpoint(store, origin);
  return {
    entries: (await loadHead(store, origin)).edge.size,
    checkpoint: newest ? { entries: newest.size, signedAt: newest.signedAt } : null,
  };
}

const describeAudit = ({ entries, checkpoint }: AuditState): string =>
  checkpoint
    ? `${entries} entries, newest checkpoint ${checkpoint.signedAt} over ${checkpoint.entries}`
    : `${entries} entries, no checkpoint yet`;
