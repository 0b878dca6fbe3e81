import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { openAwsEngine } from '#platform/engines/aws/index.ts';
import { ARCHIVE, bucketName } from '#platform/engines/aws/names.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { realRandom } from '#platform/runtime/random.ts';
import { archiveLog } from '#platform/state/audit-log/archive.ts';
import { verifyLog } from '#platform/state/audit-log/verify.ts';
import { type Files, ORIGIN, openTestLog, sourceOf, testEntries, testSigner } from '#test/support/audit-log.ts';
import { openEmulator } from '#test/support/emulator.ts';

/** The archive on an emulator, in a bucket as `infra/state-stack.ts` declares it. */
const emulator = await openEmulator();
const skip = 'missing' in emulator ? emulator.missing : false;
const REGION = 'eu-central-1';
const ACCOUNT = '000000000000';
const KEPT_DAYS = 548;
const DAY_MS = 86_400_000;

describe('the archive of the AWS engine', { skip }, () => {
  after(async () => {
    if (!('missing' in emulator)) await emulator.stop();
  });

  test('a log in the bucket verifies as a copy, is written once, and nobody can take it away', async () => {
    if ('missing' in emulator) throw new Error(emulator.missing);
    const stack = await emulator.createStack({ queues: ['audit'], tables: ['audit-log'] });
    const s3 = new S3Client({ forcePathStyle: true });
    const Bucket = bucketName(stack, ARCHIVE, ACCOUNT, REGION);
    const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration, ObjectLockEnabledForBucket: true }));
    const DefaultRetention = { Mode: 'COMPLIANCE', Days: KEPT_DAYS } as const;
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } } as const;
    await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));

    const engine = openAwsEngine({ stack, clock: realClock, random: realRandom });
    const { store, archive } = engine;
    const log = openTestLog(store);
    const deps = { store, origin: ORIGIN, reader: log, archive: archive! };
    let from = 0;
    for (const to of [200, 300, 700]) {
      await log.append([{ batchId: `${to}`, entries: testEntries(from, to) }]);
      await log.checkpoint();
      await archiveLog(deps, { folder: 'audit' });
      from = to;
      const { problem, entries } = await verifyLog(sourceOf(await copyOf(s3, Bucket, 'audit/')), {
        keys: [testSigner().verifier.text],
      });
      assert.deepEqual([problem, entries], [undefined, to]);
    }

    const Key = 'audit/tile/entries/000';
    await archive!.put(Key, Buffer.from('another'), { replaces: false });
    const {
      ContentLength = 0,
      ObjectLockMode,
      ObjectLockRetainUntilDate,
    } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    assert.ok(ContentLength > 10_000);
    assert.equal(ObjectLockMode, 'COMPLIANCE');
    const keptMs = ObjectLockRetainUntilDate!.getTime() - realClock.now();
    assert.ok(keptMs > (KEPT_DAYS - 1) * DAY_MS, `${keptMs}`);

    const versionsOf = async (Prefix: string) => {
      const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix }));
      return Versions.filter((version) => version.Key === Prefix).map(({ VersionId }) => VersionId!);
    };
    assert.equal((await versionsOf('audit/checkpoint')).length, 3);
    const [VersionId] = await versionsOf(Key);
    // What anybody with all rights can do: put something over it, and hide it. It stays there.
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'forged' }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await assert.rejects(s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId })), { name: 'AccessDenied' });
    const kept = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    assert.deepEqual(
      Buffer.from(await kept.Body!.transformToByteArray()),
      Buffer.from((await log.read('tile/entries/000'))!),
    );
    await engine.close();
    s3.destroy();
  });
});

/** What `aws s3 sync` copies: the newest version of each object. */
async function copyOf(s3: S3Client, Bucket: string, Prefix: string): Promise<Files> {
  const files: Files = new Map();
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  for (const { Key = '' } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    files.set(Key.slice(Prefix.length), await Body!.transformToByteArray());
  }
  return files;
}
