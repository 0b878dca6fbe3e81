import { logOption, openNamedAudit, spanOptions } from '#cli/audit.ts';
import { defineCommand } from '#cli/command.ts';
import { out } from '#cli/options.ts';
import { intoNewFolder } from '#cli/writing.ts';
import { exportLog } from '#platform/state/audit-log/export.ts';

export const auditExport = defineCommand({
  name: 'audit export',
  takes: [],
  says: 'Writes the log into a folder that stands alone, with the verifier and how to use it',
  options: { out: out('DIR', 'the folder to write, empty or not there yet'), ...logOption, ...spanOptions },
  async run({ open }, { values }) {
    const { reader, key } = await openNamedAudit(await open(), values.log);
    const exported = await exportLog(reader, intoNewFolder(values.out), { from: values.from, to: values.to });
    const { size, entriesFrom, entriesTo, checkpoints } = exported;
    return {
      json: { ...exported, folder: values.out, key },
      text: [
        `${entriesTo - entriesFrom} of ${size} entries and ${checkpoints} checkpoints are in ${values.out}. To check them:`,
        `sluice audit verify ${values.out} --key '${key}'`,
      ],
    };
  },
});
