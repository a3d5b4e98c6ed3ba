/** What stands in a site's secret files, to hold a text against before it leaves the box. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is longer is a database, a log or a capture. */
const MOST_BYTES = 256 * 1024;
const DEEPEST = 4;
/** Keys, hashes and passwords: shorter words are names of fields. */
const WORD = /[A-Za-z0-9+/_=-]{16,}/g;

export interface SecretWords {
  readonly secrets: ReadonlySet<string>;
  /** Names and ids in those files. */
  readonly ids: ReadonlySet<string>;
}

/** Fields under which files with keys and accounts name whom they are of. */
const ID_FIELDS = new Set(['name', 'device', 'account', 'band', 'tag', 'user']);

export function secretWordsIn(dataDir: string): SecretWords {
  const secrets = new Set<string>();
  const ids = new Set<string>();
  const look = (dir: string, depth: number): void => {
    for (const name of readdirSync(dir)) {
      const file = join(dir, name);
      const stat = lstatSync(file);
      if (stat.isDirectory() && depth < DEEPEST) look(file, depth + 1);
      if (!stat.isFile() || stat.size > MOST_BYTES || (stat.mode & 0o077) !== 0) continue;
      if (/\.(log|db|db-wal|db-shm|yaml)$/.test(name)) continue;
      const text = readFileSync(file, 'latin1');
      if (name.endsWith('.json')) collectIds(text, ids);
      for (const [word] of text.matchAll(WORD)) if (/\d/.test(word) || word.length > 24) secrets.add(word);
      if (text.length < 200 && !name.endsWith('.json')) secrets.add(text.trim());
    }
  };
  look(dataDir, 0);
  for (const id of ids) secrets.delete(id);
  return { secrets: new Set([...secrets].filter((secret) => secret.length >= 6)), ids };
}

function collectIds(text: string, ids: Set<string>): void {
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, item] of Object.entries(value)) {
        if (typeof item === 'string' && ID_FIELDS.has(name)) ids.add(item);
        else visit(item);
      }
    }
  };
  try {
    visit(JSON.parse(text));
  } catch {
    // A file that is damaged names nobody.
  }
}
