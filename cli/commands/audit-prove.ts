import { logOption, openNamedAudit } from '#cli/audit.ts';
import { defineCommand, WrongCall } from '#cli/command.ts';
import { out } from '#cli/options.ts';
import { writeNewFile } from '#cli/writing.ts';
import { Failure } from '#platform/runtime/failure.ts';

export const auditProve = defineCommand({
  name: 'audit prove',
  takes: ['index'],
  says: 'Writes the proof that an entry is in the log, which anybody can check',
  options: { out: out('FILE', 'where to write the proof'), ...logOption },
  async run({ open }, { words: [word], values }) {
    const index = Number(word);
    if (!/^\d+$/.test(word) || !Number.isSafeInteger(index)) {
      throw new WrongCall(`the index is ${JSON.stringify(word)}: give a number that sluice audit find shows`);
    }
    const { reader, key } = await openNamedAudit(await open(), values.log);
    writeNewFile(values.out, await prove(reader, index));
    return {
      json: { index, file: values.out, key },
      text: [`The proof is in ${values.out}. To check it:`, `sluice audit verify ${values.out} --key '${key}'`],
    };
  },
});

async function prove(reader: { prove(index: number): Promise<string> }, index: number): Promise<string> {
  try {
    return await reader.prove(index);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const cures: Record<string, string> = {
      'audit-entry-missing': 'sluice audit find shows those it has',
      'audit-checkpoint-due': 'try again in a minute, while Sluice runs',
    };
    const cure = cures[thrown.code];
    throw cure ? new Error(`${thrown.message}: ${cure}`) : thrown;
  }
}
