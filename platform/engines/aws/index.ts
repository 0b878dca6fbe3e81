import type { Engine } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Random } from '#platform/runtime/random.ts';
import { openArchive } from './archive.ts';
import { openClients } from './clients.ts';
import { createClockOffset } from './clock-offset.ts';
import { openObjects } from './objects.ts';
import { openQueues } from './queues.ts';
import { openSchedule } from './schedule.ts';
import { openSecrets } from './secrets.ts';
import { openStore } from './store.ts';

/**
 * The engine on SQS, DynamoDB, Secrets Manager, S3 and EventBridge. Its queues, tables and buckets, named by `names.ts`,
 * must be there. Region, endpoint and credentials are those that the AWS SDK finds by itself; nothing is asked of AWS
 * before the first call.
 */
export function openAwsEngine({ stack, clock, random }: { stack: string; clock: Clock; random: Random }): Engine {
  const clockOffset = createClockOffset({ clock });
  const clients = openClients({ clock, observe: clockOffset.observe });
  const objects = openObjects(clients.s3, { stack, region: clients.region });
  const queues = openQueues({ sqs: clients.sqs, objects, clock, random }, { stack });
  const store = openStore({ ...clients, objects, clock, random }, { stack });
  return {
    queues,
    store,
    secrets: openSecrets({ secrets: clients.secrets, clock }, { stack }),
    schedule: openSchedule({ events: clients.events, queueArn: queues.arn }, { stack }),
    archive: openArchive({ s3: clients.s3, queueArn: () => queues.arn('audit') }, { stack }),
    clockOffsetMs: clockOffset.offsetMs,
    async close() {
      await Promise.all([queues.close(), store.close()]);
      clients.destroy();
    },
  };
}
