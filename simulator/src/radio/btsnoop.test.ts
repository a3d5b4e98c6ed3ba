import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, snoopHeader, snoopRecord, toHex } from '@timeband/protocol';
import { SnoopFile } from './btsnoop.js';

const RESET = fromHex('01030c00');
const UNIX_MS = Date.UTC(2024, 0, 2, 3, 4, 5, 678);

describe('a btsnoop file', () => {
  it('begins with its name, version 1 and the datalink of H4', () => {
    expect(toHex(snoopHeader())).toBe('6274736e6f6f700000000001000003ea');
  });

  it('holds each packet with lengths, direction, and microseconds since the year 0', () => {
    // 62,168,256,000 s from 0000-01-01 to 1970, as the format's authors count them
    const micros = (62_168_256_000n + BigInt(UNIX_MS) / 1_000n) * 1_000_000n + 678_000n;
    const time = micros.toString(16).padStart(16, '0');
    expect(toHex(snoopRecord(RESET, false, UNIX_MS))).toBe(
      `00000004` + `00000004` + `00000002` + `00000000` + time + `01030c00`,
    );
    expect(toHex(snoopRecord(fromHex('040e0401030c00'), true, UNIX_MS)).slice(16, 24)).toBe('00000003');
    expect(toHex(snoopRecord(fromHex('0240000000'), false, UNIX_MS)).slice(16, 24)).toBe('00000000');
    expect(toHex(snoopRecord(fromHex('0240200000'), true, UNIX_MS)).slice(16, 24)).toBe('00000001');
  });

  it('is whole on disk after every packet', () => {
    const dir = mkdtempSync(join(tmpdir(), 'snoop-'));
    const path = join(dir, 'radio.btsnoop');
    const file = new SnoopFile(path);
    file.write(RESET, false, UNIX_MS);
    expect(readFileSync(path)).toEqual(
      Buffer.from(concat(snoopHeader(), snoopRecord(RESET, false, UNIX_MS))),
    );
    file.close();
    rmSync(dir, { recursive: true });
  });
});
