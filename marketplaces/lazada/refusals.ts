import { z } from 'zod';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { type Envelope, readEnvelope, tryRead } from './answer.ts';

/** Codes that stand for trouble on Lazada's side, whatever was asked: E006, E1000 and 40011. */
const TRANSIENT_CODES: readonly string[] = ['6', '1000', '40011'];

/** For people, of the codes that the API reference lists; of any other only the number is known. */
const MEANINGS: Readonly<Record<string, string>> = {
  204: 'too many SKUs',
  501: 'the update failed',
  1003: 'no carrier could be allocated',
  700000: 'the state of the package does not allow it',
};

/** `true` and `'true'`: the API reference has both. */
export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

const result = z.object({ result: z.object({ success: flag, error_code: z.string().nullish() }) });

/**
 * The code of a business refusal; undefined if the answer is a success, not understood, or trouble of the gateway.
 * The fulfilment APIs refuse inside a success: `result.success` false.
 */
export function refusalOf(response: HttpResponse): string | undefined {
  const envelope = readEnvelope(response);
  if (!envelope) return undefined;
  if (envelope.code !== '0') return isRefusal(envelope) ? envelope.code : undefined;
  const code = refusedInside(response);
  return code !== undefined && !isTransient(code) ? code : undefined;
}

/** The code of a success that is none: `result.success` false. */
export function refusedInside(response: HttpResponse): string | undefined {
  const told = tryRead(response, result)?.result;
  return told && !told.success ? asCode(told.error_code) : undefined;
}

export const isTransient = (code: string): boolean => TRANSIENT_CODES.includes(code);

/** Does it say that this request can't be done, rather than that something went wrong? */
export function isRefusal({ code, type }: Pick<Envelope, 'code' | 'type'>): boolean {
  return /^\d+$/.test(code) && type !== 'SYSTEM' && !isTransient(code);
}

/** A refusal for people, in our words and never in Lazada's, which may quote what was sent. */
export function refusalAs(code: string, what: string): { code: string; message: string } {
  const meaning = MEANINGS[code];
  return { code, message: `Lazada refused ${what}: ${code}${meaning ? ` (${meaning})` : ''}` };
}

/** Only a code of Lazada's form travels on. */
export function asCode(code: string | null | undefined): string {
  return /^\d{1,9}$/.exec(code ?? '')?.[0] ?? 'unknown-error';
}
