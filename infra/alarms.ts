import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { deadLetterQueue, QUEUES } from '#events/routes.ts';
import { queueName } from '#platform/engines/aws/names.ts';

/** how old a queue's oldest message is when a person is told: whoever consumes it does not keep up, or is not there */
const TOO_OLD_SECONDS = 3_600;

/** What CloudWatch counts of a queue, each minute. */
const metricOf = (stack: string, queue: string, metricName: string): Metric =>
  new Metric({
    namespace: 'AWS/SQS',
    metricName,
    dimensionsMap: { QueueName: queueName(stack, queue) },
    statistic: Stats.MAXIMUM,
    period: Duration.minutes(1),
  });

/** How long the oldest message of a queue has been in it, seconds. */
export const ageOfOldest = (stack: string, queue: string): Metric =>
  metricOf(stack, queue, 'ApproximateAgeOfOldestMessage');

/** For each queue: there is a dead letter, or its messages get old. Either needs a person (docs/operations.md). */
export function createAlarms(
  scope: Construct,
  { stack, alarmTopicArn }: { stack: string; alarmTopicArn: string | undefined },
): void {
  const topic = alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(scope, 'alarm topic', alarmTopicArn);
  const alarm = (name: string, metric: Metric, threshold: number): void => {
    const created = new Alarm(scope, `alarm ${name}`, {
      alarmName: `${stack} ${name}`,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (topic) created.addAlarmAction(new SnsAction(topic));
  };
  for (const queue of QUEUES) {
    const letters = deadLetterQueue(queue);
    alarm(letters, metricOf(stack, letters, 'ApproximateNumberOfMessagesVisible'), 0);
    alarm(`${queue} is late`, ageOfOldest(stack, queue), TOO_OLD_SECONDS);
  }
}
