import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPorts, parseUsbIdentity } from './ports.js';

describe('ports', () => {
  let dir: string;
  const here = (...names: string[]): string[] => names.map((name) => join(dir, name));

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'ports-'));
    for (const name of ['ttyB1', 'ttyA1', 'ttyA10', 'usb.0', 'usb+0', 'odd[1]'])
      writeFileSync(join(dir, name), '');
    symlinkSync('/dev/null', join(dir, 'link'));
    for (const hub of ['hub1', 'hub2']) {
      mkdirSync(join(dir, hub));
      writeFileSync(join(dir, hub, 'port'), '');
    }
  });
  afterAll(() => {
    rmSync(dir, { recursive: true });
  });

  it('are a path that is there, whatever its characters', async () => {
    expect(await findPorts(join(dir, 'ttyA1'))).toEqual(here('ttyA1'));
    expect(await findPorts(join(dir, 'odd[1]'))).toEqual(here('odd[1]'));
  });

  it('may be character devices', async () => {
    expect(await findPorts('/dev/nul*')).toEqual(['/dev/null']);
  });

  it.each([
    ['tty*', ['ttyA1', 'ttyA10', 'ttyB1']],
    ['tty?1', ['ttyA1', 'ttyB1']],
    ['tty[A]*', ['ttyA1', 'ttyA10']],
    ['tty[!A]*', ['ttyB1']],
    ['*.0', ['usb.0']],
    ['usb+*', ['usb+0']],
    ['lin?', ['link']],
    ['hub*/port', ['hub1/port', 'hub2/port']],
    ['hub[12]/po*', ['hub1/port', 'hub2/port']],
    ['hub*/none', []],
    ['ttyA1/*', []],
    ['none*', []],
    ['tty[', []],
    ['tty[z-a]', []],
  ])('that %s matches', async (glob, names) => {
    expect(await findPorts(join(dir, glob))).toEqual(here(...names));
  });

  it('are none where nothing is there', async () => {
    expect(await findPorts(join(dir, 'ttyZ'))).toEqual([]);
    expect(await findPorts('/no/such/dir/*')).toEqual([]);
  });

  it('may be named by what a USB device says it is', () => {
    expect(parseUsbIdentity('usb:10c4:EA60')).toEqual({ vendorId: '10c4', productId: 'EA60' });
    expect(parseUsbIdentity('usb:10c4:ea60:00:7F')).toMatchObject({ serialNumber: '00:7F' });
    for (const other of ['usb:10c4', 'usb:10c4:ea6', 'usb:10c4:ea60:', '10c4:ea60'])
      expect(parseUsbIdentity(other)).toBeUndefined();
  });
});
