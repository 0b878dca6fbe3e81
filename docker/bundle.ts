import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { FUNCTIONS, type FunctionName } from './functions.ts';

/** What a CommonJS package inside a bundle needs to load Node's own modules. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const HEALTH_CHECK = 'platform/functions/health-check/main.ts';

export type Bundle = {
  /** files to lie beside each other, by name */
  files: Record<string, Uint8Array>;
  /** what the bundle was made of: paths from the root of the repository */
  inputs: string[];
};

/**
 * Bundles of every function, with the health check beside it: all of our code and of the packages that it uses, in
 * one file that needs nothing but Node. The same files give the same bytes, wherever and whenever it runs.
 * @param root the repository
 */
export async function bundleFunctions(root: string): Promise<Map<FunctionName, Bundle>> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      ...FUNCTIONS.map((name) => ({ in: `services/${name}/main.ts`, out: name })),
      { in: HEALTH_CHECK, out: 'health' },
    ],
    outdir: OUT,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // Packages' ES modules, of which what is not used is left out.
    mainFields: ['module', 'main'],
    banner: { js: BANNER },
    // Stack traces name functions and lines of the bundle; the licences lie beside it.
    minify: false,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const contents = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  const bundleOf = (name: string): Uint8Array => contents.get(join(root, OUT, `${name}.mjs`))!;
  return new Map(
    FUNCTIONS.map((name) => [
      name,
      {
        files: { [`${name}.mjs`]: bundleOf(name), 'health.mjs': bundleOf('health') },
        inputs: [...new Set([...inputsOf(metafile, name), ...inputsOf(metafile, 'health')])].sort(),
      },
    ]),
  );
}

/** Only part of the names that esbuild gives its outputs: nothing is written there. */
const OUT = 'out';

const inputsOf = (metafile: Metafile, name: string): string[] =>
  Object.keys(metafile.outputs[`${OUT}/${name}.mjs`]!.inputs);
