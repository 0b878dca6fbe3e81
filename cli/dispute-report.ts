import type { AuditEntry } from '#platform/state/audit-log/entry.ts';
import { gist } from './audit.ts';
import { type Html, html } from './html.ts';

/** All that a stranger needs to see what happened to an order, and to check that nothing was changed afterwards. */
export type DisputeReport = {
  orderId: string;
  writtenAt: string;
  /** the logs that the entries are in, one as a rule: what each is called here and signs as, the key that checks it */
  logs: readonly { name: string; origin: string; key: string }[];
  /** in time order; `log` is a log's name, `proof` is a C2SP tlog-proof, null while no checkpoint covers the entry */
  entries: { log: string; index: number; entry: AuditEntry; proof: string | null }[];
};

/** The report for programs. Where all entries are in one log, it stands there as `log`, and no entry names it. */
export function reportJson({ orderId, writtenAt, logs, entries }: DisputeReport) {
  const [first, ...others] = logs;
  if (!first || others.length > 0) return { orderId, writtenAt, logs, entries };
  const { origin, key } = first;
  const unnamed = entries.map(({ index, entry, proof }) => ({ index, entry, proof }));
  return { orderId, writtenAt, log: { origin, key }, entries: unnamed };
}

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a }
  table { border-collapse: collapse; width: 100%; font-size: 0.875rem }
  th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem; border-bottom: 1px solid #ccc }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f5f5f5; padding: 0.6rem; font-size: 0.8125rem }
  td, code { overflow-wrap: anywhere }
`;

/** The report as one page that loads nothing and runs nothing. */
export function renderReport(report: DisputeReport): string {
  const { orderId, writtenAt, logs, entries } = report;
  const isOne = logs.length === 1;
  const nameOf = ({ log, index }: Entry): string => (isOne ? `${index}` : `${log}-${index}`);
  const of = (pick: (entry: AuditEntry) => string | null): string =>
    [...new Set(entries.map(({ entry }) => pick(entry)).filter((value) => value !== null))].join(', ');
  const unproven = entries.filter(({ proof }) => proof === null).length;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Order ${orderId}</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<h1>Order ${orderId}</h1>
<table>
<tr><th>Marketplace</th><td>${of(({ marketplace }) => marketplace)}</td></tr>
<tr><th>Connection</th><td>${of(({ connectionId }) => connectionId)}</td></tr>
<tr><th>Entries</th><td>${entries.length}, from ${entries[0]?.entry.at ?? '-'} to ${entries.at(-1)?.entry.at ?? '-'}</td></tr>
${logs.map(logRows)}<tr><th>Report written</th><td>${writtenAt}</td></tr>
</table>
<h2>What happened</h2>
<table>
<tr><th>Time (UTC)</th><th>Kind</th><th>What</th><th>Outcome</th><th>Request of the marketplace</th><th>Entry</th></tr>
${entries.map((entry) => timelineRow(entry, nameOf(entry)))}</table>
<h2>How to check it</h2>
<p>Each entry was written when it happened, into a Merkle tree (RFC 6962) whose state is signed at short intervals. The
proof of an entry leads from its exact bytes to a signed state, so that a change of any byte afterwards shows. Save a
proof, and check it with <code>verify.ts</code>, which lies beside this report and needs only Node 22.18 or later:</p>
${logs.map(
  ({ key, name }) => html`<pre>node verify.ts entry-${isOne ? 'N' : `${name}-N`}.tlog-proof --key '${key}'</pre>
`,
)}<p>Take the key, and best the verifier too, from a source that you trust more than this report. Proofs are in the form
of C2SP tlog-proof, so independent tools can check them as well. Bodies of calls and webhooks stand in the entries as
their SHA-256: whoever kept a body can show that it is the one.</p>
${unproven > 0 ? html`<p>${unproven} entries are so new that no signed state covers them; they have no proof yet.</p>` : null}
<h2>Entries and proofs</h2>
${entries.map((entry) => entrySection(entry, nameOf(entry)))}</body>
</html>
`;
  return page.html;
}

type Entry = DisputeReport['entries'][number];

const logRows = ({
  origin,
  key,
}: DisputeReport['logs'][number]): Html => html`<tr><th>Audit log</th><td>${origin}</td></tr>
<tr><th>Its key</th><td><code>${key}</code></td></tr>
`;

const timelineRow = ({ entry }: Entry, name: string): Html =>
  html`<tr><td>${entry.at}</td><td>${entry.kind}</td><td>${gist(entry)}</td><td>${entry.outcome}</td><td>${entry.requestId}</td><td><a href="#entry-${name}">${name}</a></td></tr>
`;

function entrySection({ entry, proof }: Entry, name: string): Html {
  const file = proof === null ? null : `data:text/plain;base64,${Buffer.from(proof).toString('base64')}`;
  return html`<section id="entry-${name}">
<h3>Entry ${name}</h3>
<pre>${JSON.stringify(entry, null, 2)}</pre>
${
  proof === null
    ? html`<p>No proof yet.</p>`
    : html`<details><summary>Proof (<a download="entry-${name}.tlog-proof" href="${file}">save</a>)</summary><pre>${proof}</pre></details>`
}
</section>
`;
}
