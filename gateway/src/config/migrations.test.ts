/** The machinery, with migrations that only this test has: the shape of the settings has not changed yet. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { loadConfig } from './load.js';
import { type Migration, migrate, MIGRATIONS, migrateFile, newestVersion } from './migrations.js';

const EXAMPLES: readonly Migration[] = [
  {
    from: 1,
    says: 'mqtt is called broker',
    change: (document) => {
      document.set('broker', document.get('mqtt', true));
      document.delete('mqtt');
    },
  },
  {
    from: 2,
    says: 'broker.port became a list',
    change: (document) => {
      document.setIn(['broker', 'ports'], document.createNode([document.getIn(['broker', 'port'])]));
      document.deleteIn(['broker', 'port']);
    },
  },
];
const OLD = `# The hall, second floor.
site: dahaiyang # never changes
mqtt:
  # as agreed with the technician
  port: 1883
  host: 127.0.0.1 # this machine
`;

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'timeband-migrations-'));
  file = join(dir, 'gateway.yaml');
  writeFileSync(file, OLD, { mode: 0o640 });
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

describe('a file of an earlier version', () => {
  it('is brought to the newest, with its comments, and the old one is kept', () => {
    const done = migrateFile(file, EXAMPLES);
    expect(done).toEqual({
      ...{ from: 1, to: 3, kept: `${file}.v1` },
      says: ['mqtt is called broker', 'broker.port became a list'],
    });
    const text = readFileSync(file, 'utf8');
    expect(parseDocument(text).toJS()).toEqual({
      ...{ site: 'dahaiyang', version: 3, broker: { host: '127.0.0.1', ports: [1883] } },
    });
    for (const comment of ['# The hall, second floor.', '# never changes', '# this machine'])
      expect(text).toContain(comment);
    expect(readFileSync(`${file}.v1`, 'utf8')).toBe(OLD);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(dir).sort()).toEqual(['gateway.yaml', 'gateway.yaml.v1']);
  });

  it('is left alone once it is of the newest', () => {
    migrateFile(file, EXAMPLES);
    const text = readFileSync(file, 'utf8');
    expect(migrateFile(file, EXAMPLES)).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('is changed only by what it has not had yet', () => {
    writeFileSync(file, 'version: 2\nbroker: { port: 7 }\n');
    expect(migrateFile(file, EXAMPLES)).toMatchObject({ from: 2, says: ['broker.port became a list'] });
  });

  it('that was kept is never overwritten by another, nor kept twice', () => {
    writeFileSync(`${file}.v1`, 'somebody’s');
    expect(migrateFile(file, EXAMPLES)?.kept).toBe(`${file}.v1.1`);
    writeFileSync(file, OLD);
    expect(migrateFile(file, EXAMPLES)?.kept).toBe(`${file}.v1.1`);
    expect(readFileSync(`${file}.v1`, 'utf8')).toBe('somebody’s');
  });

  it('of a later version than this gateway knows is refused, with what to do', () => {
    const later = parseDocument('version: 4\n');
    expect(() => migrate(later, file, EXAMPLES)).toThrow(/version 4.*knows up to 3.*gateway\.yaml\.v3/);
    writeFileSync(file, `version: ${newestVersion() + 1}\nsite: a\ngateway: b\n`);
    expect(() => loadConfig(file, { env: {} })).toThrow(/made for a later gateway/);
  });

  it('has a migration to each version, in order', () => {
    expect(MIGRATIONS.map(({ from }) => from)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });
});
