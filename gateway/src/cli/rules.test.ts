/** The document that `rules sign` makes, as a gateway reads it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPolicy, PrivateKey, TrustStore } from '@timeband/protocol';
import { writePrivateKeyPem } from '@timeband/protocol/pem';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_RULES, readRules } from '../ledger/rules.js';
import { run } from './program.js';

describe('rules sign', () => {
  const key = PrivateKey.generate();
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'rules-'));
    writeFileSync(join(dir, 'issuer.key'), writePrivateKeyPem(key), { mode: 0o600 });
    vi.spyOn(console, 'log').mockReturnValue();
    vi.spyOn(console, 'error').mockReturnValue();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(dir, { recursive: true });
  });
  const sign = (...rules: string[]): Promise<number> =>
    run([
      ...['node', 'timeband-gateway', 'rules', 'sign', ...rules, '--number', '3', '--site', 'dahaiyang'],
      ...['--issuer-key', join(dir, 'issuer.key'), '--out', join(dir, 'rules.cose')],
    ]);

  it('makes what the issuer signed, with what is not named as it comes', async () => {
    expect(await sign('lookInAt=750', 'mealCost=800')).toBe(0);
    const document = readFileSync(join(dir, 'rules.cose'));
    const trust = new TrustStore([key.publicKey]);
    const { number, content } = openPolicy(document, trust, { site: 'dahaiyang' });
    if (content.type !== 'rules') expect.fail();
    expect(readRules(number, content.body)).toEqual({
      ...{ ...DEFAULT_RULES, version: 3 },
      ...{ lookInAt: 750, mealCost: 800 },
    });
  });

  it('refuses what nothing can go by, and names that there are not', async () => {
    expect(await sign('lookInAt=1440')).toBe(4);
    expect(await sign('lunch=1')).toBe(2);
    expect(await sign('version=9')).toBe(2);
    expect(await sign('lookInAt')).toBe(2);
    expect(() => readFileSync(join(dir, 'rules.cose'))).toThrow('ENOENT');
  });
});
