import { flatEntry, gist, ifSeveral, openAudits } from '#cli/audit.ts';
import { defineCommand } from '#cli/command.ts';
import { text } from '#cli/options.ts';
import { tellStory, traceOf } from '#cli/story.ts';
import { table } from '#cli/table.ts';

/** enough of a trace's id to tell an order's traces apart */
const TRACE_SHOWN = 8;

export const auditShow = defineCommand({
  name: 'audit show',
  takes: ['order'],
  says: "One order's story in time order: webhooks, calls, order events",
  options: { connection: text('ID', 'the order of this connection, where two have one of the same id') },
  async run({ open }, { words: [orderId], values }) {
    const audits = await openAudits(await open());
    const story = await tellStory(audits, orderId, values.connection);
    return {
      json: { orderId, entries: story.map((entry) => flatEntry(entry, audits)) },
      text: table(
        ['AT', 'KIND', 'CONNECTION', 'OUTCOME', 'REQUEST', 'TRACE', ...ifSeveral(audits, 'LOG'), 'INDEX', 'WHAT'],
        story.map((found) => [
          found.entry.at,
          found.entry.kind,
          found.entry.connectionId,
          found.entry.outcome,
          found.entry.requestId,
          traceOf(found).slice(0, TRACE_SHOWN),
          ...ifSeveral(audits, found.log),
          found.index,
          gist(found.entry),
        ]),
      ),
    };
  },
});
