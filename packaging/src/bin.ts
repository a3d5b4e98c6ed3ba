/** npm run package: makes what is installed on a box, without a network, from what is installed and built here. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeDeb, makeTarball, type PackageOptions } from './deb.js';
import { describeRelease } from './release.js';
import { schemaVersion } from './schema-version.js';

const HELP = `Usage: npm run package -- [options]

Makes timeband-gateway_VERSION_ARCH.deb for machines like this one. The same commit makes the same bytes.

  --out DIR           where to put it (default: out)
  --no-node           without Node.js: the box has to have 20.19 or newer. Unless given, the Node.js that runs this
                      command goes into the package, and the box needs nothing else
  --format FORMAT     deb or tar (default: deb)
  --compression HOW   of the .deb: xz, gzip or none (default: xz)
  --version VERSION   in place of the one made of package.json and the commit
  --json              print what was made as JSON

SOURCE_DATE_EPOCH, where it is set, is the time of all files; otherwise it is the commit's.

Example:
  npm run package -- --out /tmp/packages`;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILES = join(ROOT, 'packaging', 'files');

const COMPRESSIONS = ['xz', 'gzip', 'none'] as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      out: { type: 'string', default: 'out' },
      'no-node': { type: 'boolean', default: false },
      format: { type: 'string', default: 'deb' },
      compression: { type: 'string', default: 'xz' },
      version: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const { format } = values;
  const compression = COMPRESSIONS.find((name) => name === values.compression);
  if (compression === undefined) throw new TypeError(`--compression: ${COMPRESSIONS.join(', ')}`);
  if (format !== 'deb' && format !== 'tar') throw new TypeError('--format: deb or tar');
  const withNode = !values['no-node'];
  const schema = await schemaVersion(ROOT);
  const release = describeRelease({
    root: ROOT,
    withNode,
    schema,
    version: values.version,
    env: process.env,
  });
  const stage = mkdtempSync(join(tmpdir(), 'timeband-package-'));
  try {
    const options: PackageOptions = {
      ...{ root: ROOT, files: FILES, stage, out: resolve(values.out), release, compression },
    };
    const file = format === 'deb' ? makeDeb(options) : makeTarball(options);
    const { size: bytes } = statSync(file);
    if (values.json) console.log(JSON.stringify({ file, bytes, ...release }));
    else {
      console.log(`${file} (${(bytes / 1_000_000).toFixed(1)} MB)`);
      if (release.dirty) console.log('Something in it is in no commit.');
    }
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof TypeError ? 2 : 5;
}
