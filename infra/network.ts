import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** the addresses of the network: private ones (RFC 1918), for the operator to lead other networks to */
const ADDRESSES = '10.42.0.0/16';
/** everybody inside the network */
export const INSIDE = Peer.ipv4(ADDRESSES);
/** Subnets by what can be reached from them: the internet beside AWS, or AWS alone. Neither is reached from outside. */
export const CALLS_OUT = 'calls-out';
export const CLOSED = 'closed';

/** A network of its own in two availability zones, in which AWS is reached without the internet. */
export function createNetwork(
  scope: Construct,
  { natGateways, flowLogs }: { natGateways: number; flowLogs: LogGroup },
): IVpc {
  const vpc = new Vpc(scope, 'vpc', {
    ipAddresses: IpAddresses.cidr(ADDRESSES),
    maxAzs: 2,
    natGateways,
    subnetConfiguration: [
      { name: 'public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false }, // for the NAT gateways
      { name: CALLS_OUT, subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      { name: CLOSED, subnetType: SubnetType.PRIVATE_ISOLATED },
    ],
    gatewayEndpoints: {
      dynamodb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      s3: { service: GatewayVpcEndpointAwsService.S3 },
    },
    flowLogs: {
      refused: {
        trafficType: FlowLogTrafficType.REJECT,
        destination: FlowLogDestination.toCloudWatchLogs(flowLogs),
      },
    },
  });
  const { SQS, SECRETS_MANAGER, ECR, ECR_DOCKER, CLOUDWATCH_LOGS } = InterfaceVpcEndpointAwsService;
  for (const service of [SQS, SECRETS_MANAGER, ECR, ECR_DOCKER, CLOUDWATCH_LOGS]) {
    const subnets = { subnetGroupName: CLOSED };
    const endpoint = vpc.addInterfaceEndpoint(`endpoint ${service.shortName}`, { service, subnets, open: false });
    endpoint.connections.allowDefaultPortFrom(INSIDE);
  }
  return vpc as IVpc; // its type lacks an `undefined` that exactOptionalPropertyTypes asks for
}
