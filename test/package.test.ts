/** What a box is given runs by itself: nothing that it needs was pruned, and nothing of a checkout comes along. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '@timeband/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layOutTree } from '../packaging/dist/tree.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const UNIT = join(ROOT, 'packaging/files/systemd/timeband-gateway.service');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('a package of the gateway', { timeout: 60_000 }, () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'timeband-package-test-'));
    const release = { version: '9.8.7', commit: undefined, dirty: false, schema: 1, date: 0 };
    const machine = { node: '20.19.0', bundlesNode: false, arch: 'amd64' };
    layOutTree({ root: ROOT, dir: join(dir, 'version'), release: { ...release, ...machine } });
  }, 60_000);
  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it('makes a site, runs, writes its log into files and says which version it is', async () => {
    const gateway = join(dir, 'version/bin/timeband-gateway');
    const run = (...words: string[]) => spawnSync(gateway, words, { encoding: 'utf8' });
    expect(run('--version').stdout).toBe('9.8.7\n');
    const site = join(dir, 'site');
    expect(run('init', site, '--site', 'dahaiyang', '--mqtt-port', '0').status).toBe(0);
    const config = join(site, 'gateway.yaml');
    appendFileSync(
      config,
      '  file: gateway.log\nmonitoring: { port: 0 }\nradio: { path: /dev/nothing-here }\n',
    );
    const bin = join(dir, 'version/node_modules/@timeband/gateway/bin/timeband-gateway.js');
    const child = new Child(
      'the packaged gateway',
      [bin, 'run', '--config', config],
      join(dir, 'errors.log'),
    );
    await child.expect((message) => (message['ready'] === true ? true : undefined));
    await child.end();
    const log = readdirSync(site).filter((name) => /^gateway\.\d+\.log$/.test(name));
    expect(readFileSync(join(site, log[0] ?? ''), 'utf8')).toContain('broker listening');
  });

  it('has the technicians’ tool, licences, and no tests or sources of ours', () => {
    const modules = join(dir, 'version/node_modules');
    expect(spawnSync(join(dir, 'version/bin/bandctl'), ['--help']).status).toBe(0);
    expect(existsSync(join(modules, 'better-sqlite3/LICENSE'))).toBe(true);
    const ours = readdirSync(join(modules, '@timeband'), { recursive: true, encoding: 'utf8' });
    expect(ours.filter((name) => /\.test\.|\.map$|\.ts$|(^|\/)src(\/|$)/.test(name))).toEqual([]);
    expect(readdirSync(join(modules, '@timeband')).sort()).toEqual([
      'firmware-tools',
      'gateway',
      'protocol',
      'radio',
    ]);
  });

  it.runIf(hasSystemd)('brings a unit that systemd takes, and finds little exposed', () => {
    const verify = spawnSync('systemd-analyze', ['verify', UNIT], { encoding: 'utf8' });
    const complaints = verify.stderr
      .split('\n')
      .filter((line) => line !== '' && !line.includes('is not executable'));
    expect(complaints).toEqual([]);
    const security = ['security', '--offline=yes', '--threshold=21', UNIT];
    expect(spawnSync('systemd-analyze', security).status).toBe(0);
  });
});
