import { readFileSync } from 'node:fs';
import { openAudits } from '#cli/audit.ts';
import { defineCommand } from '#cli/command.ts';
import { type DisputeReport, renderReport, reportJson } from '#cli/dispute-report.ts';
import { out, text } from '#cli/options.ts';
import { tellStory } from '#cli/story.ts';
import { intoNewFolder } from '#cli/writing.ts';
import { Failure } from '#platform/runtime/failure.ts';

const VERIFIER = new URL(import.meta.resolve('#platform/state/audit-log/verify.ts'));

export const auditDispute = defineCommand({
  name: 'audit dispute',
  takes: ['order'],
  says: "Writes a report of one order's story with a proof of each entry, to hand to the other side",
  options: {
    out: out('DIR', 'the folder for report.html, report.json and verify.ts, empty or not there yet'),
    connection: text('ID', 'the order of this connection, where two have one of the same id'),
  },
  async run({ open }, { words: [orderId], values }) {
    const world = await open();
    const audits = await openAudits(world);
    const entries: DisputeReport['entries'] = [];
    for (const found of await tellStory(audits, orderId, values.connection)) {
      const { reader } = audits.find(({ log }) => log === found.log)!;
      entries.push({ ...found, proof: await proofIfCovered(reader, found.index) });
    }
    const writtenAt = new Date(world.clock.now()).toISOString();
    const logs = audits
      .filter(({ log }) => entries.some((entry) => entry.log === log))
      .map(({ log, origin, key }) => ({ name: log, origin, key }));
    const report: DisputeReport = { orderId, writtenAt, logs, entries };

    const write = intoNewFolder(values.out);
    await write('report.json', Buffer.from(`${JSON.stringify(reportJson(report), null, 2)}\n`));
    await write('report.html', Buffer.from(renderReport(report)));
    await write('verify.ts', readFileSync(VERIFIER));
    const unproven = entries.filter(({ proof }) => proof === null).length;
    return {
      json: {
        ...{ orderId, folder: values.out, entries: entries.length, unproven },
        ...(logs.length > 1 ? { logs } : { key: logs[0]!.key }),
      },
      text: [
        `The report of ${entries.length} entries is in ${values.out}: report.html to read, report.json for programs.`,
        ...(unproven > 0
          ? [`${unproven} entries have no proof yet, since no checkpoint covers them: write it again in a minute.`]
          : []),
      ],
    };
  },
});

/** Null while no checkpoint covers the entry. */
async function proofIfCovered(
  reader: { prove(index: number): Promise<string> },
  index: number,
): Promise<string | null> {
  try {
    return await reader.prove(index);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'audit-checkpoint-due') return null;
    throw thrown;
  }
}
