import type { Store, Write } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { coalesce } from '#platform/runtime/coalesce.ts';
import type { Random } from '#platform/runtime/random.ts';
import { type Bucket, EMPTY, LEASE_CALLS, learned, pace, refused, type Slots, SPREAD_MS } from './bucket.ts';
import { type Place, planRound, type Round } from './plan.ts';
import { type CallRequest, createTurns, type Flow } from './turns.ts';

export type { Bucket } from './bucket.ts';
export type { CallRequest, Priority } from './turns.ts';

/** partition = bucket key, sort = 'slots'; or partition = `line#…`, sort = 'end' */
const TABLE = 'budgets';
/** most buckets in one booking: what one all-or-nothing write takes (engine.ts, MAX_ATOMIC_WRITES) */
const MAX_BUCKETS = 100;
/** how workers find out who books the next block, ms: the one with the most waiting calls is the first to try */
const ELECTION_MS = 150;
const JITTER_MS = 100;
/** longest pause of a worker whose booking crossed another's, ms */
const CROSSED_MS = 25;
/** a place this much past its time is not used any more, ms: the process stood still meanwhile */
const LATE_MS = 250;
/** how long confirmations wait for others to share a write, ms */
const CONFIRM_TOGETHER_MS = 2;
/** who is told to come back comes no sooner, ms, and is spread over as much more */
const LEAST_RETRY_MS = 1_000;
/** how far the place of a call may be that goes on with something, ms: further away it is begun again */
const PATIENCE_MS = 60_000;
/** a line that goes slower than was thought: who is late by some time comes back after this share of it more */
const LATER_SHARE = 0.25;

/**
 * `booked`: the call may go now; its place was at `at`. Otherwise the caller is to come back after `retryAfterMs` with
 * `turnAt`, its place in the line.
 */
export type Booking = { booked: true; at: number } | { booked: false; retryAfterMs: number; turnAt: number };

type Answer = { booked: true; place: Place } | { booked: false; retryAfterMs: number; turnAt: number };
type Row = { version: number | undefined; slots: Slots };

export type Budgets = ReturnType<typeof createBudgets>;

/**
 * Books places in token buckets: a scheduler, not a bouncer. A call gets the next place that is free in all its buckets,
 * by one all-or-nothing write that books the places of all calls that wait in this worker for the same buckets. Where no
 * place is near, the caller is told its place in the line, comes back shortly before it, and then goes first. Places in
 * the line bind no one, so a message that dies while it waits, or comes twice, costs nothing.
 *
 * All instants are of the engine's clock (`offsetMs`: how far it is ahead of `clock`), so that workers whose clocks
 * differ agree.
 * @param options.spreadMs how far apart calls may arrive that left together
 */
export function createBudgets(
  { store, clock, random }: { store: Store; clock: Clock; random: Random },
  options: { spreadMs?: number | undefined; offsetMs?: (() => number) | undefined } = {},
) {
  const { spreadMs = SPREAD_MS, offsetMs = () => 0 } = options;
  const desks = new Map<string, ReturnType<typeof openDesk>>();
  /** what the buckets were when this worker saw them last; a write shows whether they still are */
  const seen = new Map<string, Row>();
  const confirmers = new Map<string, (id: string) => Promise<boolean>>();
  const now = (): number => clock.now() + offsetMs();

  async function readRow(key: string): Promise<Row> {
    const item = await store.get(TABLE, key, 'slots');
    const row: Row = { version: item?.version, slots: (item?.value as Slots | undefined) ?? EMPTY };
    seen.set(key, row);
    return row;
  }

  async function readRows(keys: readonly string[]): Promise<Map<string, Row>> {
    const rows = await Promise.all(keys.map(async (key) => [key, seen.get(key) ?? (await readRow(key))] as const));
    return new Map(rows);
  }

  const write = (partition: string, sort: string, version: number | undefined, value: unknown): Write => ({
    table: TABLE,
    partition,
    sort,
    condition: version ?? 'absent',
    value,
  });

  /** Writes rows as they were planned; false, and they are forgotten, where another worker was first. */
  async function writeRows(rows: ReadonlyMap<string, Row>, changed: ReadonlyMap<string, Slots>): Promise<boolean> {
    const keys = [...changed.keys()];
    const writes = keys.map((key) => write(key, 'slots', rows.get(key)!.version, changed.get(key)));
    const written = await store.writeAtomically(writes).catch((thrown: unknown) => {
      for (const key of keys) seen.delete(key);
      throw thrown;
    });
    for (const key of keys) {
      if (written) seen.set(key, { version: (rows.get(key)!.version ?? 0) + 1, slots: changed.get(key)! });
      else seen.delete(key);
    }
    return written;
  }

  /** Changes one bucket on its version; `next` returns undefined where nothing is to be changed. */
  async function change(key: string, next: (slots: Slots) => Slots | undefined): Promise<boolean> {
    for (;;) {
      const row = seen.get(key) ?? (await readRow(key));
      const slots = next(row.slots);
      if (!slots) return false;
      if (await writeRows(new Map([[key, row]]), new Map([[key, slots]]))) return true;
    }
  }

  /** Puts `count` calls at the end of a flow's line; the first one's place. */
  async function lineUp(flow: Flow<Answer>, count: number, paceMs: number, earliestAt: number): Promise<number> {
    for (;;) {
      const item = await store.get(TABLE, `line#${flow.key}`, 'end');
      const end = (item?.value as { at: number } | undefined)?.at ?? 0;
      const first = Math.max(end, earliestAt);
      const next = { at: first + count * paceMs };
      const [result] = await store.write([write(`line#${flow.key}`, 'end', item?.version, next)]);
      if (result?.ok) return first;
    }
  }

  /** Where the calls of this worker wait that share a bucket. */
  function openDesk() {
    const turns = createTurns<Answer>();
    /** ends of lines, as far as this worker knows them */
    const lines = new Map<string, number>();
    let isRunning = false;
    /** a call came since the round began; and what ends the pause until the next */
    let hasNew = false;
    let pause: AbortController | undefined;

    function failAll(reason: unknown): void {
      for (const flow of turns.inOrder())
        for (const { reject } of turns.grant(flow, flow.waiting.length)) reject(reason);
    }

    /** Sends out those that can't wait here: each with its place in the line. */
    async function sendOut(waits: Round<Answer>['waits']): Promise<void> {
      await Promise.all(
        waits.map(async ({ flow, inside, freeAt, paceMs, earlyMs }) => {
          const hasLine = (lines.get(flow.key) ?? 0) > now();
          const stays = flow.waiting.filter(
            ({ request }, i) =>
              (request.isUnderWay && freeAt - now() <= PATIENCE_MS) ||
              (i < inside && (request.turnAt !== undefined || !hasLine)),
          );
          if (stays.length === flow.waiting.length) return;
          const leaves = flow.waiting.filter((waiting) => !stays.includes(waiting));
          flow.waiting = stays;
          try {
            const newcomers = leaves.filter(({ request }) => request.turnAt === undefined);
            const earliestAt = Math.max(freeAt, now() + earlyMs);
            let turnAt = newcomers.length > 0 ? await lineUp(flow, newcomers.length, paceMs, earliestAt) : 0;
            if (newcomers.length > 0) lines.set(flow.key, turnAt + newcomers.length * paceMs);
            for (const { request, resolve } of leaves) {
              const { turnAt: given } = request;
              const dueMs = (given ?? turnAt) - now();
              const awayMs = given === undefined ? dueMs - earlyMs : Math.max(freeAt - now(), -dueMs * LATER_SHARE);
              const retryAfterMs = Math.ceil(Math.max(0, awayMs) + LEAST_RETRY_MS * (1 + random.fraction()));
              resolve({ booked: false, retryAfterMs, turnAt: given ?? turnAt });
              if (given === undefined) turnAt += paceMs;
            }
          } catch (thrown) {
            for (const { reject } of leaves) reject(thrown);
          }
        }),
      );
    }

    async function bookRound(): Promise<number> {
      const flows: Flow<Answer>[] = [];
      const keys = new Set<string>();
      for (const flow of turns.inOrder()) {
        if (keys.size + flow.buckets.length > MAX_BUCKETS) break;
        for (const bucket of flow.buckets) keys.add(bucket.key);
        flows.push(flow);
      }
      const rows = await readRows([...keys]);
      const slots = new Map([...rows].map(([key, row]) => [key, row.slots]));
      const round = planRound(turns, flows, slots, { now: now(), spreadMs, newId: () => random.hex(4) });
      if (round.changed.size > 0) {
        if (!(await writeRows(rows, round.changed))) {
          await clock.sleep(random.fraction() * CROSSED_MS);
          return now();
        }
        for (const { flow, places } of round.granted) {
          turns.grant(flow, places.length).forEach(({ resolve }, i) => {
            resolve({ booked: true, place: places[i]! });
          });
        }
      }
      await sendOut(round.waits);
      return round.nextAt;
    }

    async function run(): Promise<void> {
      try {
        while (turns.count() > 0) {
          hasNew = false;
          const nextAt = await bookRound();
          const waiting = turns.count();
          if (waiting === 0) break;
          const waitMs = nextAt - now();
          if (waitMs <= 0 || hasNew) continue;
          const late = (1 - Math.min(1, waiting / LEASE_CALLS)) * ELECTION_MS + random.fraction() * JITTER_MS;
          pause = new AbortController();
          await clock.sleep(waitMs + late, pause.signal);
          pause = undefined;
          // Others may have booked meanwhile.
          for (const flow of turns.inOrder()) for (const { key } of flow.buckets) seen.delete(key);
        }
      } catch (thrown) {
        failAll(thrown);
      } finally {
        isRunning = false;
      }
    }

    return {
      ask: (request: CallRequest): Promise<Answer> =>
        new Promise((resolve, reject) => {
          turns.add({ request, resolve, reject });
          hasNew = true;
          pause?.abort('a call came');
          if (isRunning) return;
          isRunning = true;
          void run();
        }),
    };
  }

  /** Confirms places in a slow bucket, those that are due together by one write; false where one was given back meanwhile. */
  function confirmerOf(key: string): (id: string) => Promise<boolean> {
    let confirmer = confirmers.get(key);
    if (!confirmer) {
      confirmer = coalesce(
        async (ids) => {
          let there = new Set<string>();
          await change(key, (slots) => {
            there = new Set(slots.pending.map(({ id }) => id).filter((id) => ids.includes(id)));
            if (there.size === 0) return undefined;
            return { ...slots, pending: slots.pending.filter(({ id }) => !there.has(id)) };
          });
          return ids.map((id) => there.has(id));
        },
        { clock, waitMs: CONFIRM_TOGETHER_MS, maxItems: MAX_BUCKETS },
      );
      confirmers.set(key, confirmer);
    }
    return confirmer;
  }

  /** Before a place in slow buckets is used it is confirmed; false where it was given back meanwhile. */
  async function confirm({ pending }: Place): Promise<boolean> {
    const confirmed = await Promise.all(pending.map(({ key, id }) => confirmerOf(key)(id)));
    return confirmed.every(Boolean);
  }

  /** Gives back a confirmed place that is not used. */
  async function giveBack({ pending }: Place, buckets: readonly Bucket[]): Promise<void> {
    for (const bucket of buckets.filter(({ key }) => pending.some((entry) => entry.key === key))) {
      await change(bucket.key, (slots) => {
        const { intervalMs } = pace(bucket, slots, now(), spreadMs);
        return { ...slots, arrivalAt: slots.arrivalAt - intervalMs };
      });
    }
  }

  return {
    /** Books one call in all its buckets at once, and waits for its place if that is near. */
    async book(request: CallRequest): Promise<Booking> {
      const shared = request.buckets.find((bucket) => bucket.isShared) ?? request.buckets[0]!;
      let desk = desks.get(shared.key);
      if (!desk) {
        desk = openDesk();
        desks.set(shared.key, desk);
      }
      for (;;) {
        const answer = await desk.ask(request);
        if (!answer.booked) return answer;
        const { at } = answer.place;
        const earlyMs = at - now();
        if (earlyMs > 0) await clock.sleep(earlyMs);
        // Late before it is confirmed, the place comes back by itself.
        if (now() - at > LATE_MS || !(await confirm(answer.place))) continue;
        if (now() - at <= LATE_MS) return { booked: true, at };
        await giveBack(answer.place, request.buckets);
      }
    },

    /** The marketplace refused a call in spite of its place; it takes the next after `retryAfterMs`. */
    refused: (bucket: Bucket, retryAfterMs: number): Promise<boolean> =>
      change(bucket.key, (slots) => refused(bucket, slots, now(), now() + retryAfterMs, spreadMs)),

    /** What an answer tells of a bucket. `blockedForMs`: no call before that. */
    learn: (
      bucket: Bucket,
      lesson: { ratePerSecond?: number; burst?: number; available?: number; blockedForMs?: number },
    ): Promise<boolean> =>
      change(bucket.key, (slots) => {
        const next = learned(bucket, slots, lesson, now(), spreadMs);
        const blockedUntil = lesson.blockedForMs === undefined ? 0 : now() + lesson.blockedForMs;
        return blockedUntil > slots.blockedUntil ? { ...(next ?? slots), blockedUntil } : next;
      }),
  };
}
