/** The proof of one record, as an auditor gets and checks it: by the real programs. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type CborValue,
  decodeRecord,
  decodeRecordProof,
  decodeStrict,
  encode,
  issueCertificate,
  PrivateKey,
  sha256,
  toHex,
} from '@timeband/protocol';
import type { Child } from '@timeband/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BANDCTL_BIN, Centre, GATEWAY_BIN, SITE, type VerifyingClient } from './support/centre.js';

interface Outcome {
  readonly exitCode: number;
  readonly out: string;
}

const run = promisify(execFile);

async function outcome(args: readonly string[]): Promise<Outcome> {
  try {
    const { stdout } = await run(process.execPath, [...args]);
    return { exitCode: 0, out: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, out: stdout + stderr };
  }
}

describe('the proof of a record', () => {
  let centre: Centre;
  let client: VerifyingClient;
  let reader: Child;
  const file = (name: string): string => join(centre.dir, name);
  const exportProof = (record: number, ...args: string[]): Promise<Outcome> =>
    outcome([
      ...[GATEWAY_BIN, 'export', '--proof', '--device', 'reader-1', '--record', String(record)],
      ...['--config', centre.config, ...args],
    ]);
  const verify = (name: string, ...args: string[]): Promise<Outcome> =>
    outcome([
      ...[BANDCTL_BIN, 'verify-proof', file(name)],
      ...['--issuer', String(centre.files['issuerCertificate']), ...args],
    ]);

  beforeAll(async () => {
    centre = await Centre.create();
    await centre.startGateway();
    client = await centre.subscribe();
    reader = await centre.startReader('reader-1', ['--rate', '0', '--bands', '40']);
    await client.until((events) => events.length === 1);
    // Faster than a seal is asked for, so that one covers them all.
    for (const number of [1, 2, 3, 4, 5]) reader.tell(`tap ${number} in 101`);
    await client.until((events) => events.length === 6);
    await exportProof(3, '--out', file('proof'));
  });
  afterAll(() => centre.close());

  it('is accepted by who knows the issuer alone, and says what the record says', async () => {
    const { exitCode, out } = await verify('proof', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ...{ verdict: 'good', site: SITE, device: 'reader-1', seq: 3, type: 'punch', direction: 'in' },
      ...{ service: 101, tag: expect.stringMatching(/^tag-/) as string, sealed: { last: 6 } },
    });
    expect((await verify('proof')).out).toMatch(/good: reader-1 of dahaiyang signed[^]*check-in of tag-/);
  });

  it('is the same in hexadecimal and as JSON', async () => {
    const bytes = readFileSync(file('proof'));
    const { out: hex } = await exportProof(3);
    expect(hex.trim()).toBe(bytes.toString('hex'));
    writeFileSync(file('hex'), hex);
    expect((await verify('hex')).exitCode).toBe(0);
    expect(JSON.parse((await exportProof(3, '--json')).out)).toEqual({
      ...{ device: 'reader-1', record: 3, bytes: bytes.length, proof: bytes.toString('base64') },
    });
  });

  it('is refused when one bit of any part of it is another', async () => {
    const parts = decodeStrict(readFileSync(file('proof'))) as readonly CborValue[];
    const names = ['label', 'version', 'seq', 'previous', 'record', 'later', 'seal', 'certificate'];
    expect(parts).toHaveLength(names.length);
    const flip = (part: CborValue | undefined): CborValue => {
      if (typeof part === 'number') return part ^ 1;
      if (typeof part === 'string') return 'tb-prooF';
      const bytes = Uint8Array.from(part as Uint8Array);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      return bytes;
    };
    for (const [i, name] of names.entries()) {
      writeFileSync(file('bent'), encode(parts.with(i, flip(parts[i]))));
      const { exitCode, out } = await verify('bent');
      expect([name, exitCode]).toEqual([name, 4]);
      expect(out).toContain('Do not trust this proof');
    }
  });

  it('is refused by who trusts another issuer, and where the device is another’s', async () => {
    const key = PrivateKey.generate();
    const now = Math.floor(Date.now() / 1_000);
    const issuer = issueCertificate(key, {
      ...{ issuer: `${SITE}-issuer`, subject: `${SITE}-issuer`, role: 'issuer', site: SITE },
      ...{ notBefore: now - 60, expires: now + 3_600, key: key.publicKey },
    });
    writeFileSync(file('other-issuer'), issuer);
    const { exitCode, out } = await verify('proof', '--issuer', file('other-issuer'));
    expect([exitCode, out]).toEqual([4, expect.stringContaining('another issuer')]);
  });

  it('discloses no other record: neither its bytes, nor its salt, nor whose it is', () => {
    const records = client.events.map(({ event }) => event.record);
    expect(records).toHaveLength(6);
    const proof = readFileSync(file('proof'));
    const { record, later } = decodeRecordProof(proof);
    const isInside = (bytes: Uint8Array): boolean => toHex(proof).includes(toHex(bytes));
    for (const bytes of records) {
      const { seq, salt } = decodeRecord(bytes);
      const isShown = seq === 3;
      expect(isInside(bytes)).toBe(isShown);
      expect(isInside(salt)).toBe(isShown);
    }
    expect(toHex(record)).toBe(toHex(records[2] ?? new Uint8Array()));
    const hashes = records.slice(3).map((bytes) => toHex(sha256(bytes)));
    expect(toHex(later)).toBe(hashes.join(''));
  });

  it('is not to be had of a record that there is not, and says how to ask', async () => {
    expect((await exportProof(999)).exitCode).toBe(3);
    expect((await exportProof(3, '--epoch', '2')).exitCode).toBe(3);
    expect((await exportProof(3, '--epoch', '1')).exitCode).toBe(0);
    expect((await exportProof(0)).exitCode).toBe(2);
    const bare = await outcome([GATEWAY_BIN, 'export', '--device', 'reader-1', '--config', centre.config]);
    expect(bare.exitCode).toBe(2);
    expect((await outcome([GATEWAY_BIN, 'export', '--help'])).out).toContain('bandctl verify-proof');
  });
});
