import { App, BootstraplessSynthesizer, type IReusableStackSynthesizer } from 'aws-cdk-lib';
import { FunctionsStack } from './functions-stack.ts';
import { ImagesStack } from './images-stack.ts';
import type { Settings } from './settings.ts';
import { StateStack } from './state-stack.ts';

/** What CloudFormation calls the stacks of an installation. */
export const stackNames = (stack: string) => ({
  state: `${stack}-state`,
  images: `${stack}-images`,
  functions: `${stack}-functions`,
});

/**
 * The CDK app: the stacks hold neither account, region nor asset, so that they need no bootstrapped account and their
 * templates can be deployed by anything that speaks to CloudFormation.
 * @param outdir the folder that the templates go into when it is synthesized; a temporary one where absent
 */
export function createApp({ functions, ...settings }: Settings, outdir?: string): App {
  const app = new App({
    ...(outdir !== undefined && { outdir }),
    analyticsReporting: false,
    context: { '@aws-cdk/core:suppressTemplateIndentation': true }, // CloudFormation counts bytes
    // Its type lacks an `undefined` that exactOptionalPropertyTypes asks for.
    defaultStackSynthesizer: new BootstraplessSynthesizer() as IReusableStackSynthesizer,
  });
  const { stack } = settings;
  const names = stackNames(stack);
  const state = new StateStack(app, names.state, settings);
  const images = new ImagesStack(app, names.images, { stack });
  if (functions) {
    const stackOfFunctions = new FunctionsStack(app, names.functions, { stack, settings: functions });
    stackOfFunctions.addStackDependency(state);
    stackOfFunctions.addStackDependency(images);
  }
  return app;
}
