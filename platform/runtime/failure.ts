/** What a failure means for the message that met it; `consume.ts` holds the one table of what each does. */
export type FailureKind =
  | 'retryable' // network, timeout, 5xx, anything unclassified: comes back after backoff
  | 'throttled' // budget empty or 429: comes back when its place is due; never counts as an attempt
  | 'auth' // access token expired or refused: asks for a refresh, comes back after it
  | 'permanent'; // can never succeed: dead-letter queue at once

export type FailureDetails = {
  /** stable kebab-case word for logs and dead letters, `http-500`, `order-not-found` */
  code: string;
  /** how long to wait before the next try, in ms, where the marketplace or the budget said so */
  retryAfterMs?: number | undefined;
  /** the place in the line that the budgets gave (kind `throttled`): it goes with the message until its turn comes */
  turnAt?: number | undefined;
  /** the connection whose token was refused (kind `auth`) */
  connectionId?: string | undefined;
  /** version of the credentials that were refused (kind `auth`), so that a newer token is not refreshed again */
  credentialsVersion?: number | undefined;
  cause?: unknown;
};

/** The connection has no access token in force at the moment (kind `auth`); no call was made. */
export const NO_TOKEN = 'no-access-token';

/** Is it a failure of the engine itself (its store, its queues, its secrets), or a missing token? It says nothing of the message. */
export const isOutsideTrouble = ({ code, kind }: Failure): boolean =>
  code.startsWith('engine-') || (kind === 'auth' && code === NO_TOKEN);

/** Trouble, sorted by what to do about it. The message must hold no secret and no personal data. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly turnAt: number | undefined;
  readonly connectionId: string | undefined;
  readonly credentialsVersion: number | undefined;

  constructor(kind: FailureKind, message: string, details: FailureDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Failure';
    this.kind = kind;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
    this.turnAt = details.turnAt;
    this.connectionId = details.connectionId;
    this.credentialsVersion = details.credentialsVersion;
  }
}

/** Any thrown value as a `Failure`: what nobody classified is retryable. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  // The message of an unclassified error may quote its input, so only its class travels on.
  return new Failure('retryable', `unclassified ${name}`, { code: 'unclassified', cause: thrown });
}
