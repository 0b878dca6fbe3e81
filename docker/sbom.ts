/** A package that a bundle holds a part of: where it is installed, and what package-lock.json says of it. */
export type Package = { path: string; name: string; version: string; integrity: string; license?: string };

/** A part of the base image: Node, what is compiled into it, or a Debian package. */
export type BasePart = { name: string; version: string; purl: string };

/** What is read of package-lock.json. */
export type Lock = {
  packages: Record<
    string,
    { version?: string; integrity?: string; license?: string; dev?: boolean; optional?: boolean }
  >;
};

/** a file of a package, with the folder that the package is installed in */
const IN_PACKAGE = /^((?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/** The packages that `inputs` (paths from the root of the repository) belong to, by name. */
export function packagesOf(inputs: readonly string[], lock: Lock): Package[] {
  const found = new Map<string, Package>();
  for (const input of inputs) {
    const [, path, name] = IN_PACKAGE.exec(input) ?? [];
    if (!path || !name || found.has(path)) continue;
    const { version, integrity, license } = lock.packages[path] ?? {};
    if (!version || !integrity) throw new Error(`${path} is not in package-lock.json: run npm ci`);
    found.set(path, { path, name, version, integrity, ...(license && { license }) });
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * The software bill of materials of an image, CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/). It has no serial
 * number and no time, so that the same image has the same one.
 */
export function softwareBill(
  image: { name: string; revision: string },
  packages: readonly Package[],
  baseParts: readonly BasePart[],
): string {
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: {
        type: 'container',
        'bom-ref': image.name,
        name: image.name,
        version: image.revision,
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components: [
      ...packages.map(({ name, version, integrity, license }) => {
        const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
        return {
          type: 'library',
          'bom-ref': purl,
          name,
          version,
          purl,
          hashes: [
            { alg: 'SHA-512', content: Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex') },
          ],
          ...(license && { licenses: [{ expression: license }] }),
        };
      }),
      ...baseParts.map((part) => ({ type: 'library', 'bom-ref': part.purl, ...part })),
    ],
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

/**
 * Reads the parts of the base image.
 * @param status texts of /var/lib/dpkg/status.d, one a package
 * @param versions Node's `process.versions`
 */
export function readBaseParts(status: readonly string[], versions: Record<string, string>): BasePart[] {
  const debian = status.map((text) => {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';
    const [name, version, arch] = [field('Package'), field('Version'), field('Architecture')];
    return { name, version, purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${arch}` };
  });
  const node = Object.entries(versions).map(([name, version]) => ({
    name,
    version,
    purl: `pkg:generic/${name}@${encodeURIComponent(version)}`,
  }));
  return [...debian, ...node].sort((a, b) => (a.purl < b.purl ? -1 : 1));
}
