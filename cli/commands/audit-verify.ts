import { defineCommand, WrongCall } from '#cli/command.ts';
import { list } from '#cli/options.ts';
import { main as verify } from '#platform/state/audit-log/verify.ts';

export const auditVerify = defineCommand({
  name: 'audit verify',
  takes: ['folder|url|proof'],
  says: 'Checks an exported or a served log, or a proof, and names the first bad entry',
  options: {
    key: list('KEY', 'a verifier key that may have signed; without one, those that the log itself names'),
    checkpoint: list('FILE', 'a checkpoint seen earlier: the log must still be the one it tells of'),
  },
  async run(_deps, { words: [place], values, json }) {
    const lines: string[] = [];
    const args = [
      place,
      ...values.key.flatMap((key) => ['--key', key]),
      ...values.checkpoint.flatMap((file) => ['--checkpoint', file]),
      ...(json ? ['--json'] : []),
    ];
    const exitCode = await verify(args, (line) => lines.push(line));
    if (exitCode === 2) throw new WrongCall(lines.join(' '));
    return { json: json ? JSON.parse(lines.join('')) : null, text: lines, foundProblem: exitCode === 1 };
  },
});
