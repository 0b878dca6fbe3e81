import type { Context } from 'hono';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';

/** length of a request_id, bytes (24 to 25 hex digits in the published examples) */
const REQUEST_ID_BYTES = 12;

/** Why Lazada does not do what was asked. `ISV`: the platform refuses; `ISP`: the business does; `SYSTEM`: it failed. */
export type Refusal = {
  code: string;
  type: 'ISV' | 'ISP' | 'SYSTEM';
  message: string;
  /** what is wrong with single SKUs */
  detail?: Record<string, string>[];
};

export const SERVER_ERROR: Refusal = { code: 'ServiceTimeout', type: 'SYSTEM', message: 'Service timeout' };

/** A business refusal, whose code and message share a number: 17 is E017. */
export function businessError(number: number, message: string): Refusal {
  return { code: String(number), type: 'ISP', message: `E${String(number).padStart(3, '0')}: ${message}` };
}

export function missingParameter(name: string): Refusal {
  const message = `The input parameter "${name}" that is mandatory for processing this request is not supplied`;
  return { code: 'MissingParameter', type: 'ISV', message };
}

/** The gateway's word for too many calls. */
export function callLimit(banSeconds: number): Refusal {
  const message = `Api access frequency exceeds the limit. this ban will last ${banSeconds} seconds`;
  return { code: 'ApiCallLimit', type: 'ISV', message };
}

export type Answers = ReturnType<typeof createAnswers>;

/** Lazada answers everything with HTTP 200; `code` tells, and it is the string "0" for a success. */
export function createAnswers(deps: Pick<SandboxDeps, 'randomHex'>) {
  const requestId = (): string => deps.randomHex(REQUEST_ID_BYTES);
  return {
    succeed(c: Context, fields: Record<string, unknown>): Response {
      return c.json({ ...fields, code: '0', request_id: requestId() });
    },
    /** A success whose `data` is JSON already. */
    succeedWith(c: Context, dataJson: string): Response {
      const body = `{"data":${dataJson},"code":"0","request_id":"${requestId()}"}`;
      return c.body(body, 200, { 'content-type': 'application/json' });
    },
    refuse(c: Context, refusal: Refusal): Response {
      return c.json({ ...refusal, request_id: requestId() });
    },
  };
}
