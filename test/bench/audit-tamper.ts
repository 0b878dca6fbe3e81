/**
 * Seven ways to tamper with an audit log, 10,000 random mutations each; every one must be found, and its first bad entry
 * named rightly. `node test/bench/audit-tamper.ts [mutations of each kind]`; exit code 1 if one gets through.
 */
import { verifyLog } from '#platform/state/audit-log/verify.ts';
import { sourceOf } from '#test/support/audit-log.ts';
import { seededRandom, TAMPERINGS, tamper } from '#test/support/audit-tampering.ts';

const MUTATIONS = 10_000;

const mutations = Number(process.argv[2] ?? MUTATIONS);
const missed: string[] = [];
for (const kind of TAMPERINGS) {
  let found = 0;
  for (let seed = 0; seed < mutations; seed++) {
    const { files, options, firstBad } = tamper(kind, seededRandom(seed));
    const {
      ok,
      firstBadEntry = 0,
      lastBadEntry = Number.POSITIVE_INFINITY,
    } = await verifyLog(sourceOf(files), options);
    const named = firstBad === undefined || (firstBadEntry <= firstBad && firstBad <= lastBadEntry);
    if (!ok && named) found += 1;
    else missed.push(`${kind} with seed ${seed}${ok ? '' : ': wrong entry named'}`);
  }
  console.log(`${kind}: ${found} of ${mutations} found`);
}
for (const line of missed) console.log(`MISSED ${line}`);
process.exitCode = missed.length === 0 ? 0 : 1;
