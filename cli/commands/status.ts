import { openAudit } from '#cli/audit.ts';
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
    const world = open();
    const queues = await Promise.all(QUEUES.map((queue) => depthOf(world.engine.queues, queue)));
    const connections = countByStatus(await createConnections(world.engine).list());
    const audit = await auditState(world);

    const problems = queues
      .filter(({ deadLetters }) => deadLetters > 0)
      .map(
        ({ queue, deadLetters }) =>
          `${queue} has dead letters (${deadLetters}): see sluice dead-letters list --queue ${queue}`,
      );
    const needConsent = connections['needs-consent'];
    if (needConsent > 0)
      problems.push(`connections need their seller's consent (${needConsent}): see sluice connections`);
    if ('problem' in audit) problems.push(`the audit log can't be read: ${audit.problem}`);

    return {
      json: { queues, connections, audit: 'problem' in audit ? null : audit, problems },
      text: [
        ...table(
          ['QUEUE', 'VISIBLE', 'IN FLIGHT', 'DELAYED', 'DEAD LETTERS'],
          queues.map((row) => [row.queue, row.visible, row.inFlight, row.delayed, row.deadLetters]),
        ),
        '',
        ...fields([
          ['connections', `${connections.active} active, ${needConsent} needs-consent`],
          ['audit log', 'problem' in audit ? 'not readable' : describeAudit(audit)],
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
async function auditState(world: World): Promise<AuditState | { problem: string }> {
  try {
    const { store, origin } = await openAudit(world);
    const newest = await latestCheckpoint(store, origin);
    return {
      entries: (await loadHead(store, origin)).edge.size,
      checkpoint: newest ? { entries: newest.size, signedAt: newest.signedAt } : null,
    };
  } catch (thrown) {
    return { problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

const describeAudit = ({ entries, checkpoint }: AuditState): string =>
  checkpoint
    ? `${entries} entries, newest checkpoint ${checkpoint.signedAt} over ${checkpoint.entries}`
    : `${entries} entries, no checkpoint yet`;
