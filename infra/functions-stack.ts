import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Cluster, ContainerInsights, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { createAlarms } from './alarms.ts';
import { createFunctionService } from './function-service.ts';
import { createLoadBalancer } from './load-balancer.ts';
import { createNetwork } from './network.ts';
import { createSellerSystemsPolicy } from './roles.ts';
import { deployed, type FunctionsSettings } from './settings.ts';

/**
 * One service for each function, in a network that nobody reaches from outside: an internal load balancer takes what the
 * operator's edge leads to it (docs/deploy.md).
 */
export class FunctionsStack extends Stack {
  constructor(scope: Construct, id: string, { stack, settings }: { stack: string; settings: FunctionsSettings }) {
    super(scope, id, { stackName: id, description: 'Sluice: the functions, their network and their alarms' });
    const flowLogs = new LogGroup(this, 'logs network', {
      logGroupName: `/${stack}/network`,
      retention: settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const vpc = createNetwork(this, { ...settings, flowLogs });
    const cluster = new Cluster(this, 'cluster', {
      vpc,
      clusterName: stack,
      containerInsightsV2: ContainerInsights.ENABLED,
    }) as ICluster;
    const lead = createLoadBalancer(this, { ...settings, vpc });
    for (const topology of deployed) {
      const service = createFunctionService(this, topology, { cluster, stack, settings });
      lead(service, topology);
    }
    createSellerSystemsPolicy(this, { stack });
    createAlarms(this, { ...settings, stack });
  }
}
