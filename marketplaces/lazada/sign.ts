import { createHmac } from 'node:crypto';

/**
 * Lazada Open Platform, "Signature algorithm": HMAC-SHA256 in upper-case hex over the path (without `/rest`) and every
 * parameter but `sign`, sorted by name, as they are before URL encoding. Empty ones are left out.
 */
export function signatureOf(appSecret: string, path: string, parameters: Readonly<Record<string, string>>): string {
  const signed = Object.entries(parameters).filter(([name, value]) => name !== 'sign' && name !== '' && value !== '');
  // By code unit, which for ASCII names is Lazada's order.
  signed.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', appSecret).update(path).update(signed.flat().join('')).digest('hex').toUpperCase();
}
