import type { AuditEntry } from '#platform/state/audit-log/entry.ts';
import { gist } from './audit.ts';
import { type Html, html } from './html.ts';

/** All that a stranger needs to see what happened to an order, and to check that nothing was changed afterwards. */
export type DisputeReport = {
  orderId: string;
  writtenAt: string;
  /** the log's name and the key that checks its signatures */
  log: { origin: string; key: string };
  /** in time order; `proof` is a C2SP tlog-proof, null while no checkpoint covers the entry */
  entries: { index: number; entry: AuditEntry; proof: string | null }[];
};

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a }
  table { border-collapse: collapse; width: 100%; font-size: 0.875rem }
  th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem; border-bottom: 1px solid #ccc }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f5f5f5; padding: 0.6rem; font-size: 0.8125rem }
  td, code { overflow-wrap: anywhere }
`;

/** The report as one page that loads nothing and runs nothing. */
export function renderReport(report: DisputeReport): string {
  const { orderId, writtenAt, log, entries } = report;
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
<tr><th>Audit log</th><td>${log.origin}</td></tr>
<tr><th>Its key</th><td><code>${log.key}</code></td></tr>
<tr><th>Report written</th><td>${writtenAt}</td></tr>
</table>
<h2>What happened</h2>
<table>
<tr><th>Time (UTC)</th><th>Kind</th><th>What</th><th>Outcome</th><th>Request of the marketplace</th><th>Entry</th></tr>
${entries.map(timelineRow)}</table>
<h2>How to check it</h2>
<p>Each entry was written when it happened, into a Merkle tree (RFC 6962) whose state is signed at short intervals. The
proof of an entry leads from its exact bytes to a signed state, so that a change of any byte afterwards shows. Save a
proof, and check it with <code>verify.ts</code>, which lies beside this report and needs only Node 22.18 or later:</p>
<pre>node verify.ts entry-N.tlog-proof --key '${log.key}'</pre>
<p>Take the key, and best the verifier too, from a source that you trust more than this report. Proofs are in the form
of C2SP tlog-proof, so independent tools can check them as well. Bodies of calls and webhooks stand in the entries as
their SHA-256: whoever kept a body can show that it is the one.</p>
${unproven > 0 ? html`<p>${unproven} entries are so new that no signed state covers them; they have no proof yet.</p>` : null}
<h2>Entries and proofs</h2>
${entries.map(entrySection)}</body>
</html>
`;
  return page.html;
}

const timelineRow = ({ index, entry }: DisputeReport['entries'][number]): Html =>
  html`<tr><td>${entry.at}</td><td>${entry.kind}</td><td>${gist(entry)}</td><td>${entry.outcome}</td><td>${entry.requestId}</td><td><a href="#entry-${index}">${index}</a></td></tr>
`;

function entrySection({ index, entry, proof }: DisputeReport['entries'][number]): Html {
  const file = proof === null ? null : `data:text/plain;base64,${Buffer.from(proof).toString('base64')}`;
  return html`<section id="entry-${index}">
<h3>Entry ${index}</h3>
<pre>${JSON.stringify(entry, null, 2)}</pre>
${
  proof === null
    ? html`<p>No proof yet.</p>`
    : html`<details><summary>Proof (<a download="entry-${index}.tlog-proof" href="${file}">save</a>)</summary><pre>${proof}</pre></details>`
}
</section>
`;
}
