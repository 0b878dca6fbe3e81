import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { openArchive } from '#platform/engines/aws/archive.ts';
import { Failure } from '#platform/runtime/failure.ts';

const refusal = (name: string, httpStatusCode: number): Error =>
  Object.assign(new Error('no'), { name, $fault: 'client', $metadata: { httpStatusCode } });

/** A versioned bucket; `trouble` is what the next put throws. */
function world() {
  const versions = new Map<string, string[]>();
  const state = { trouble: undefined as Error | undefined, asked: 0, versions, checksums: new Set<string>() };
  const s3 = {
    async send(command: unknown) {
      assert.ok(command instanceof PutObjectCommand);
      const { Bucket, Key, Body, IfNoneMatch, ChecksumAlgorithm } = command.input;
      if (state.trouble) throw state.trouble;
      state.checksums.add(ChecksumAlgorithm ?? 'none');
      const name = `${Bucket}/${Key}`;
      const there = versions.get(name) ?? [];
      if (IfNoneMatch === '*' && there.length > 0) throw refusal('PreconditionFailed', 412);
      versions.set(name, [...there, Buffer.from(Body as Uint8Array).toString()]);
      return {};
    },
  };
  const queueArn = async () => {
    state.asked += 1;
    return 'arn:aws:sqs:eu-central-1:123456789012:acme-audit';
  };
  const archive = openArchive({ s3: s3 as unknown as S3Client, queueArn }, { stack: 'acme' });
  return {
    ...state,
    state,
    put: (path: string, text: string, replaces: boolean) => archive.put(path, Buffer.from(text), { replaces }),
  };
}

test('a file that is there already stays as it is, and that is no error', async () => {
  const { put, versions } = world();
  await put('audit/tile/0/000', 'first', false);
  await put('audit/tile/0/000', 'second', false);
  assert.deepEqual([...versions], [['acme-audit-123456789012-eu-central-1/audit/tile/0/000', ['first']]]);
});

test('a file that grows gets one version beside the other', async () => {
  const { put, versions } = world();
  await put('audit/checkpoint', 'first', true);
  await put('audit/checkpoint', 'second', true);
  assert.deepEqual([...versions.values()], [['first', 'second']]);
});

test('each put has a checksum, which a bucket with Object Lock asks for, and the account is looked up once', async () => {
  const { put, state } = world();
  await put('a', 'x', false);
  await put('b', 'x', true);
  assert.deepEqual([[...state.checksums], state.asked], [['SHA256'], 1]);
});

test('what S3 refuses otherwise is a failure that names bucket and action', async () => {
  const { put, state } = world();
  for (const [trouble, code, kind] of [
    [refusal('AccessDenied', 403), 'engine-denied', 'permanent'],
    [refusal('NoSuchBucket', 404), 'engine-missing', 'permanent'],
    [refusal('SlowDown', 503), 'engine-throttled', 'retryable'],
  ] as const) {
    state.trouble = trouble;
    for (const replaces of [true, false]) {
      await assert.rejects(put('audit/checkpoint', 'x', replaces), (thrown: unknown) => {
        assert.ok(thrown instanceof Failure);
        assert.deepEqual([thrown.code, thrown.kind], [code, kind]);
        assert.match(thrown.message, /acme-audit-123456789012-eu-central-1|throttles/);
        return true;
      });
    }
  }
});
