/**
 * Puts each program into few files: Node.js opens and links every module by itself, and a program of a thousand files
 * spends longer on that than on its work. What `tsc` made stays beside it, and is what libraries and tests import.
 */
import { rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Packages whose `dist/bin.js` is a program. */
const PROGRAMS = ['gateway', 'simulator', 'firmware-tools'] as const;
/** What they are made of, and by. */
const MADE_OF = ['protocol', 'radio', 'packaging', ...PROGRAMS] as const;

/** Packages that read files of their own at run time, addons foremost: they are loaded from where npm put them. */
const FROM_DISK = [
  ...['better-sqlite3', '@serialport/bindings-cpp', '@stoprocent/*', '@lydell/*', 'usb', 'cbor-extract'],
  ...['pdfkit', 'esbuild'],
  // Of its two forms Node.js takes the other one.
  '@peculiar/x509',
];

/** CommonJS modules among the bundled ones ask for Node's own by it. */
const REQUIRE =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/** Of those whose modules `tsc -b` has changed. @param root of the checkout */
export async function bundlePrograms(root: string): Promise<void> {
  const built = Math.max(...MADE_OF.map((name) => changedAt(join(root, name, 'dist/.tsbuildinfo'))));
  await Promise.all(
    PROGRAMS.map((name) => join(root, name))
      .filter((folder) => changedAt(join(folder, 'program/bin.js')) < built)
      .map(bundleProgram),
  );
}

/** Milliseconds; 0 where there is no such file. */
function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Makes `program/` of a package from its `dist/`. @param folder of the package */
export async function bundleProgram(folder: string): Promise<void> {
  const out = join(folder, 'program');
  rmSync(out, { recursive: true, force: true });
  await build({
    ...{ entryPoints: [join(folder, 'dist/bin.js')], outdir: out },
    ...{ bundle: true, splitting: true, platform: 'node', format: 'esm', target: 'node20' },
    ...{
      external: [...FROM_DISK],
      banner: { js: REQUIRE },
      plugins: [keepingPlaces(folder, out)],
      logLevel: 'warning',
    },
  });
}

/** A module of ours finds files by its own address: it keeps that of the module in `dist`. */
function keepingPlaces(folder: string, out: string): Plugin {
  return {
    name: 'keeping-places',
    setup: (bundling) => {
      bundling.onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, async ({ path }) => {
        const isOurs = path.startsWith(folder) || !path.includes(`${sep}node_modules${sep}`);
        if (!isOurs) return undefined;
        const place = relative(out, path).split(sep).join('/');
        const text = await readFile(path, 'utf8');
        return { contents: text.replaceAll('import.meta.url', `new URL('${place}', import.meta.url).href`) };
      });
    },
  };
}
