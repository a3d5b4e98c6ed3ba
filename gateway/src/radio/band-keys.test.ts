import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex } from '@timeband/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBandKeys } from './band-keys.js';

const IRK = 'ec0234a357c8ad05341010a60a397d9b';

describe('the file of bands', () => {
  let dir: string;
  let file: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'bands-'));
    file = join(dir, 'bands.json');
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it('names each band with the key of its addresses', () => {
    writeFileSync(file, JSON.stringify([{ device: 'band-7', irk: IRK }]), { mode: 0o600 });
    expect(readBandKeys(file)).toEqual([{ device: 'band-7', irk: fromHex(IRK) }]);
  });

  it('that others can read is refused: whoever has a key can follow its band', () => {
    writeFileSync(file, '[]');
    chmodSync(file, 0o644);
    expect(() => readBandKeys(file)).toThrow(/chmod 600/);
  });

  it('that names a band twice, or gives two bands one key, is refused with their names and without the key', () => {
    const other = { device: 'band-8', irk: IRK };
    for (const [entries, says] of [
      [
        [
          { device: 'band-7', irk: IRK },
          { device: 'band-7', irk: '00'.repeat(16) },
        ],
        /names band-7 twice/,
      ],
      [[{ device: 'band-7', irk: IRK }, other], /gives band-7 and band-8 the same key/],
    ] as const) {
      writeFileSync(file, JSON.stringify(entries), { mode: 0o600 });
      expect(() => readBandKeys(file)).toThrow(says);
      expect(() => readBandKeys(file)).not.toThrow(new RegExp(IRK));
    }
  });

  it('is not quoted when it is wrong', () => {
    writeFileSync(file, JSON.stringify([{ device: 'Band 7', irk: IRK }]), { mode: 0o600 });
    expect(() => readBandKeys(file)).toThrow(/is not a list of bands/);
    expect(() => readBandKeys(file)).not.toThrow(new RegExp(IRK));
  });
});
