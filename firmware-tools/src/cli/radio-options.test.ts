import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from './exit-codes.js';
import { parseAdapter, readBandKeys } from './radio-options.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'radio-options-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

describe('the choice of a Bluetooth controller', () => {
  it.each([
    ['hci1', { kind: 'native', adapter: 1 }],
    ['0', { kind: 'native', adapter: 0 }],
    ['/dev/ttyACM0', { kind: 'serial', path: '/dev/ttyACM0', baudRate: 1_000_000, flowControl: true }],
    ['./x,115200,noflow', { kind: 'serial', path: './x', baudRate: 115_200, flowControl: false }],
  ])('takes %s', (text, choice) => {
    expect(parseAdapter(text)).toEqual(choice);
  });

  it.each(['', 'ttyACM0', '/dev/ttyACM0,fast', '/dev/x,9600,9600', 'hci'])('refuses "%s"', (text) => {
    expect(() => parseAdapter(text)).toThrow(/hci0/);
  });
});

describe('a list of the keys of bands', () => {
  const irk = 'ec0234a357c8ad05341010a60a397d9b';
  const file = (content: string, mode = 0o600): string => {
    const path = join(dir, 'bands.json');
    writeFileSync(path, content, { mode });
    return path;
  };

  it('is read as the gateway reads it', () => {
    const keys = readBandKeys(file(JSON.stringify([{ device: 'band-7', irk }])), {});
    expect(keys).toEqual([{ device: 'band-7', irk: Uint8Array.from(Buffer.from(irk, 'hex')) }]);
  });

  it.each([
    '[',
    '{}',
    '[7]',
    `[{"device": "Band 7", "irk": "${irk}"}]`,
    '[{"device": "band-7", "irk": "ec"}]',
  ])('that is %s is refused without a word of what is in it', (content) => {
    expect(() => readBandKeys(file(content), {})).toThrow(
      expect.objectContaining({
        exitCode: EXIT.refused,
        message: expect.not.stringContaining('ec02') as string,
      }) as Error,
    );
  });

  it('that others can read is refused, and so is a register that nobody vouches for', () => {
    expect(() => readBandKeys(file('[]', 0o644), {})).toThrow(/chmod 600/);
    rmSync(join(dir, 'bands.json'));
    expect(() => readBandKeys(file('timeband-register 1\n'), {})).toThrow(/--issuer/);
  });
});
