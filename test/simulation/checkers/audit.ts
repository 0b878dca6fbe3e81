import { hash } from 'node:crypto';
import { type DataOf, readEvent } from '#events/index.ts';
import { exportLog } from '#platform/state/audit-log/export.ts';
import { openAuditLog } from '#platform/state/audit-log/log.ts';
import { verifyLog } from '#platform/state/audit-log/verify.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';
import type { Inside } from '#test/simulation/simulation.ts';
import type { Call, Checker } from '#test/simulation/watch.ts';

const RULE = 'every call and every event is in the audit log once';
/** how soon a call is recorded by a worker that nothing happens to but that it stands still, ms */
const RECORDED_WITHIN_MS = 900_000;

type Event = { id: string; type: string; data: unknown };
/** A call that is not in the audit queue yet. */
type Open = { call: Call; isExcused: boolean };

/**
 * Every call is in the audit queue once, unless its worker crashed or its queue failed in between; every batch in the
 * queue is in the log once; nothing else is; the log verifies from its first checkpoint to its last.
 */
export function checkAudit(inside: Inside): Checker & { unrecorded(): number } {
  const { clock } = inside;
  const violate = (text: string): void => inside.violate(RULE, text);
  const underWay = new Map<Call, Open>();
  /** those that have ended, by what their record will say */
  const open = new Map<string, Open[]>();
  /** how often each event was put in a batch of its own kind: a batch that comes twice counts once */
  const expected = new Map<string, number>();
  const batches = new Set<string>();
  let unrecorded = 0;
  let reached = 0;

  function ended(call: Call): void {
    const key = keyOf(call);
    open.set(key, [...(open.get(key) ?? []), underWay.get(call)!]);
    underWay.delete(call);
  }

  function recorded(by: string, data: DataOf<'api-call.recorded'>): void {
    const { marketplace, method, path, startedAt, status, responseSha256 } = data;
    const key = `${by} ${marketplace} ${method} ${path} ${startedAt} ${status ?? 'none'} ${responseSha256 ?? ''}`;
    const calls = open.get(key);
    if (!calls) violate(`${by} recorded a call of ${path} that it did not make, or recorded it twice`);
    calls?.shift();
    if (calls?.length === 0) open.delete(key);
  }

  function excuse(worker: string): void {
    for (const entry of [...underWay.values(), ...[...open.values()].flat()]) {
      if (entry.call.worker === worker) entry.isExcused = true;
    }
  }

  function lookAtOpen(olderThanMs: number): void {
    for (const [key, calls] of open) {
      const left = calls.filter(({ call, isExcused }) => {
        if (isExcused || clock.now() - call.endedAt! < olderThanMs) return true;
        violate(`${call.worker} called ${call.path} and did not record it`);
        return false;
      });
      if (left.length > 0) open.set(key, left);
      else open.delete(key);
    }
  }

  async function compareWithLog(): Promise<void> {
    const signer = await loadAuditSigner(inside.deps, { createIfAbsent: false });
    const log = openAuditLog({ ...inside.deps, signer, origin: signer.verifier.name });
    await log.checkpoint();
    const folder = new Map<string, Uint8Array>();
    await exportLog(log, (path, bytes) => void folder.set(path, bytes));
    for (const extra of ['verify.ts', 'README.md']) folder.delete(extra);
    const source = { read: async (path: string) => folder.get(path), list: () => [...folder.keys()] };
    const verdict = await verifyLog(source, { keys: [signer.verifier.text] });
    if (!verdict.ok) violate(`the log does not verify: ${verdict.problem}`);
    const left = new Map(expected);
    for (const { entry } of await log.find({ limit: verdict.size })) {
      const missing = left.get(entry.id) ?? 0;
      if (missing === 0) violate(`${entry.kind} ${entry.id} is in the log once too often`);
      else if (missing === 1) left.delete(entry.id);
      else left.set(entry.id, missing - 1);
    }
    for (const id of left.keys()) violate(`${id} was published and is not in the log`);
  }

  return {
    rule: RULE,
    unrecorded: () => unrecorded,
    callStarted(call) {
      underWay.set(call, { call, isExcused: false });
    },
    callEnded(call) {
      if (call.worker === 'outside') return;
      reached += 1;
      ended(call);
    },
    crashed: excuse,
    struck(kind, worker) {
      if (kind.startsWith('engine-error') || kind === 'message-refused') excuse(worker);
    },
    sent({ queue, body, attributes }, by) {
      if (queue !== 'audit' || attributes.attempt !== undefined) return;
      const json = JSON.parse(body) as Event | Event[];
      const events = (Array.isArray(json) ? json : [json]).filter(({ type }) => type !== 'schedule.elapsed');
      if (events.length === 0) return;
      const batch = hash('sha256', events.map(({ id }) => id).join('\n'));
      if (batches.has(batch)) return;
      batches.add(batch);
      for (const event of events) {
        expected.set(event.id, (expected.get(event.id) ?? 0) + 1);
        if (event.type === 'api-call.recorded') recorded(by, readEvent(event).data as DataOf<'api-call.recorded'>);
      }
    },
    everyMinute: () => lookAtOpen(RECORDED_WITHIN_MS),
    async finish() {
      lookAtOpen(0);
      unrecorded = [...open.values()].flat().length;
      const made = inside.sandboxes.reduce((sum, { calls }) => sum + calls.made, 0);
      if (made < reached) violate(`the workers made ${reached} calls, the marketplaces counted ${made}`);
      await compareWithLog();
    },
  };
}

function keyOf({ worker, marketplace, method, path, sentAt, response }: Call): string {
  const sha256 = response ? hash('sha256', response.body) : '';
  return `${worker} ${marketplace} ${method} ${path} ${new Date(sentAt).toISOString()} ${response?.status ?? 'none'} ${sha256}`;
}
