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

  it('is not quoted when it is wrong', () => {
    writeFileSync(file, JSON.stringify([{ device: 'Band 7', irk: IRK }]), { mode: 0o600 });
    expect(() => readBandKeys(file)).toThrow(/is not a list of bands/);
    expect(() => readBandKeys(file)).not.toThrow(new RegExp(IRK));
  });
});
