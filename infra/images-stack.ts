import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository, TagMutability } from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import { deployed } from './settings.ts';

/** images of a function that are kept, the newest first: enough to go back some releases */
const KEPT_IMAGES = 30;

/** What a function's images are called in the account's registry. */
export const repositoryName = (stack: string, name: string): string => `${stack}/${name}`;

/** Where the images are pushed to, before the functions are deployed. */
export class ImagesStack extends Stack {
  constructor(scope: Construct, id: string, { stack }: { stack: string }) {
    super(scope, id, { stackName: id, description: 'Sluice: a registry of images for each function' });
    for (const { name } of deployed) {
      new Repository(this, `images ${name}`, {
        repositoryName: repositoryName(stack, name),
        imageTagMutability: TagMutability.IMMUTABLE,
        imageScanOnPush: true,
        lifecycleRules: [{ maxImageCount: KEPT_IMAGES }],
        removalPolicy: RemovalPolicy.RETAIN,
      });
    }
  }
}
