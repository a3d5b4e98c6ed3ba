import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../config/index.js';
import { openLogger } from './logger.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'timeband-log-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true });
});

const settings = { level: 'info' as const, file: 'gateway.log', maxSizeMb: 0.1, keep: 2 };
const files = (): string[] => readdirSync(dataDir).filter((name) => name.startsWith('gateway.'));
const lines = (name: string): string[] => readFileSync(join(dataDir, name), 'utf8').trim().split('\n');

describe('the log in files', () => {
  it('is for its owner alone, and says when and what', async () => {
    const { log, close } = await openLogger({ log: settings, dataDir });
    log.info({ link: '/dev/ttyUSB0' }, 'reader connected');
    await close();
    expect(files()).toEqual(['gateway.1.log']);
    expect(statSync(join(dataDir, 'gateway.1.log')).mode & 0o777).toBe(0o600);
    expect(JSON.parse(lines('gateway.1.log')[0] ?? '')).toMatchObject({
      ...{
        time: expect.stringMatching(/^2\d{3}-/) as unknown,
        msg: 'reader connected',
        link: '/dev/ttyUSB0',
      },
    });
  });

  it('begins a new file when one is full, and removes the oldest, also of an earlier run', async () => {
    for (let run = 0; run < 2; run++) {
      const { log, close } = await openLogger({ log: settings, dataDir });
      for (let line = 0; line < 600; line++) {
        log.info({ line }, 'x'.repeat(1_000));
        await new Promise((resolve) => setImmediate(resolve)); // files change between two turns of the loop
      }
      await close();
    }
    const numbers = files().map((name) => Number(name.split('.')[1]));
    expect(Math.max(...numbers)).toBeGreaterThan(8);
    expect(numbers.length).toBeGreaterThan(1);
    expect(numbers.length).toBeLessThanOrEqual(settings.keep + 1);
    for (const name of files()) expect(statSync(join(dataDir, name)).size).toBeLessThan(150_000);
  });

  it('has nothing of a secret, however deep it was logged', async () => {
    const { log, close } = await openLogger({ log: settings, dataDir });
    log.info({ password: 'hunter2', account: { hash: 'c2VjcmV0' }, a: { b: { key: '00ff00ff' } } }, 'oops');
    await close();
    const [line] = lines('gateway.1.log');
    expect(line).toContain('oops');
    expect(line).not.toMatch(/hunter2|c2VjcmV0|00ff00ff/);
  });

  it('is refused with a sentence where it cannot be written', async () => {
    const log = { ...settings, file: 'nowhere/gateway.log' };
    await expect(openLogger({ log, dataDir })).rejects.toThrow(ConfigError);
  });
});
