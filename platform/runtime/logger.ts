import { pino } from 'pino';

/** One wide line for each unit of work, written at its end. Fields hold ids and numbers, never secrets or buyers' data. */
export type Logger = {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
};

export const silentLogger: Logger = { info() {}, warn() {}, error() {} };

/** JSON lines on standard output, `level` and above. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    base: { service },
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    // The last net under the rule that no secret is logged: fields of these names are cut wherever they stand.
    redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
  });
}

const REDACTED = [
  'accessToken',
  'refreshToken',
  'clientSecret',
  'partnerKey',
  'pushPartnerKeys',
  'verificationToken',
  'authorization',
  'body',
  'buyer',
];
