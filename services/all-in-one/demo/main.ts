import { parseArgs } from 'node:util';
import { marketplaces } from '#marketplaces/index.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { readInvoices } from './invoices.ts';
import { formatReport } from './report.ts';
import { isRight } from './result.ts';
import { runDemo } from './run.ts';

const INVOICES = 'data/online-retail-2011-11.jsonl.gz';

const HELP = `Replays real invoices through the whole pipeline, in simulated time, and compares the result with the books.

  npm run demo -- [options]

  --faults          lose 5 % of the webhooks, double and reorder others, answer 500, let tokens expire
  --invoices FILE   a .jsonl.gz of invoices (data/README.md); default ${INVOICES}
  --seed TEXT       another course of random events; the same seed gives the same run (default: demo)
  --json            one JSON object as the last line, instead of the table
  --help            this text

Exit code: 0 if nothing is missing, stale, wrong, throttled or dead and the audit log verifies and knows every call;
1 if not; 2 for a wrong call of this command.
`;

/** most complaints that are printed */
const MAX_COMPLAINTS = 20;

function readOptions() {
  try {
    return parseArgs({
      options: {
        faults: { type: 'boolean', default: false },
        invoices: { type: 'string', default: INVOICES },
        seed: { type: 'string', default: 'demo' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

const options = readOptions();
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

function load() {
  try {
    return readInvoices(options.invoices);
  } catch (error) {
    process.stderr.write(`can't read the invoices ${options.invoices}: ${(error as Error).message}\n`);
    process.exit(2);
  }
}

const invoices = load();
const progress = (text: string): void => void process.stderr.write(`${text}\n`);
progress(
  `Replaying ${invoices.length} invoices on ${marketplaces.length} marketplaces, ${options.faults ? 'with faults' : 'no faults'}.`,
);

const { result, byMarketplace, complaints } = await runDemo({
  invoices,
  seed: options.seed,
  faults: options.faults,
  now: realClock.now,
  onDay: (at, replayed) =>
    progress(`  ${new Date(at).toISOString().slice(0, 10)}  ${replayed} of ${invoices.length} invoices`),
});

for (const complaint of complaints.slice(0, MAX_COMPLAINTS)) progress(complaint);
if (complaints.length > MAX_COMPLAINTS) progress(`… and ${complaints.length - MAX_COMPLAINTS} more`);
process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : formatReport(result, byMarketplace));
process.exit(isRight(result) ? 0 : 1);
