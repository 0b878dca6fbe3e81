import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { createApp, stackNames } from '#infra/app.ts';
import { deployTemplate } from '#infra/deploy-template.ts';
import { readSettings } from '#infra/settings.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { run } from '#platform/runtime/lifecycle.ts';

const HELP = `Deploys the queues, tables, buckets and schedules of Sluice into an emulator of AWS, such as LocalStack: the same
template as on AWS (docs/deploy.md). It may be run as often as you like; what is as it should be stays.

  npm run deploy:local -- [--stack NAME]

  --stack NAME   as SLUICE_STACK, which is the default, or else sluice
  --help         this text

AWS_ENDPOINT_URL says where the emulator is, AWS_REGION which region it is to be; credentials are found as by the AWS CLI.
`;

await run(async () => {
  const { values } = parseArgs({
    options: { stack: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return void process.stdout.write(HELP);
  for (const [name, example] of [
    ['AWS_ENDPOINT_URL', 'http://127.0.0.1:4566'],
    ['AWS_REGION', 'eu-central-1'],
  ] as const) {
    if (!process.env[name]) throw new Error(`${name} is not set: set it to that of the emulator, such as ${example}`);
  }

  const settings = readSettings(new Map([['stack', values.stack ?? process.env.SLUICE_STACK]]));
  const stackName = stackNames(settings.stack).state;
  const { template } = createApp(settings).synth().getStackByName(stackName);
  const cloudFormation = new CloudFormationClient({});
  const tell = (line: string): void => void process.stdout.write(`${line}\n`);
  const startedAt = realClock.now();
  const deps = { cloudFormation, clock: realClock, tell };
  const outcome = await deployTemplate(deps, { stackName, template }).catch((thrown: Error) => {
    throw new Error(`${thrown.message} (AWS_ENDPOINT_URL is ${process.env.AWS_ENDPOINT_URL})`, { cause: thrown });
  });
  tell(`${stackName} is ${outcome} (${((realClock.now() - startedAt) / 1000).toFixed(1)} s)`);
});
