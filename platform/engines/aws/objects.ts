import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Failure } from '#platform/runtime/failure.ts';
import { asking } from './failures.ts';
import { bucketName, PAYLOADS } from './names.ts';

/** What is too large or too dear for a queue or a table: objects in the bucket `payloads`, each written once. */
export type Objects = {
  /** @param source an ARN or a queue's URL: the bucket is in the same account */
  put(key: string, bytes: Uint8Array, source: () => Promise<string>): Promise<void>;
  get(key: string, source: () => Promise<string>): Promise<Uint8Array>;
};

/** digits of an account's number, in ARNs and in URLs of queues */
const ACCOUNT = /\b\d{12}\b/;

export function openObjects(
  s3: Pick<S3Client, 'send'>,
  { stack, region }: { stack: string; region(): Promise<string> },
): Objects {
  let bucket: Promise<string> | undefined;

  async function lookUp(source: () => Promise<string>): Promise<string> {
    const account = ACCOUNT.exec(await source())?.[0];
    if (account !== undefined) return bucketName(stack, PAYLOADS, account, await region());
    throw new Failure('permanent', 'the account of AWS is not known: check AWS_ENDPOINT_URL', {
      code: 'engine-not-aws',
    });
  }

  function findBucket(source: () => Promise<string>): Promise<string> {
    if (bucket) return bucket;
    const found = lookUp(source);
    bucket = found;
    found.catch(() => {
      bucket = undefined;
    });
    return found;
  }

  return {
    async put(key, bytes, source) {
      const Bucket = await findBucket(source);
      await asking({ action: 's3:PutObject', of: `the bucket ${Bucket}` }, () =>
        s3.send(new PutObjectCommand({ Bucket, Key: key, Body: bytes })),
      );
    },
    async get(key, source) {
      const Bucket = await findBucket(source);
      return asking({ action: 's3:GetObject', of: `the bucket ${Bucket}` }, async () => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key })).catch((thrown: unknown) => {
          if (thrown instanceof Error && thrown.name === 'NoSuchKey') {
            const message = `an object is missing in the bucket ${Bucket}: no rule may remove what is under values/`;
            throw new Failure('retryable', message, { code: 'engine-object-missing' });
          }
          throw thrown;
        });
        return Body!.transformToByteArray();
      });
    },
  };
}
