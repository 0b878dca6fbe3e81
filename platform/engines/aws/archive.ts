import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Archive } from '#platform/engines/engine.ts';
import { asking } from './failures.ts';
import { ARCHIVE, bucketName } from './names.ts';

/**
 * The bucket `audit`: it keeps every version, and locks it (S3 Object Lock) for as long as the bucket says.
 * @param queueArn the ARN of any queue that this function may ask for: the bucket is in its account and region
 */
export function openArchive(
  { s3, queueArn }: { s3: Pick<S3Client, 'send'>; queueArn(): Promise<string> },
  { stack }: { stack: string },
): Archive {
  let bucket: string | undefined;

  async function findBucket(): Promise<string> {
    const [, , , region = '', account = ''] = (await queueArn()).split(':');
    return bucketName(stack, ARCHIVE, account, region);
  }

  return {
    async put(path, bytes, { replaces }) {
      bucket ??= await findBucket();
      const object = { Bucket: bucket, Key: path, Body: bytes, ChecksumAlgorithm: 'SHA256' as const };
      await asking({ action: 's3:PutObject', of: `the bucket ${bucket}` }, async () => {
        try {
          await s3.send(new PutObjectCommand(replaces ? object : { ...object, IfNoneMatch: '*' }));
        } catch (thrown) {
          if (replaces || !isThere(thrown)) throw thrown;
        }
      });
    },
  };
}

/** There is an object already: this one, of an earlier try. */
const isThere = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === 'PreconditionFailed';
