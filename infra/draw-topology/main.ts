import { readFileSync, writeFileSync } from 'node:fs';
import { withPicture } from '#infra/picture.ts';

/** where the picture is */
const DOCUMENT = 'docs/architecture.md';

writeFileSync(DOCUMENT, withPicture(readFileSync(DOCUMENT, 'utf8')));
