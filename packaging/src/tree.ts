/** Lays out a version as it stands on a box: programs, what they depend on, and where asked for Node.js itself. */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { productionPackages } from './production-packages.js';
import { isNeeded } from './prune.js';
import type { Release } from './release.js';

/** Commands, by the package and its file that they run. */
const COMMANDS = {
  'timeband-gateway': '@timeband/gateway/bin/timeband-gateway.js',
  bandctl: '@timeband/firmware-tools/bin/bandctl.js',
} as const;

export interface TreeOptions {
  readonly root: string;
  readonly dir: string;
  readonly release: Release;
}

/** @throws Error when something is not installed or not built */
export function layOutTree({ root, dir, release }: TreeOptions): void {
  const machine = { platform: process.platform, arch: process.arch };
  for (const found of productionPackages(root)) {
    if (found.isOurs && !existsSync(join(found.from, 'dist'))) {
      throw new Error(`${found.name} is not built. Run: npm run build`);
    }
    cpSync(found.from, join(dir, found.to), {
      recursive: true,
      dereference: false,
      filter: (source) => {
        const path = relative(found.from, source);
        return path === '' || isNeeded(found, path, machine);
      },
    });
  }
  mkdirSync(join(dir, 'bin'), { recursive: true });
  for (const [command, file] of Object.entries(COMMANDS)) {
    if (!existsSync(join(dir, 'node_modules', file))) throw new Error(`${file} is not in the tree`);
    writeFileSync(join(dir, 'bin', command), launcher(file), { mode: 0o755 });
  }
  if (release.bundlesNode) {
    mkdirSync(join(dir, 'node', 'bin'), { recursive: true });
    copyFileSync(process.execPath, join(dir, 'node', 'bin', 'node'));
    const licence = nodeLicence();
    if (licence !== undefined) copyFileSync(licence, join(dir, 'node', 'LICENSE'));
  }
  const words = `${JSON.stringify(release, undefined, 2)}\n`;
  for (const place of ['', 'node_modules/@timeband/gateway']) {
    writeFileSync(join(dir, place, 'RELEASE.json'), words);
  }
}

function launcher(file: string): string {
  return `#!/bin/sh
# Runs ${file} of this version with the Node.js that came with it, or the box's own.
set -e
here=$(dirname "$(readlink -f "$0")")/..
node="$here/node/bin/node"
[ -x "$node" ] || node=node
exec "$node" "$here/node_modules/${file}" "$@"
`;
}

function nodeLicence(): string | undefined {
  const prefix = join(dirname(process.execPath), '..');
  return [
    join(prefix, 'LICENSE'),
    join(prefix, 'share/doc/nodejs/LICENSE'),
    join(prefix, 'share/doc/nodejs/copyright'),
  ].find((file) => existsSync(file));
}

/** Modes and times that do not depend on who builds, nor when; what is empty after pruning goes unseen. */
export function settle(dir: string, date: number): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) settle(path, date);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o100) === 0 ? 0o644 : 0o755);
    if (!entry.isDirectory()) lutimesSync(path, date, date);
  }
  chmodSync(dir, 0o755);
  lutimesSync(dir, date, date);
}
