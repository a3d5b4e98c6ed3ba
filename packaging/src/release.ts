/** What a package calls itself: the version of package.json, and for what was never tagged the commit's time and id. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Stands as `RELEASE.json` in the tree, for the program and for who upgrades it. */
export interface Release {
  /** A Debian version: what is not released yet sorts before its release (`0.1.0~…`). */
  readonly version: string;
  readonly commit: string | undefined;
  /** Whether something was changed that is in no commit. */
  readonly dirty: boolean;
  /** Version of the database's tables that the program brings a database to. */
  readonly schema: number;
  readonly node: string;
  readonly bundlesNode: boolean;
  readonly arch: string;
  /** Unix seconds: `SOURCE_DATE_EPOCH`, or the commit's time. */
  readonly date: number;
}

export interface ReleaseOptions {
  readonly root: string;
  readonly withNode: boolean;
  readonly schema: number;
  /** In place of the one that follows from the checkout. */
  readonly version?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What dpkg takes for a version without an epoch or a revision (deb-version(7)). */
const VERSION = /^\d[0-9A-Za-z.+~]*$/;

/** @throws Error for a version that dpkg would not take */
export function describeRelease({ root, withNode, schema, version: given, env }: ReleaseOptions): Release {
  const { version: base } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const commit = git(root, 'rev-parse', '--short=8', 'HEAD');
  const isTagged = git(root, 'tag', '--points-at', 'HEAD')?.split('\n').includes(`v${base}`) ?? false;
  const dirty = (git(root, 'status', '--porcelain', '--untracked-files=no') ?? '') !== '';
  const date = Number(env['SOURCE_DATE_EPOCH'] ?? git(root, 'log', '-1', '--format=%ct') ?? 0);
  if (!Number.isSafeInteger(date) || date < 0) throw new Error('SOURCE_DATE_EPOCH: seconds since 1970');
  const stamp = new Date(date * 1_000)
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z$/g, '')
    .replace('T', '.');
  const suffix = isTagged && !dirty ? '' : `~${stamp}${commit === undefined ? '' : `.${commit}`}`;
  const version = given ?? `${base.replaceAll('-', '~')}${suffix}${dirty ? '.dirty' : ''}`;
  if (!VERSION.test(version)) throw new Error(`${version} is no version that dpkg takes`);
  return {
    ...{ version, commit, dirty, schema, date },
    ...{ node: process.version.slice(1), bundlesNode: withNode, arch: debianArch(process.arch) },
  };
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'armhf' };

function debianArch(arch: string): string {
  const found = ARCHITECTURES[arch];
  if (found === undefined) throw new Error(`no package is made on ${arch}`);
  return found;
}

/** Nothing where there is no git, or no checkout. */
function git(root: string, ...words: readonly string[]): string | undefined {
  try {
    return execFileSync('git', ['-C', root, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}
