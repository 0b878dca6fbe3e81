import { createHmac } from 'node:crypto';

/** Parameters that a signature does not cover. */
const UNSIGNED: readonly string[] = ['sign', 'access_token'];

/** What a call is signed over, all of it as it is before any encoding. */
export type Signed = {
  /** without host and query, from `/order/…` on */
  path: string;
  query: Readonly<Record<string, string>>;
  /** empty where there is none */
  body: string;
};

/** The text under a call's signature: https://partner.tiktokshop.com/docv2/page/sign-your-api-request */
export function stringToSign(appSecret: string, { path, query, body }: Signed): string {
  const parameters = Object.keys(query)
    .filter((name) => !UNSIGNED.includes(name))
    .sort()
    .map((name) => name + query[name]);
  return `${appSecret}${path}${parameters.join('')}${body}${appSecret}`;
}

/** The signature of a call, in lower-case hex. */
export function signatureOf(appSecret: string, signed: Signed): string {
  return createHmac('sha256', appSecret).update(stringToSign(appSecret, signed)).digest('hex');
}
