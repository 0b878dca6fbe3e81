import { findInAll, flatEntry, gist, ifSeveral, openAudits, spanOptions } from '#cli/audit.ts';
import { defineCommand } from '#cli/command.ts';
import { limit, text } from '#cli/options.ts';
import { table } from '#cli/table.ts';

export const auditFind = defineCommand({
  name: 'audit find',
  takes: [],
  says: 'Entries of the audit log that match all that is given, in the order of the log; of several logs, by time',
  options: {
    connection: text('ID', 'of this connection'),
    order: text('ID', 'that name this order'),
    'request-id': text('ID', "with the marketplace's own id of a request"),
    kind: text('KIND', 'of this kind, such as api-call.recorded'),
    outcome: text('WORD', 'with this outcome: ok, or what went wrong'),
    ...spanOptions,
    limit: limit(50, 100_000),
  },
  async run({ open }, { values }) {
    const audits = await openAudits(await open());
    const found = await findInAll(audits, {
      connectionId: values.connection,
      orderId: values.order,
      requestId: values['request-id'],
      kind: values.kind,
      outcome: values.outcome,
      from: values.from,
      to: values.to,
      // One more than asked for tells whether there are more.
      limit: values.limit + 1,
    });
    const shown = found.slice(0, values.limit);
    const hasMore = found.length > shown.length;
    const listing = table(
      [...ifSeveral(audits, 'LOG'), 'INDEX', 'AT', 'KIND', 'CONNECTION', 'ORDERS', 'REQUEST', 'OUTCOME', 'WHAT'],
      shown.map(({ log, index, entry }) => [
        ...ifSeveral(audits, log),
        index,
        entry.at,
        entry.kind,
        entry.connectionId,
        describeOrders(entry.orderIds),
        entry.requestId,
        entry.outcome,
        gist(entry),
      ]),
    );
    return {
      json: { entries: shown.map((entry) => flatEntry(entry, audits)), hasMore },
      text: [
        ...(shown.length > 0 ? listing : ['No entry matches.']),
        ...(hasMore ? ['', 'There are more: raise --limit, or go on with --from.'] : []),
      ],
    };
  },
});

const describeOrders = ([first, ...others]: readonly string[]): string | null =>
  first === undefined ? null : others.length === 0 ? first : `${first} and ${others.length} more`;
