import { createHmac } from 'node:crypto';
import { REST_PATH } from './registration.ts';

/** The part of a path that is signed: what follows `/rest`, wherever the sandbox is mounted. */
export function signedPath(path: string): string {
  const start = path.indexOf(`${REST_PATH}/`);
  return start < 0 ? path : path.slice(start + REST_PATH.length);
}

/**
 * The `sign` that a request must carry: over its path, its parameters in ASCII order of their names, and a body that is
 * no form. Empty parameters are left out.
 */
export function requestSignature(
  appSecret: string,
  { path, parameters, rawBody }: { path: string; parameters: Record<string, string>; rawBody: string },
): string {
  const pairs = Object.keys(parameters)
    .filter((name) => name !== 'sign' && name !== '' && parameters[name] !== '')
    .sort()
    .map((name) => name + parameters[name]);
  return hmac(appSecret, signedPath(path) + pairs.join('') + rawBody).toUpperCase();
}

/** The `Authorization` header of a push. */
export function pushSignature(app: { appKey: string; appSecret: string }, body: string): string {
  return hmac(app.appSecret, app.appKey + body);
}

function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text, 'utf8').digest('hex');
}
