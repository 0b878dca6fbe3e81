import type { HttpRequest } from '#platform/runtime/http.ts';
import type { Dice } from './dice.ts';

const PLAIN_HEADERS = new Set(['content-type', 'user-agent', 'accept']);

/** What an attacker sends who has seen webhooks and has no key: never to be let in. */
export function createForger(dice: Dice) {
  /** the headers that signed another body, by URL */
  const seen = new Map<string, HttpRequest>();

  return (genuine: HttpRequest): HttpRequest => {
    const earlier = seen.get(genuine.url);
    seen.set(genuine.url, genuine);
    const { body = '' } = genuine;
    const tampered = { ...genuine, body: tamper(body, dice) };
    const unsigned = {
      ...genuine,
      headers: Object.fromEntries(Object.entries(genuine.headers).filter(([name]) => PLAIN_HEADERS.has(name))),
      body: `${body} `,
    };
    const borrowed = earlier && earlier.body !== body ? { ...tampered, headers: earlier.headers } : tampered;
    return dice.pick([tampered, unsigned, borrowed]);
  };
}

/** One digit of the body is another one. */
function tamper(body: string, dice: Dice): string {
  const digits = [...body.matchAll(/\d/g)];
  const { index } = dice.pick(digits);
  return `${body.slice(0, index)}${(Number(body[index]) + 1 + Math.floor(dice.between(0, 8))) % 10}${body.slice(index + 1)}`;
}
