import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chainHash,
  deriveDeviceKey,
  encodeRecord,
  genesisHash,
  issueCertificate,
  KIND,
  keyThumbprint,
  logIdOf,
  PrivateKey,
  proveRecord,
  punchBody,
  type RecordProof,
  signSeal,
  toHex,
} from '@timeband/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bandctl, type Outcome } from '../test-support/bandctl.js';
import { certify, issuerCertificate, issuerKey, NOW, SITE } from '../test-support/device.js';
import { EXIT } from './exit-codes.js';

const readerKey = PrivateKey.generate();
const strangerKey = PrivateKey.generate();
const thumbprint = keyThumbprint(readerKey.publicKey);
const genesis = genesisHash({ site: SITE, device: 'reader-1', thumbprint, epoch: 1 });
const time = { quality: 'set', wall: NOW, age: 60 } as const;

const records = [1, 2, 3, 4].map((seq) =>
  seq === 4
    ? Uint8Array.of(0xff, seq)
    : encodeRecord({
        ...{ kind: KIND.punch, seq, boot: 1, uptime: seq, time, salt: new Uint8Array(8).fill(seq) },
        body: punchBody({
          ...{ direction: 'out', service: 101 },
          proof: { kind: 'uid', uid: Uint8Array.of(4, 1, 2, 3) },
        }),
      }),
);
const hashAt = (seq: number): Uint8Array => records.slice(0, seq).reduce(chainHash, genesis);

const sealOf = (first: number, last: number, key = readerKey): Uint8Array =>
  signSeal(key, SITE, {
    ...{ logId: logIdOf(genesis), first, last, hashBefore: hashAt(first - 1), hashLast: hashAt(last) },
    ...{ nonce: new Uint8Array(16), boot: 1, uptime: 9, time },
  });
const certificate = certify('reader-1', 'reader', readerKey);

function proofOf(seq: number, changed: Partial<RecordProof> = {}): Uint8Array {
  return proveRecord(
    {
      ...{ seq, previous: hashAt(seq - 1), record: records[seq - 1] ?? new Uint8Array() },
      ...{ seal: sealOf(1, 4), certificate },
      ...changed,
    },
    records.slice(seq),
  );
}

describe('bandctl verify-proof', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'proof-'));
    writeFileSync(join(dir, 'issuer.cwt'), issuerCertificate);
    writeFileSync(join(dir, 'good'), proofOf(2));
    writeFileSync(join(dir, 'stranger.cwt'), certify('dahaiyang-issuer', 'issuer', strangerKey, strangerKey));
  });
  afterAll(() => {
    rmSync(dir, { recursive: true });
  });

  const verify = (proof: Uint8Array | string, ...options: string[]): Promise<Outcome> =>
    bandctl(
      [
        ...['verify-proof', typeof proof === 'string' ? join(dir, proof) : '-'],
        ...['--issuer', join(dir, 'issuer.cwt'), ...options],
      ],
      {},
      { readInput: () => (typeof proof === 'string' ? new Uint8Array() : proof) },
    );
  const words = async (proof: Uint8Array): Promise<string> => {
    const { exitCode, out } = await verify(proof);
    expect(exitCode).toBe(EXIT.refused);
    expect(out[0]).toContain('Do not trust this proof');
    return out.join('\n');
  };

  it('says in plain words what a device signed, and what that does not show', async () => {
    const { exitCode, out, err } = await verify('good');
    expect([exitCode, err]).toEqual([EXIT.ok, []]);
    expect(out.join('\n')).toMatch(
      /good: reader-1 of dahaiyang signed[^]*record: 2 of log [0-9a-f]{32}[^]*check-out of tag-04010203, service 101[^]*2025-[^]*set 60 s before[^]*records 1 to 4[^]*not that it is true/,
    );
  });

  it('prints everything as one JSON object for programs', async () => {
    const { out } = await verify('good', '--json');
    expect(JSON.parse(out.join(''))).toMatchObject({
      ...{ verdict: 'good', device: 'reader-1', seq: 2, type: 'punch', service: 101, tag: 'tag-04010203' },
      ...{ record: toHex(records[1] ?? new Uint8Array()), sealed: { first: 1, last: 4 } },
    });
    const bad = await verify(Uint8Array.of(0x80), '--json');
    expect(JSON.parse(bad.out.join(''))).toMatchObject({ verdict: 'refused', code: 'log/proof' });
    expect(bad.exitCode).toBe(EXIT.refused);
  });

  it('takes standard input, also as the hexadecimal that the gateway prints', async () => {
    expect((await verify(proofOf(1))).exitCode).toBe(EXIT.ok);
    expect((await verify(new TextEncoder().encode(`${toHex(proofOf(1))}\n`))).exitCode).toBe(EXIT.ok);
  });

  it('shows bytes that are no record for what they are: the device signed them too', async () => {
    const { exitCode, out } = await verify(proofOf(4));
    expect([exitCode, out.join('')]).toEqual([EXIT.ok, expect.stringContaining('no record: ff04')]);
  });

  it('is not fooled by any bit', async () => {
    const good = proofOf(2);
    for (let bit = 0; bit < good.length * 8; bit += 13) {
      const bent = Uint8Array.from(good);
      bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect((await verify(bent)).exitCode).toBe(EXIT.refused);
    }
  });

  it('has words of their own for each way in which a proof can be bad', async () => {
    const macKey = deriveDeviceKey(new Uint8Array(32), { site: SITE, device: 'band-7' }, 1);
    const ofMac = issueCertificate(issuerKey, {
      ...{ issuer: 'dahaiyang-issuer', subject: 'band-7', role: 'band', site: SITE },
      ...{ notBefore: NOW - 100, expires: NOW + 100, key: macKey },
    });
    expect(await words(proofOf(2, { record: records[0] ?? genesis }))).toContain(
      'not what the device signed',
    );
    expect(await words(proofOf(2, { seal: sealOf(3, 4) }))).toContain(
      'not one of those that the seal covers',
    );
    expect(await words(proofOf(2, { seal: sealOf(1, 4, strangerKey) }))).toContain(
      'not signed by the device',
    );
    expect(await words(proofOf(2, { certificate: ofMac }))).toContain('only MACs');
    const operator = certify('operator-1', 'operator', readerKey);
    expect(await words(proofOf(2, { certificate: operator }))).toContain('not that of a device');
    const foreign = certify('reader-1', 'reader', readerKey, strangerKey);
    expect(await words(proofOf(2, { certificate: foreign }))).toContain('another issuer');
    expect(await words(proofOf(2).subarray(0, 99))).toContain('no proof of a record');
  });

  it('ends with 3 when a file is not there, and with 2 on wrong usage', async () => {
    expect((await verify('nowhere')).exitCode).toBe(EXIT.notReachable);
    expect((await bandctl(['verify-proof', join(dir, 'good')])).exitCode).toBe(EXIT.usage);
    expect((await bandctl(['verify-proof', '--help'])).out.join('')).toContain('Examples');
  });
});
