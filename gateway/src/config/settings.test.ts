import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from './error.js';
import { loadConfig, readSettings } from './load.js';
import { SETTINGS } from './settings-tree.js';
import { type ConfigSources, variableFor } from './sources.js';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'timeband-settings-'));
  file = join(dir, 'gateway.yaml');
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const SITE = 'site: dahaiyang\ngateway: gw-1\n';
function load(text: string, sources: ConfigSources = {}) {
  writeFileSync(file, SITE + text);
  return loadConfig(file, { env: {}, ...sources });
}
function problemsOf(text: string, sources: ConfigSources = {}): string {
  try {
    load(text, sources);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'no problem';
}

describe('settings', () => {
  it('come from --set before the environment, before the file, before what holds by default', () => {
    const env = { TIMEBAND_BROKER__PORT: '1884', TIMEBAND_BROKER__MAX_CONNECTIONS: '99' };
    const set = ['broker.port=1885'];
    const text = 'broker: { port: 1, maxConnections: 2, maxConnectionsPerAddress: 3 }\n';
    expect(load(text, { env, set }).broker).toMatchObject({
      ...{ port: 1885, maxConnections: 99, maxConnectionsPerAddress: 3, host: '127.0.0.1' },
    });
  });

  it('say of each where it came from', () => {
    writeFileSync(file, `${SITE}broker:\n  host: 0.0.0.0\nlinks:\n  - glob: /dev/x*\n`);
    const env = { TIMEBAND_LOG__LEVEL: 'debug' };
    const { originOf } = readSettings(file, { env, set: ['storage.minFreeMb=5', 'links.0.baudRate=9600'] });
    expect(originOf(['broker', 'host'])).toEqual({ kind: 'file', line: 4 });
    expect(originOf(['broker', 'port'])).toMatchObject({ kind: 'default' });
    expect(originOf(['log', 'level'])).toMatchObject({ variable: 'TIMEBAND_LOG__LEVEL' });
    expect(originOf(['storage', 'minFreeMb'])).toMatchObject({ kind: 'set' });
    expect(originOf(['links', 0, 'glob'])).toEqual({ kind: 'file', line: 6 });
    expect(originOf(['links', 0, 'baudRate'])).toMatchObject({ kind: 'set' });
  });

  it('given as text need no quotes; others are YAML', () => {
    const set = ['site=007', 'policy=[a.cose, b.cose]', 'links.0={path: /dev/a}', 'links.1.glob=/dev/b*'];
    expect(load('', { set })).toMatchObject({
      ...{ site: '007', policy: ['a.cose', 'b.cose'] },
      links: [{ path: '/dev/a' }, { glob: '/dev/b*', baudRate: 115_200 }],
    });
  });

  it('are left out by null, and by an empty variable', () => {
    const text = 'radio: { adapter: 0 }\nbroker:\n  # port: 1\n';
    expect(load(text, { set: ['radio=null'], env: { TIMEBAND_LOG__LEVEL: '' } })).toMatchObject({
      ...{ broker: { port: 1883 }, log: { level: 'info' } },
    });
    expect(load(text, { set: ['radio=null'] }).radio).toBeUndefined();
  });

  it('all have a description, and a variable of their own', () => {
    expect(SETTINGS.filter(({ description }) => !/[.]$/.test(description)).map(({ path }) => path)).toEqual(
      [],
    );
    const variables = SETTINGS.map(({ path }) => variableFor(path.split('.')));
    expect(new Set(variables).size).toBe(SETTINGS.length);
  });
});

describe('what is wrong with settings', () => {
  it.each([
    [
      'broker:\n  prot: 1\n',
      /gateway\.yaml:4: broker\.prot: there is no such setting; did you mean broker\.port\?/,
    ],
    ['brokr:\n  port: 1\n', /gateway\.yaml:3: brokr: .* did you mean broker\?/],
    ['maxConnections: 3\n', /did you mean radio\.maxConnections or broker\.maxConnections\?/],
    ['zebra: 1\n', /gateway\.yaml:3: zebra: there is no such setting; docs\/settings\.md has them all/],
    ['radio:\n  adaptor: 0\n', /gateway\.yaml:4: radio\.adaptor: .* did you mean radio\.adapter\?/],
    [
      'links:\n  - path: /dev/a\n  - path: /dev/b\n    baudrate: 9600\n',
      /yaml:6: links\.1\.baudrate: .*links\.1\.baudRate\?/,
    ],
    ['uplink:\n  url: mqtts://c\n  passwordfile: x\n', /did you mean uplink\.passwordFile\?/],
  ])('a name that there is not, with the nearest that there is (%j)', (text, message) => {
    expect(problemsOf(text)).toMatch(message);
  });

  it.each([
    [
      'broker:\n  port: 99999\n',
      /yaml:4: broker\.port: should be a whole number from 0 to 65535 \(it is 99999\)/,
    ],
    [
      'log: { level: loud }\n',
      /yaml:3: log\.level: should be one of trace, debug, info, warn, error \(it is "loud"\)/,
    ],
    [
      'broker:\n  listeners:\n    - { kind: tls }\n',
      /yaml:5: broker\.listeners\.0\.port: is missing; it should be a whole/,
    ],
    ['links: /dev/ttyUSB0\n', /yaml:3: links: should be a list, each with path, glob or usb \(it is "\/dev/],
    ['monitoring: { enabled: perhaps }\n', /should be true or false \(it is "perhaps"\)/],
    ['broker: { plain: false }\n', /broker\.listeners: plain is false and there is no listener/],
    ['uplink:\n  user: a\n', /yaml:3: uplink\.url: is missing/],
  ])('is said with file, line, setting and what it should be (%j)', (text, message) => {
    expect(problemsOf(text)).toMatch(message);
  });

  it('is said of a variable by its name, and of --set as it was typed', () => {
    const env = { TIMEBAND_BROKER__PROT: '1', TIMEBAND_LOG__KEEP: 'many' };
    const message = problemsOf('', { env, set: ['storage.minFreeMb=-4'] });
    expect(message).toContain(
      'TIMEBAND_BROKER__PROT: there is no such setting; did you mean TIMEBAND_BROKER__PORT?',
    );
    expect(message).toContain('TIMEBAND_LOG__KEEP: should be a whole number from 1 to 1000 (it is "many")');
    expect(message).toContain('--set storage.minFreeMb: should be a number, 0 or more (it is -4)');
  });

  it.each([
    ['broker', /--set broker: give a setting and its value/],
    ['broker.__proto__.x=1', /"__proto__" is no name/],
    ['constructor.x=1', /--set constructor\.x: there is no such setting/],
    ['site.x=1', /there is a value there/],
    ['links.7.path=x', /the list has 0 entries/],
    ['broker.listeners=[', /not YAML/],
  ])('is said of --set %s', (argument, message) => {
    expect(problemsOf('', { set: [argument] })).toMatch(message);
    expect(Object.getPrototypeOf({})).not.toHaveProperty('x');
  });

  it('never shows a password that stands in an address', () => {
    const message = problemsOf('uplink: { url: "mqtts://box:hunter2@city:8883" }\n');
    expect(message).toContain('no name or password in an address');
    expect(message).not.toContain('hunter2');
  });

  it('is said of text that is no YAML, with its line', () => {
    expect(problemsOf('broker: { port: 1\n')).toMatch(/gateway\.yaml:\d+ is not YAML/);
    expect(problemsOf('log: {}\nlog: {}\n')).toMatch(/gateway\.yaml:4 is not YAML: Map keys must be unique/);
    expect(problemsOf(`a: &a [x, x]\nb: &b [${'*a, '.repeat(50)}]\nc: [${'*b, '.repeat(50)}]\n`)).toMatch(
      /not YAML/,
    );
  });
});
