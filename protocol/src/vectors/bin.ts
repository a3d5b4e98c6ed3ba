/** `npm run vectors`: writes the published vectors, checks them from their files, or says which would be written anew. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { checkFile } from './check.js';
import { parseVectorFile } from './format.js';
import { makeVectors, vectorText } from './make/index.js';

const HELP = `usage: npm run vectors [-- --check | --fresh]

Without an option, writes protocol/vectors/*.json.
  --check   verify every case from the files alone
  --fresh   fail when the code would write other files

example: npm run vectors -- --check`;

const folder = new URL('../../vectors/', import.meta.url);
const pathOf = (name: string): URL => new URL(`${name}.json`, folder);
const published = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.replace(/\.json$/, ''))
    .sort();

function check(): boolean {
  let cases = 0;
  let wrong = 0;
  const names = published();
  for (const name of names) {
    const { valid, invalid, problems } = checkFile(
      parseVectorFile(JSON.parse(readFileSync(pathOf(name), 'utf8'))),
    );
    console.log(
      `${name.padEnd(20)} ${String(valid).padStart(3)} valid ${String(invalid).padStart(3)} invalid`,
    );
    for (const problem of problems) console.error(`${name}: ${problem}`);
    cases += valid + invalid;
    wrong += problems.length;
  }
  console.log(`${names.length} files, ${cases} cases, ${wrong} not as they say`);
  return wrong === 0 && names.length > 0;
}

function isFresh(): boolean {
  const made = makeVectors();
  const stale = [...made].filter(([name, file]) => textOf(name) !== vectorText(file)).map(([name]) => name);
  const strays = published().filter((name) => !made.has(name));
  for (const name of stale) console.error(`protocol/vectors/${name}.json is not what the code writes`);
  for (const name of strays) console.error(`protocol/vectors/${name}.json is written by nothing`);
  if (stale.length + strays.length > 0) console.error('run: npm run vectors, and look at what changed');
  return stale.length + strays.length === 0;
}

function textOf(name: string): string | undefined {
  return published().includes(name) ? readFileSync(pathOf(name), 'utf8') : undefined;
}

const options = process.argv.slice(2);
if (options.includes('--help')) console.log(HELP);
else if (options.length === 0) {
  const made = makeVectors();
  for (const [name, file] of made) writeFileSync(pathOf(name), vectorText(file));
  console.log(`${made.size} files written`);
} else if (options.every((option) => option === '--check' || option === '--fresh')) {
  const sound = !options.includes('--check') || check();
  const fresh = !options.includes('--fresh') || isFresh();
  process.exitCode = sound && fresh ? 0 : 1;
} else {
  console.error(HELP);
  process.exitCode = 2;
}
