import type { MiddlewareHandler } from 'hono';
import type { CallStats, SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { type Answers, businessError, callLimit, missingParameter, type Refusal } from './answers.ts';
import { type Parameters, readParameters } from './parameters.ts';
import type { Allowance, RateLimits } from './rate-limits.ts';
import { APP_KEY, APP_SECRET } from './registration.ts';
import { requestSignature, signedPath } from './signature.ts';
import type { Tokens } from './tokens.ts';

/** how far a timestamp may be from now, ms: less than 7 200 s [Lazada Open Platform guide, common parameters] */
const MAX_SKEW_MS = 7_200_000;

const WRONG_SIGNATURE: Refusal = {
  code: 'IncompleteSignature',
  type: 'ISV',
  message: 'The request signature does not conform to platform standards',
};
const WRONG_TOKEN: Refusal = {
  code: 'IllegalAccessToken',
  type: 'ISV',
  message: 'The specified access token is invalid or expired',
};
const TOO_FREQUENT = businessError(
  901,
  'The request is too frequent, or the requested functionality is temporarily disabled.',
);

export type Env = { Variables: { parameters: Parameters; sellerId: string } };
export type Gateway = ReturnType<typeof createGateway>;

/** Stands before every route: signature; then, for what is a seller's, access token and limits. */
export function createGateway(
  deps: Pick<SandboxDeps, 'now' | 'faults'>,
  parts: { answers: Answers; limits: RateLimits; tokens: Tokens; calls: CallStats },
) {
  const { answers, limits, tokens, calls } = parts;

  function refuseUnsigned(path: string, parameters: Parameters, rawBody: string): Refusal | undefined {
    const missing = ['app_key', 'timestamp', 'sign_method', 'sign'].find((name) => !parameters[name]);
    if (missing) return missingParameter(missing);
    if (parameters.app_key !== APP_KEY) return { code: 'InvalidAppKey', type: 'ISV', message: 'Invalid app Key' };
    const skewMs = /^\d{1,15}$/.test(parameters.timestamp!)
      ? Math.abs(deps.now() - Number(parameters.timestamp))
      : Infinity;
    if (skewMs >= MAX_SKEW_MS) {
      return { code: 'IllegalTimestamp', type: 'ISV', message: 'The specified timestamp is invalid or expired' };
    }
    // A client in use signs nothing of a JSON body that only repeats its query, though the guide has it signed.
    const isSigned =
      parameters.sign_method === 'sha256' &&
      [rawBody, ''].some(
        (body) => parameters.sign === requestSignature(APP_SECRET, { path, parameters, rawBody: body }),
      );
    return isSigned ? undefined : WRONG_SIGNATURE;
  }

  const signed: MiddlewareHandler<Env> = async (c, next) => {
    const { parameters, rawBody } = await readParameters(c);
    const refusal = refuseUnsigned(c.req.path, parameters, rawBody);
    if (refusal) return answers.refuse(c, refusal);
    c.set('parameters', parameters);
    return next();
  };

  /** Lets a seller in and counts the call. */
  function admitted(allowance: Allowance): MiddlewareHandler<Env> {
    return async (c, next) => {
      const token = c.get('parameters').access_token ?? '';
      const sellerId = tokens.ownerOf(token);
      if (!sellerId) return answers.refuse(c, WRONG_TOKEN);
      if (deps.faults.strikes('expire-access-token', c.req.path)) {
        tokens.dropAccessToken(token);
        return answers.refuse(c, WRONG_TOKEN);
      }
      const banSeconds = limits.take(sellerId, allowance === 'stock' ? allowance : signedPath(c.req.path));
      if (banSeconds !== undefined) {
        // The kit counts 429s, but this answer is an HTTP 200.
        calls.throttled += 1;
        return answers.refuse(c, allowance === 'stock' ? TOO_FREQUENT : callLimit(banSeconds));
      }
      c.set('sellerId', sellerId);
      return next();
    };
  }

  return { signed, seller: admitted('path'), stock: admitted('stock') };
}
