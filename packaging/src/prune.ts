/** What of a package a box never reads: tests, sources, types, maps, and natives for other machines. */
import type { ProductionPackage } from './production-packages.js';

/** Folders at the top of a published package. */
const IDLE_FOLDERS = new Set([
  ...['test', 'tests', '__tests__', 'doc', 'docs', 'example', 'examples', 'benchmark', 'benchmarks', 'bench'],
  ...['.github', '.vscode', '.idea', 'coverage', 'fixtures', 'media', 'website'],
]);
/** By package: C sources and what compiling left behind, and large parts that nothing here imports. */
const IDLE_PARTS: Readonly<Record<string, RegExp>> = {
  'better-sqlite3': /^(deps|src|build\/Release\/(obj|obj\.target|\.deps))(\/|$)/,
  '@serialport/bindings-cpp': /^src(\/|$)/,
  '@stoprocent/bluetooth-hci-socket': /^src(\/|$)/,
  usb: /^(libusb|src)(\/|$)/,
  'date-fns': /^fp(\/|\.|$)|^locale\/(?!en-US|_lib)|cdn\./,
};
const IDLE_FILE =
  /\.(d\.[cm]?ts(\.map)?|[cm]?ts|tsx|map|md|markdown|flow|gyp|gypi|c|cc|cpp|h|hpp|mm|a|o|d|mk|tsbuildinfo|tgz)$|(^|\/)(Makefile|binding\.Makefile|\.npmignore|\.eslintrc.*|\.prettierrc.*|\.editorconfig|\.travis\.yml|tsconfig.*\.json|test_extension\.node)$/;
const IDLE_OF_OURS = /(^|\/)(src|node_modules)(\/|$)|\.test\.[^/]*$|\.test\.support\.[^/]*$/;
const LICENCE = /(^|\/)(licen[cs]e|copying|notice)[^/]*$/i;

export interface Machine {
  readonly platform: string;
  readonly arch: string;
}

type Pruned = Pick<ProductionPackage, 'name' | 'isOurs' | 'files'>;

/** @param path within the package, with slashes */
export function isNeeded({ name, isOurs, files }: Pruned, path: string, machine: Machine): boolean {
  if (LICENCE.test(path)) return true;
  const parts = path.split('/');
  const [top = ''] = parts;
  if (isOurs) return (path === 'package.json' || files.includes(top)) && !isIdleOfOurs(path);
  if (parts.includes('node_modules') || IDLE_FOLDERS.has(top) || IDLE_FILE.test(path)) return false;
  if (IDLE_PARTS[name]?.test(path) === true) return false;
  return top !== 'prebuilds' || isForMachine(parts.slice(1), machine);
}

function isIdleOfOurs(path: string): boolean {
  return IDLE_OF_OURS.test(path) || IDLE_FILE.test(path);
}

/** `prebuilds/linux-x64/node.napi.glibc.node`, as prebuildify names them. */
function isForMachine([folder = '', file = '']: readonly string[], { platform, arch }: Machine): boolean {
  if (folder === '') return true;
  const [system, processors = ''] = folder.split('-');
  const isOurs = system === platform && processors.split('+').includes(arch);
  return isOurs && !file.includes('.musl.');
}
