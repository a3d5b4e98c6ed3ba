/**
 * Which ports a path or glob means right now. Glob libraries leave character devices out, which is what ports are,
 * so the little that port names need is done here: `*`, `?` and `[…]` within one part of a path.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, parse, resolve, sep } from 'node:path';

const WILDCARD = /[*?[]/;

/** The path itself if it is there, else all that the glob matches, absolute and in order. */
export async function findPorts(pattern: string): Promise<string[]> {
  if (existsSync(pattern)) return [pattern];
  if (!WILDCARD.test(pattern)) return [];
  const { root } = parse(resolve(pattern));
  const parts = resolve(pattern).slice(root.length).split(sep);
  let found = [root];
  for (const part of parts) found = (await Promise.all(found.map((dir) => matches(dir, part)))).flat();
  return found.sort();
}

/** Paths below `dir` that one part of a glob stands for. */
async function matches(dir: string, part: string): Promise<string[]> {
  const literal = join(dir, part);
  if (!WILDCARD.test(part) || existsSync(literal)) return existsSync(literal) ? [literal] : [];
  try {
    const wanted = toRegExp(part);
    return (await readdir(dir)).filter((name) => wanted.test(name)).map((name) => join(dir, name));
  } catch {
    return []; // no directory, not for us, or a range that begins after its end: nothing is found there
  }
}

function toRegExp(part: string): RegExp {
  const source = part.replace(/\[!?[^\]]+\]|[\s\S]/g, (piece) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    if (piece.length === 1) return piece.replace(/[\\^$.|+()[\]{}]/, '\\$&');
    return piece.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
  });
  return new RegExp(`^${source}$`, 's');
}
