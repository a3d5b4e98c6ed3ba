import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { toHex } from '@timeband/protocol';
import { bandctl } from '../test-support/bandctl.js';
import { certificate, issuerCertificate } from '../test-support/device.js';
import { EXIT } from './exit-codes.js';

const dir = mkdtempSync(join(tmpdir(), 'decode-'));
const file = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(dir, name), bytes);
  return join(dir, name);
};
const issuer = file('issuer.cwt', issuerCertificate);

afterAll(() => {
  rmSync(dir, { recursive: true });
});

describe('bandctl decode', () => {
  it('says what was pasted, with the bytes beside their meaning', async () => {
    const { exitCode, out } = await bandctl('decode 0800000300540701a10101');
    expect(exitCode).toBe(EXIT.ok);
    expect(out.join('\n').split('\n')).toEqual([
      'SMP packet, 11 bytes: status asks: seen 1',
      '  ✓ well-formed',
      '    08 00 0003 0054 07 01 # read, 3 bytes, group 84, sequence 7, command 1',
      expect.stringMatching(/^ {4}a1 +# a map of 1$/),
      '      01 01 # seen: 1',
    ]);
  });

  it('checks a file against the issuer, and exits with 4 when it does not hold', async () => {
    const good = await bandctl(['decode', file('device.cwt', certificate), '--issuer', issuer, '--brief']);
    expect(good.exitCode).toBe(EXIT.ok);
    expect(good.out.join()).toContain('✓ certified by whom you believe, in force');
    const spoiled = Uint8Array.from(certificate, (byte, i) =>
      i === certificate.length - 1 ? byte ^ 1 : byte,
    );
    const bad = await bandctl(['decode', file('spoiled.cwt', spoiled), '--issuer', issuer, '--json']);
    expect(bad.exitCode).toBe(EXIT.refused);
    expect(JSON.parse(bad.out.join())).toMatchObject({
      what: 'certificate',
      verdicts: [{ holds: true }, { holds: false, code: 'cert/signature' }],
    });
  });

  it('reads standard input', async () => {
    const { out } = await bandctl(
      'decode - --brief',
      {},
      { readInput: () => new TextEncoder().encode(toHex(certificate)) },
    );
    expect(out.join()).toContain('certificate, ');
  });

  it.each([
    ['decode nothing.cbor', EXIT.notReachable, 'no such file'],
    ['decode xyz!', EXIT.usage, 'neither hexadecimal nor base64'],
    ['decode a1 --address 12', EXIT.usage, 'is no address'],
  ])('%s ends with %i', async (line, code, says) => {
    const { exitCode, err } = await bandctl(line);
    expect(exitCode).toBe(code);
    expect(err.join()).toContain(says);
  });
});
