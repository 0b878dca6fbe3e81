import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asEngineFailure, isUncertain } from '#platform/engines/aws/failures.ts';
import { Failure } from '#platform/runtime/failure.ts';

const ASKED = { action: 'sqs:SendMessage', of: 'the queue sluice-sync' };
const SECRET = 'buyer@example.com';

type Made = { name: string; status?: number; fault?: 'client' | 'server'; code?: string; message?: string };

function made({ name, status = 400, fault = 'client', code, message = `it quotes ${SECRET}` }: Made): Error {
  const isOfService = code === undefined;
  return Object.assign(new Error(message), {
    name,
    ...(isOfService ? { $fault: fault, $metadata: { httpStatusCode: status, requestId: 'r-1' } } : { code }),
  });
}

const TABLE: [error: Made, code: string, kind: string, names: RegExp][] = [
  [{ name: 'QueueDoesNotExist' }, 'engine-missing', 'permanent', /the queue sluice-sync is not there.*SLUICE_STACK/],
  [{ name: 'ResourceNotFoundException' }, 'engine-missing', 'permanent', /AWS_REGION/],
  [{ name: 'AccessDenied', status: 403 }, 'engine-denied', 'permanent', /sqs:SendMessage on the queue.*not permitted/],
  [{ name: 'AccessDeniedException', status: 400 }, 'engine-denied', 'permanent', /policy/],
  [{ name: 'UnrecognizedClientException' }, 'engine-credentials-refused', 'permanent', /AWS_SHARED_CREDENTIALS_FILE/],
  [{ name: 'ExpiredTokenException' }, 'engine-credentials-refused', 'permanent', /AWS_PROFILE/],
  [{ name: 'InvalidSignatureException' }, 'engine-credentials-refused', 'permanent', /credentials/],
  [
    { name: 'InvalidSignatureException', message: 'Signature expired: 20260101T000000Z is now earlier than' },
    'engine-clock',
    'permanent',
    /clock.*NTP/,
  ],
  [{ name: 'RequestTimeTooSkewed', status: 403 }, 'engine-clock', 'permanent', /clock/],
  [{ name: 'ThrottlingException' }, 'engine-throttled', 'retryable', /throttles/],
  [{ name: 'ProvisionedThroughputExceededException' }, 'engine-throttled', 'retryable', /throttles/],
  [{ name: 'InternalServerError', status: 500, fault: 'server' }, 'engine-unavailable', 'retryable', /trouble/],
  [{ name: 'ValidationException' }, 'engine-refused', 'permanent', /ValidationException, status 400, request r-1/],
  [{ name: 'TimeoutError', code: 'ECONNREFUSED' }, 'engine-unreachable', 'retryable', /AWS_ENDPOINT_URL/],
  [{ name: 'TimeoutError', code: 'ECONNRESET' }, 'engine-unreachable', 'retryable', /network/],
  [{ name: 'TimeoutError', code: 'ETIMEDOUT' }, 'engine-timeout', 'retryable', /AWS_REGION/],
  [{ name: 'Error', code: 'ENOTFOUND' }, 'engine-host-unknown', 'retryable', /AWS_REGION/],
  [
    { name: 'CredentialsProviderError', code: 'none' },
    'engine-no-credentials',
    'permanent',
    /AWS_SHARED_CREDENTIALS_FILE/,
  ],
  [{ name: 'Error', code: 'none', message: 'Region is missing' }, 'engine-no-region', 'permanent', /set AWS_REGION/],
];

for (const [error, code, kind, names] of TABLE) {
  test(`${error.name}${error.code ? `, ${error.code}` : ''} becomes ${code} and quotes nothing`, () => {
    const failure = asEngineFailure(made(error), ASKED);
    assert.ok(failure instanceof Failure);
    assert.equal(failure.code, code);
    assert.equal(failure.kind, kind);
    assert.match(failure.message, names);
    assert.match(failure.message, /the queue sluice-sync/);
    assert.doesNotMatch(failure.message, /\n/);
    assert.ok(!failure.message.includes(SECRET) && failure.cause === undefined);
  });
}

test('an answer that is not of AWS names the endpoint', () => {
  const html = Object.assign(new SyntaxError('Unexpected token <'), { $metadata: { httpStatusCode: 200 } });
  const failure = asEngineFailure(html, ASKED) as Failure;
  assert.equal(failure.code, 'engine-not-aws');
  assert.match(failure.message, /AWS_ENDPOINT_URL/);
});

test('an error of ours stays what it is', () => {
  const bug = new TypeError('undefined is not a function');
  assert.equal(asEngineFailure(bug, ASKED), bug);
});

test('only what may have been done all the same is uncertain', () => {
  const uncertain: Made[] = [
    { name: 'TimeoutError', code: 'ETIMEDOUT' },
    { name: 'TimeoutError', code: 'ECONNRESET' },
    { name: 'InternalServerError', status: 500, fault: 'server' },
  ];
  const certain: Made[] = [{ name: 'ThrottlingException' }, { name: 'ValidationException' }, { name: 'AccessDenied' }];
  assert.deepEqual(
    [...uncertain, ...certain].map((error) => isUncertain(made(error))),
    [true, true, true, false, false, false],
  );
});
