import { Aws, CfnOutput, Validations } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type Statement, statementsOf } from './permissions.ts';
import { type FunctionTopology, sellerSystems } from './topology.ts';

const placeOf = (stack: string) => ({
  stack,
  partition: Aws.PARTITION,
  region: Aws.REGION,
  account: Aws.ACCOUNT_ID,
});

const asPolicy = (statements: readonly Statement[]): PolicyStatement[] =>
  statements.map(({ actions, resources }) => new PolicyStatement({ actions: [...actions], resources: [...resources] }));

/** Explains to cdk-nag, which writes pseudo parameters its own way, each resource that ends in a wildcard; it finds any other. */
function acknowledge(construct: Construct, statements: readonly Statement[]): void {
  const written = statements
    .flatMap(({ resources }) => resources)
    .map((resource) =>
      resource
        .replaceAll(Aws.PARTITION, '<AWS::Partition>')
        .replaceAll(Aws.REGION, '<AWS::Region>')
        .replaceAll(Aws.ACCOUNT_ID, '<AWS::AccountId>'),
    );
  for (const resource of new Set(written)) {
    if (!/[*?]$/.test(resource)) continue;
    Validations.of(construct).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${resource}]`,
      reason: 'Objects of a table or of messages, secrets of a kind, tasks of the cluster: what there is changes.',
    });
  }
}

/** The role of a function's tasks: what the topology says and, while they work, to be kept when ECS takes tasks away. */
export function createTaskRole(scope: Construct, topology: FunctionTopology, { stack }: { stack: string }): Role {
  const place = placeOf(stack);
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
  const protection: Statement = {
    actions: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
    resources: [`arn:${place.partition}:ecs:${place.region}:${place.account}:task/${stack}/*`],
  };
  const statements = [...statementsOf(topology, place), ...(topology.consumes.length > 0 ? [protection] : [])];
  const role = new Role(scope, `role ${topology.name}`, {
    description: `Sluice: what ${topology.name} may do`,
    // No other account can have ECS take on this role.
    assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': place.account } },
    }),
    inlinePolicies: { topology: new PolicyDocument({ statements: asPolicy(statements) }) },
  });
  acknowledge(role, statements);
  return role;
}

/** A policy for the operator to attach to the role or the user of the seller's own systems. */
export function createSellerSystemsPolicy(scope: Construct, { stack }: { stack: string }): void {
  const statements = statementsOf(sellerSystems, placeOf(stack));
  const policy = new ManagedPolicy(scope, 'seller systems', {
    description: 'Sluice: what the own systems of the seller may do',
    statements: asPolicy(statements),
  });
  acknowledge(policy, statements);
  new CfnOutput(scope, 'SellerSystemsPolicy', { value: policy.managedPolicyArn });
}
