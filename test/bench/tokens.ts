/**
 * That no grant is lost, no token is exchanged twice at once, and refreshes spread out, in simulated time:
 * `npm run --silent bench:tokens -- --json`. Exit code 1 if a promise is not kept.
 */
import { parseArgs } from 'node:util';
import { runCrashes } from './tokens/run.ts';
import { runSpread } from './tokens/spread.ts';

/** processes killed, and connections authorized in one minute */
const CRASHES = 10_000;
const CONNECTIONS = 10_000;
/** tokens live so long, ms (Amazon's), and for how many lives the refreshes are counted */
const LIFE_MS = 3_600_000;
const LIVES = 2.5;

const PROMISES = { lost: 0, doubleExchanges: 0, staleReturned: 0, surfacedWithinSeconds: 60, peakToMean: 1.3 };

const HELP = `usage: npm run --silent bench:tokens -- [options]

Kills a process of token-refresh at each await of a refresh in turn, before its effect and after it, while several
processes and several askers are at it: at models of marketplaces whose refresh tokens rotate strictly, rotate and may
be tried again, or do not rotate, and at the sandboxes of Shopee, Amazon and eBay. Then counts the refreshes of
${CONNECTIONS} connections that were authorized in one minute. All of it in simulated time.

  crashes                processes killed
  lost                   grants lost, or left without a token, where the marketplace would have taken one
  doubleExchanges        exchanges begun while another of the same connection was under way
  staleReturned          access tokens given out that were older than the newest, or known to be refused
  surfacedWithinSeconds  from the loss of a rotated token, or a death after it, to connection.consent-needed, at most
  peakToMean             refreshes in the fullest minute by those in the mean one

  --crashes N  so many instead of ${CRASHES}
  --json       one line of JSON
  --help       this text

Exit code 1 if a figure misses its promise: ${JSON.stringify(PROMISES)}.`;

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, crashes: { type: 'string' } },
});

if (values.help) console.log(HELP);
else process.exitCode = await run(Number(values.crashes ?? CRASHES));

async function run(wanted: number): Promise<0 | 1> {
  if (!Number.isInteger(wanted) || wanted < 1) {
    console.error('--crashes takes a number from 1 on');
    return 1;
  }
  const { strictLosses, wrong, ...counted } = await runCrashes(wanted);
  const result = {
    ...counted,
    surfacedWithinSeconds: Number(counted.surfacedWithinSeconds.toFixed(1)),
    peakToMean: Number((await runSpread(CONNECTIONS, LIFE_MS, LIVES)).toFixed(3)),
  };
  if (values.json) console.log(JSON.stringify(result));
  else {
    for (const [name, value] of Object.entries(result)) {
      const promise = PROMISES[name as keyof typeof PROMISES];
      console.log(
        `${name.padEnd(22)} ${String(value).padStart(7)}${promise === undefined ? '' : `   at most ${promise}`}`,
      );
    }
    console.log(
      `(${strictLosses} rotated tokens were lost with a process or an answer, where the marketplace takes the old one no more)`,
    );
  }
  for (const text of wrong) console.error(text);
  const missed = Object.entries(PROMISES).filter(([name, most]) => result[name as keyof typeof PROMISES] > most);
  for (const [name, most] of missed) console.error(`${name} is above ${most}`);
  return missed.length === 0 && wrong.length === 0 ? 0 : 1;
}
