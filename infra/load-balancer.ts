import { CfnOutput, Duration, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  type BaseApplicationListenerProps,
  ListenerAction,
  ListenerCondition,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { CLOSED, INSIDE } from './network.ts';
import type { FunctionTopology } from './topology.ts';

const PUBLIC_PORT = 443;
/** how long requests under way may take when a task goes: as long as it has to stop */
const DEREGISTRATION_DELAY = Duration.seconds(30);

/**
 * An internal load balancer. What the public URL leads to is on one port, by its path; what is for the seller's own
 * network is each on the port that it has everywhere.
 * @returns what puts a function behind it
 */
export function createLoadBalancer(scope: Construct, { vpc, certificateArn }: { vpc: IVpc; certificateArn: string }) {
  const balancer = new ApplicationLoadBalancer(scope, 'load balancer', {
    vpc,
    internetFacing: false,
    vpcSubnets: { subnetGroupName: CLOSED },
    dropInvalidHeaderFields: true,
    deletionProtection: true,
  });
  Validations.of(balancer).acknowledge({
    id: 'AwsSolutions-ELB2',
    reason: 'Access logs would hold the codes that sellers bring from consent pages. Deliveries are in the audit log.',
  });
  new CfnOutput(scope, 'LoadBalancer', { value: balancer.loadBalancerDnsName });

  const certificates = [Certificate.fromCertificateArn(scope, 'certificate', certificateArn)];
  const listen = (port: number, more: Partial<BaseApplicationListenerProps> = {}) => {
    const listener = balancer.addListener(`port ${port}`, {
      port,
      protocol: ApplicationProtocol.HTTPS,
      certificates,
      sslPolicy: SslPolicy.TLS13_RES,
      open: false,
      ...more,
    });
    listener.connections.allowDefaultPortFrom(INSIDE);
    return listener;
  };
  const publicListener = listen(PUBLIC_PORT, { defaultAction: ListenerAction.fixedResponse(404) });
  let priority = 0;

  return (service: FargateService, { name, serves }: FunctionTopology): void => {
    if (!serves) return;
    const { port, publicPaths } = serves;
    const isPublic = publicPaths.length > 0;
    const listener = isPublic ? publicListener : listen(port);
    priority += 1;
    listener.addTargets(name, {
      ...(isPublic && { priority, conditions: [ListenerCondition.pathPatterns([...publicPaths])] }),
      port,
      protocol: ApplicationProtocol.HTTP,
      targets: [service.loadBalancerTarget({ containerName: name, containerPort: port })],
      healthCheck: { path: '/health', interval: Duration.seconds(10), healthyThresholdCount: 2 },
      deregistrationDelay: DEREGISTRATION_DELAY,
    });
  };
}
