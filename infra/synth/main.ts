import { parseArgs } from 'node:util';
import { createApp } from '#infra/app.ts';
import { readSettings, settingsHelp } from '#infra/settings.ts';
import { run } from '#platform/runtime/lifecycle.ts';

const HELP = `Writes the CloudFormation templates of Sluice, for AWS (docs/deploy.md). It asks nothing of AWS.

  npm run synth -- [--output FOLDER] [-c NAME=VALUE]…

  --output FOLDER   where the templates go (default cdk.out)
  -c NAME=VALUE     a setting:
${settingsHelp()}
  --help            this text

Without imageDigests there is no stack of functions: the others are deployed first, and the images pushed.
`;

await run(async () => {
  const { values } = parseArgs({
    options: {
      output: { type: 'string', default: 'cdk.out' },
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const given = new Map(values.context.map((text) => text.split(/=(.*)/s, 2) as [string, string]));
  const { stacks } = createApp(readSettings(given), values.output).synth();
  for (const { templateFullPath } of stacks) process.stdout.write(`${templateFullPath}\n`);
});
