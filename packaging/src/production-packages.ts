/** Which packages the box needs: what ours depend on, and what those depend on, as package-lock.json has them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A package as it stands in the checkout, and where it goes below `node_modules` of the tree. */
export interface ProductionPackage {
  readonly name: string;
  /** Absolute. */
  readonly from: string;
  /** Relative to the tree. */
  readonly to: string;
  /** Ours are built here, the others come as they were published. */
  readonly isOurs: boolean;
  /** Of ours: what is published of it. */
  readonly files: readonly string[];
}

/** Workspaces whose commands the box has. */
const PRODUCTS = ['gateway', 'firmware-tools'] as const;

/** Named as dependencies, and used while something is installed or compiled only. */
const FOR_INSTALLING = /^(patch-package|prebuild-install|@types\/.*)$/;

interface LockEntry {
  readonly name?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

type Lock = Readonly<Record<string, LockEntry>>;

/** @throws Error naming what is not installed */
export function productionPackages(root: string): readonly ProductionPackage[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Lock;
  };
  const found = new Map<string, ProductionPackage>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    const entry = packages[path] ?? {};
    found.set(path, describe(root, path, entry));
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = entry;
    for (const name of Object.keys({
      ...dependencies,
      ...optionalDependencies,
      ...peerDependencies,
    }).sort()) {
      if (FOR_INSTALLING.test(name)) continue;
      const target = resolveFrom(packages, path, name);
      const isThere = target !== undefined && existsSync(join(root, target, 'package.json'));
      if (isThere) visit(target);
      else if (name in dependencies && !(name in optionalDependencies)) {
        throw new Error(`${name}, which ${path} needs, is not installed. Run: npm ci`);
      }
    }
  };
  for (const product of PRODUCTS) visit(product);
  return [...found.values()].sort((a, b) => (a.to < b.to ? -1 : 1));
}

/** Node's search, from the folder of who asks upwards; a workspace's link is followed. */
function resolveFrom(lock: Lock, path: string, name: string): string | undefined {
  for (let dir = path; ; dir = dir === '.' ? '' : dirname(dir)) {
    const candidate = join(dir === '.' ? '' : dir, 'node_modules', name);
    const entry = lock[candidate];
    if (entry !== undefined) return entry.link === true ? entry.resolved : candidate;
    if (dir === '' || dir === '.') return undefined;
  }
}

function describe(root: string, path: string, { name }: LockEntry): ProductionPackage {
  const [workspace = ''] = path.split('/');
  if (workspace === 'node_modules') {
    return {
      name: path.slice(path.lastIndexOf('node_modules/') + 13),
      from: join(root, path),
      to: path,
      isOurs: false,
      files: [],
    };
  }
  const ours = name ?? `@timeband/${workspace}`;
  const inside = path.slice(workspace.length);
  return {
    name: inside === '' ? ours : inside.slice(inside.lastIndexOf('node_modules/') + 13),
    from: join(root, path),
    to: join('node_modules', `@timeband/${workspace}`, inside),
    isOurs: inside === '',
    files: inside === '' ? publishedFiles(join(root, path, 'package.json')) : [],
  };
}

function publishedFiles(file: string): readonly string[] {
  const { files = [] } = JSON.parse(readFileSync(file, 'utf8')) as { readonly files?: readonly string[] };
  return files.filter((name) => !name.startsWith('!'));
}
