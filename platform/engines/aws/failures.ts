import { Failure } from '#platform/runtime/failure.ts';

/** What was asked of AWS, for the one line that says what is wrong. */
export type Asked = {
  /** as IAM writes it, `sqs:SendMessage` */
  action: string;
  /** `the queue sluice-sync` */
  of: string;
};

/** What an error of the SDK tells; its message may quote what was sent, so nobody looks at it but for two phrases. */
type SdkError = Error & {
  $fault?: 'client' | 'server';
  $metadata?: { httpStatusCode?: number | undefined; requestId?: string | undefined };
  $retryable?: { throttling?: boolean };
  code?: string;
};

/** Names of errors, by what they mean; services and protocols call the same thing differently. */
const THROTTLED = [
  'ThrottlingException',
  'Throttling',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestLimitExceeded',
  'ProvisionedThroughputExceededException',
  'TransactionInProgressException',
  'TooManyRequestsException',
  'LimitExceededException',
  'KmsThrottled',
  'SlowDown',
  'OverLimit',
];
const DENIED = ['AccessDenied', 'AccessDeniedException', 'KmsAccessDenied', 'UnauthorizedOperation', 'Forbidden'];
const CREDENTIALS_REFUSED = [
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'InvalidSecurity',
  'InvalidToken',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'NotAuthorized',
  'OptInRequired',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
];
const CLOCK = ['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'];
const MISSING = [
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'ResourceNotFoundException',
  'NoSuchBucket',
];
const NOT_FOUND_BY_DNS = ['ENOTFOUND', 'EAI_AGAIN'];
const TIMED_OUT = ['TimeoutError', 'ETIMEDOUT', 'ESOCKETTIMEDOUT'];
const UNREACHABLE = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH', 'EPROTO'];

const has = (names: readonly string[], { name, code }: SdkError): boolean =>
  names.includes(name) || (code !== undefined && names.includes(code));

/** Was it refused because there was too much of it? Then it changed nothing. */
export const isThrottled = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  (has(THROTTLED, thrown as SdkError) || (thrown as SdkError).$retryable?.throttling === true);

/** May what was asked for have been done in spite of the error? The network and a server's own trouble don't tell. */
export const isUncertain = (thrown: unknown): boolean => {
  if (!(thrown instanceof Error) || isThrottled(thrown)) return false;
  const error = thrown as SdkError;
  const isOfServer = error.$fault === 'server' || (error.$metadata?.httpStatusCode ?? 0) >= 500;
  return isOfServer || has(TIMED_OUT, error) || has(UNREACHABLE, error) || isNotOfAws(error);
};

/** Answered, but by something that doesn't speak AWS's protocol: a proxy, or a wrong endpoint. */
const isNotOfAws = (error: SdkError): boolean => error.$metadata !== undefined && error.$fault === undefined;

/**
 * Any error of the SDK as a `Failure` whose code begins with `engine-`: wrong settings are permanent and name the setting,
 * trouble is retryable. Its message holds nothing of what was sent. What is no error of the SDK stays as it is.
 */
export function asEngineFailure(thrown: unknown, { action, of }: Asked): unknown {
  if (!(thrown instanceof Error) || thrown instanceof Failure) return thrown;
  const error = thrown as SdkError;
  const during = `(${action} on ${of})`;
  const wrong = (code: string, says: string) => new Failure('permanent', `${says} ${during}`, { code });
  const trouble = (code: string, says: string) => new Failure('retryable', `${says} ${during}`, { code });

  if (has(NOT_FOUND_BY_DNS, error)) {
    return trouble(
      'engine-host-unknown',
      'the host of AWS is not known: check AWS_REGION, AWS_ENDPOINT_URL, the network',
    );
  }
  // Before what timed out: the SDK calls some of these so.
  if (has(UNREACHABLE, error)) {
    return trouble('engine-unreachable', `AWS is not reached: check the network, AWS_ENDPOINT_URL (${error.code})`);
  }
  if (has(TIMED_OUT, error))
    return trouble('engine-timeout', 'AWS did not answer in time: check the network, AWS_REGION');
  if (error.name === 'AbortError') return trouble('engine-closed', 'the engine was closed');
  if (error.name === 'CredentialsProviderError' || error.name === 'TokenProviderError') {
    const cure = 'set AWS_SHARED_CREDENTIALS_FILE or AWS_PROFILE, or give the task a role';
    return wrong('engine-no-credentials', `there are no AWS credentials: ${cure}`);
  }
  if (/region is missing/i.test(error.message)) {
    return wrong('engine-no-region', 'no AWS region is set: set AWS_REGION, such as eu-central-1');
  }
  if (isThrottled(error)) return trouble('engine-throttled', 'AWS throttles: it will be tried again');
  if (isClock(error)) {
    return wrong('engine-clock', "AWS refuses the signature's time: set this machine's clock, by NTP");
  }
  if (has(CREDENTIALS_REFUSED, error)) {
    const cure = 'check AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE, and that AWS_REGION is in use in the account';
    return wrong('engine-credentials-refused', `AWS refuses the credentials: ${cure}`);
  }
  if (has(DENIED, error)) {
    const cure = 'deploy the stack again, or mend the policy of this role';
    return new Failure('permanent', `${action} on ${of} is not permitted: ${cure}`, { code: 'engine-denied' });
  }
  if (has(MISSING, error)) return wrong('engine-missing', `${of} is not there: check SLUICE_STACK and AWS_REGION`);
  if (error.$metadata === undefined) return thrown;
  const { httpStatusCode: status, requestId } = error.$metadata;
  if (isNotOfAws(error)) {
    return trouble('engine-not-aws', `what answers is not AWS: check AWS_ENDPOINT_URL, and proxies (status ${status})`);
  }
  const what = `${error.name}, status ${status}, request ${requestId ?? 'unknown'}`;
  if (isUncertain(error)) return trouble('engine-unavailable', `AWS is in trouble: ${what}`);
  return wrong('engine-refused', `AWS refuses what was sent: ${what}`);
}

/** The clock's fault, where the error's name says only that the signature is wrong. */
function isClock(error: SdkError): boolean {
  return has(CLOCK, error) || /signature (expired|not yet current)/i.test(error.message);
}

/** Runs `ask`; what the SDK throws becomes a `Failure`. */
export async function asking<Answer>(asked: Asked, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (thrown) {
    throw asEngineFailure(thrown, asked);
  }
}

export const closed = (): Failure => new Failure('retryable', 'the engine is closed', { code: 'engine-closed' });
