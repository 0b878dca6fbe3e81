import type { Call, Step } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';

/** A procedure written as it runs: each `yield` is a call, and gives its answer. */
export type Procedure<Result> = Generator<Call, Result, HttpResponse>;

/** What a procedure does next, given the answers so far: it is run from its beginning up to the first call without one. */
export function stepOf<Result>(procedure: Procedure<Result>, answers: readonly HttpResponse[]): Step<Result> {
  let next = procedure.next();
  for (const answer of answers) {
    if (next.done) break;
    next = procedure.next(answer);
  }
  return next.done ? { done: next.value } : { call: next.value };
}
