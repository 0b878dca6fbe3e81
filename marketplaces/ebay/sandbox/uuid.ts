import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';

/** A UUID from the sandbox's own random source. */
export function newUuid(deps: Pick<SandboxDeps, 'randomHex'>): string {
  return deps.randomHex(16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
